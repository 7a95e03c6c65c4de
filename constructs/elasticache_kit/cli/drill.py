"""`elasticache-kit drill`: prove what clients see while something breaks."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from elasticache_kit.cli import EXIT_FAILED, EXIT_UNKNOWN, experiment, option, output
from elasticache_kit.cli.live import watching
from elasticache_kit.drills import report, runner
from elasticache_kit.drills.access import Access, tls_context
from elasticache_kit.drills.catalog import DRILLS
from elasticache_kit.drills.document import document
from elasticache_kit.drills.experiment import Experiment, Limits, Settings
from elasticache_kit.drills.verdict import Verdict
from elasticache_kit.errors import ConnectionFailedError, ValidationError
from elasticache_kit.ops import inventory, session

if TYPE_CHECKING:
    from elasticache_kit.drills.fault import Fault
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.session import Capability

_EXIT = {Verdict.PASSED: 0, Verdict.FAILED: EXIT_FAILED, Verdict.UNKNOWN: EXIT_UNKNOWN}


@click.group()
def drill() -> None:
    """Prove what clients see while something breaks."""


@drill.command("list")
def list_drills() -> None:
    """List the drills."""
    output.data("\n".join(f"{name:10} {known.summary}" for name, known in sorted(DRILLS.items())))


@drill.command()
@click.argument("name", metavar="DRILL", type=click.Choice(sorted(DRILLS)))
@click.argument("replication_group")
@option.node_group
@click.option(
    "--apply/--dry-run",
    "apply",
    default=None,
    help="Run it, or only show what it would do; when omitted it runs on a local ElastiCache and shows on AWS.",
)
@experiment.options
@click.option(
    "--username",
    envvar="ELASTICACHE_KIT_USER",
    help="User to sign in as, with the password in ELASTICACHE_KIT_PASSWORD.",
)
@click.option(
    "--report",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder for the report's files; none are written when omitted.",
)
@option.output
@option.aws
def run(
    name: str,
    replication_group: str,
    node_group: str | None,
    *,
    apply: bool | None,
    settings: Settings,
    limits: Limits,
    username: str | None,
    folder: Path | None,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Run DRILL on REPLICATION_GROUP under load, and judge what its clients saw.

    Exit codes: 0 passed, 1 failed, 2 usage, 3 unknown, 4 AWS or emulator error.
    """
    api = session.connect(region=region, profile=profile)
    group = inventory.replication_group(api, replication_group)
    fault = DRILLS[name].fault(api, group, node_group, settings.recovery_timeout_seconds)
    asked = Experiment(
        drill=name,
        group=group,
        node_group=node_group or next((each.node_group_id for each in group.node_groups), ""),
        access=_access(group, api.capability, username),
        settings=settings,
        limits=limits,
        region=api.region,
        capability=api.capability,
    )
    asked.require_endpoints()
    if api.capability is not None if apply is None else apply:
        sys.exit(_run(asked, fault, folder, form))
    _show(asked, fault, form)


def _run(asked: Experiment, fault: Fault, folder: Path | None, form: str) -> int:
    _require(folder)
    with watching(asked.settings.rate) as watch:
        result = runner.run(asked, fault, watch)
    paths = report.write(result, folder) if folder else {}
    if form == "json":
        output.document(document(result) | {"files": {kind: str(path) for kind, path in paths.items()}})
    else:
        output.data(report.text(result))
    for kind, path in paths.items():
        output.talk(f"{kind}: {path}")
    return _EXIT[result.verdict]


def _show(asked: Experiment, fault: Fault, form: str) -> None:
    if form == "json":
        output.document({"applied": False, "plan": asked.show(), "fault": fault.show()})
        return
    output.data(f"{asked.show()}\n{fault.show()}")
    output.talk("nothing was changed: run it with --apply")


def _access(group: ReplicationGroup, capability: Capability | None, username: str | None) -> Access:
    password = os.environ.get("ELASTICACHE_KIT_PASSWORD")
    if username and password is None:
        raise ConnectionFailedError(f"user {username!r} needs a password: set ELASTICACHE_KIT_PASSWORD")
    local = capability.ca_file if capability is not None else None
    ca_file = os.environ.get("ELASTICACHE_KIT_CA_FILE") or local
    resolver = capability.resolver if capability is not None else None
    return Access(tls_context(ca_file) if group.transit_encryption else None, username, password, resolver)


def _require(folder: Path | None) -> None:
    # Before the drill: a failover whose report cannot be written is a failover for nothing.
    try:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValidationError(f"the report folder {str(folder)!r} cannot be made: {error.strerror}") from error
