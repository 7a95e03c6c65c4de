"""`elasticache-kit drill`: prove what clients see while something breaks."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from elasticache_kit.cli import EXIT_FAILED, EXIT_UNKNOWN, experiment, option, output
from elasticache_kit.cli.live import watching
from elasticache_kit.drills import (
    client,
    earlier,
    guard,
    matrix,
    memcached_loss,
    putting_back,
    record,
    report,
    runner,
    slo,
)
from elasticache_kit.drills.access import Access, tls_context
from elasticache_kit.drills.catalog import DRILLS, Context
from elasticache_kit.drills.connection import LostError
from elasticache_kit.drills.document import document
from elasticache_kit.drills.experiment import Experiment, Limits, Settings
from elasticache_kit.drills.result import LOCAL_STAMP
from elasticache_kit.drills.stop_condition import StopCondition
from elasticache_kit.drills.verdict import Finding, Verdict, compose
from elasticache_kit.errors import ConnectionFailedError, RefusedError, ValidationError
from elasticache_kit.ops import inventory, session

if TYPE_CHECKING:
    from elasticache_kit.drills.fault import Fault
    from elasticache_kit.drills.record import Record
    from elasticache_kit.drills.result import Result
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.session import Capability, Session

_EXIT = {Verdict.PASSED: 0, Verdict.FAILED: EXIT_FAILED, Verdict.UNKNOWN: EXIT_UNKNOWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A drill as it was asked for.

    Args:
        api: where.
        experiment: what to run.
        node_group: the node group that was named; None where none was.
        stop: what ends it before its time.
        max_lag_seconds: how far a replica may be behind before it begins.
        objectives: what its trials are held against.
        trials: how often it is run.
    """

    api: Session
    experiment: Experiment
    node_group: str | None
    stop: StopCondition
    max_lag_seconds: float
    objectives: tuple[slo.Objective, ...] = ()
    trials: int = 1

    def fault(self, kept: Record | None = None, group: ReplicationGroup | None = None) -> Fault:
        """Make the fault; it writes down what it changes where a record is given."""
        settings = self.experiment.settings
        return DRILLS[self.experiment.drill].fault(
            Context(
                session=self.api,
                group=group or self.experiment.group,
                node_group=self.node_group,
                access=self.experiment.access,
                timeout_seconds=settings.recovery_timeout_seconds,
                run_id=self.experiment.run_id,
                hold_seconds=settings.hold_seconds,
                record=kept,
            )
        )


@click.group()
def drill() -> None:
    """Prove what clients see while something breaks."""


@drill.command("list")
@option.output
def list_drills(form: str) -> None:
    """List the drills, and the clients that may be put under test."""
    if form == "json":
        output.document(
            {
                "drills": {name: known.summary for name, known in DRILLS.items()},
                "clients": {
                    name: {"version": known.version, "settings": known.settings}
                    for name, known in client.SUBJECTS.items()
                },
            }
        )
        return
    output.data("\n".join(f"{name:17} {known.summary}" for name, known in sorted(DRILLS.items())))


@drill.command(
    epilog="Example: elasticache-kit drill run failover orders --client valkey-py --slo slo.yaml --report out"
)
@click.argument("name", metavar="DRILL", type=click.Choice(sorted(DRILLS)))
@click.argument("replication_group")
@experiment.common
@click.option("--trials", type=click.IntRange(min=1), default=1, show_default=True, help="How often it is run.")
@click.option(
    "--slo",
    "objectives",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Objectives for all trials, a line each, e.g. `write_outage_p95: 15s`.",
)
@click.option(
    "--report",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder for the report's files; none are written when omitted.",
)
@click.option(
    "--compare",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    metavar="FILE",
    help="The report.json of an earlier run, to hold this one against.",
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
    clients: tuple[str, ...],
    alarms: tuple[str, ...],
    max_lag: float,
    trials: int,
    objectives: Path | None,
    folder: Path | None,
    compare: Path | None,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Run DRILL on REPLICATION_GROUP under load, and judge what its clients saw.

    Exit codes: 0 passed, 1 failed, 2 usage, 3 unknown, 4 AWS or emulator error.
    """
    api = session.connect(region=region, profile=profile)
    asked = replace(
        _asked(api, name, replication_group, node_group, settings, limits, username, clients, alarms, max_lag),
        objectives=slo.read(objectives) if objectives is not None else (),
        trials=trials,
    )
    before = earlier.read(compare) if compare is not None else None
    if not _applies(api, apply=apply):
        _show(asked, asked.fault(), form)
        return
    _require(folder)
    results = [_trial(asked, number) for number in range(1, trials + 1)]
    findings = tuple(objective.judge(results) for objective in asked.objectives)
    sys.exit(_tell(results, findings, folder, form, before))


@drill.command("client-matrix", epilog="Example: elasticache-kit drill client-matrix orders --drill failover --apply")
@click.argument("replication_group")
@click.option("--drill", "name", type=click.Choice(sorted(DRILLS)), default="failover", show_default=True)
@experiment.common
@option.output
@option.aws
def client_matrix(
    replication_group: str,
    node_group: str | None,
    *,
    name: str,
    apply: bool | None,
    settings: Settings,
    limits: Limits,
    username: str | None,
    clients: tuple[str, ...],
    alarms: tuple[str, ...],
    max_lag: float,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Run one drill on REPLICATION_GROUP for each client and its settings, and put them into one table.

    All known clients when no --client is given; each has a drill to itself, so that none slows another down.
    """
    api = session.connect(region=region, profile=profile)
    asked = _asked(api, name, replication_group, node_group, settings, limits, username, clients, alarms, max_lag)
    names = clients or tuple(client.SUBJECTS)
    if not _applies(api, apply=apply):
        _show(asked, asked.fault(), form)
        return
    results: list[Result] = []
    for number, one in enumerate(names, 1):
        output.talk(f"client {one}, {number} of {len(names)}")
        alone = replace(asked, experiment=replace(asked.experiment, clients=(one,)))
        results.append(_trial(alone, 1))
    rows = matrix.rows(results)
    if form == "json":
        output.document({"drill": name, "stamp": results[0].stamp, "clients": matrix.document(results)})
    else:
        output.data("\n".join([*([results[0].stamp] if results[0].stamp else []), "", *report.table(rows)]))
    sys.exit(_EXIT[compose(finding for result in results for finding in result.findings)])


@drill.command("memcached-node-loss", epilog="Example: elasticache-kit drill memcached-node-loss sessions --apply")
@click.argument("cache_cluster")
@click.option(
    "--apply/--dry-run",
    "apply",
    default=None,
    help="Run it, or only show what it would do; when omitted it runs on a local ElastiCache and shows on AWS.",
)
@click.option("--keys", type=click.IntRange(min=100), default=1000, show_default=True, help="Keys to write.")
@click.option("--max-back", type=click.FloatRange(min=0), metavar="SECONDS", help="Longest until hits are back.")
@click.option("--timeout", type=click.FloatRange(min=1), default=300.0, show_default=True, help="How long to wait.")
@option.output
@option.aws
def memcached_node_loss(
    cache_cluster: str,
    *,
    apply: bool | None,
    keys: int,
    max_back: float | None,
    timeout: float,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Reboot a node of the Memcached CACHE_CLUSTER under reads: what it takes along, and when hits are back."""
    api = session.connect(region=region, profile=profile)
    cluster = memcached_loss.observe(api, cache_cluster)
    local = api.capability
    allowed = guard.opt_in(guard.tags(api, cluster.arn), local=local is not None)
    reasons = [*memcached_loss.refusals(cluster), *allowed]
    if reasons:
        raise RefusedError(f"a drill on {cache_cluster}", reasons)
    node = min(cluster.nodes)
    if not _applies(api, apply=apply):
        output.data(
            f"call RebootCacheCluster with CacheClusterId={cache_cluster}, CacheNodeIdsToReboot={node}, under reads"
        )
        output.talk("nothing was changed: run it with --apply")
        return
    run_id = secrets.token_hex(4)
    ca_file = os.environ.get("ELASTICACHE_KIT_CA_FILE") or (local.ca_file if local is not None else None)
    with record.opened(record.scope_of(api), cache_cluster, run_id):
        outcome = memcached_loss.Drill(
            session=api,
            cluster=cluster,
            run_id=run_id,
            keys=keys,
            timeout_seconds=timeout,
            tls=tls_context(ca_file) if cluster.tls else None,
        ).run()
    findings = outcome.findings(max_back)
    stamp = LOCAL_STAMP if local is not None else None
    if form == "json":
        output.document({"stamp": stamp, "verdict": compose(findings).value, **memcached_loss.document(outcome)})
    else:
        rows = [("node", "checked", "verdict", "found"), *report.rows(findings)]
        head = f"drill memcached-node-loss on {cache_cluster}: {compose(findings).upper()}"
        output.data("\n".join([head, *([stamp] if stamp else []), "", *report.table(rows)]))
    sys.exit(_EXIT[compose(findings)])


@drill.command(epilog="Example: elasticache-kit drill cleanup")
@option.aws
def cleanup(region: str | None, profile: str | None) -> None:
    """Put back what drills left that were killed: faults, replicas, shards, snapshots, restored groups and keys."""
    api = session.connect(region=region, profile=profile)
    whole, seen = True, 0
    for kept in record.left():
        try:
            if kept.scope != record.scope_of(api) or not kept.changes:
                continue
            seen += 1
            output.talk(f"drill {kept.run_id} on {kept.group}:")
            group = inventory.replication_group(api, kept.group)
            access = _access(group, api.capability, os.environ.get("ELASTICACHE_KIT_USER"))
            whole = putting_back.put_back(kept, api, access, output.talk) and whole
        finally:
            kept.close()
    output.data("everything is as it was" if seen and whole else "nothing was left" if whole else "not all is put back")
    sys.exit(0 if whole else EXIT_FAILED)


def _asked(  # noqa: PLR0917 - what two commands are given
    api: Session,
    name: str,
    replication_group: str,
    node_group: str | None,
    settings: Settings,
    limits: Limits,
    username: str | None,
    clients: tuple[str, ...],
    alarms: tuple[str, ...],
    max_lag: float,
) -> Asked:
    for one in clients:
        client.find(one)
    group = inventory.replication_group(api, replication_group)
    asked = Experiment(
        drill=name,
        group=group,
        node_group=node_group or next((each.node_group_id for each in group.node_groups), ""),
        access=_access(group, api.capability, username),
        settings=settings,
        limits=replace(limits, durability=group.durability),
        region=api.region,
        capability=api.capability,
        clients=clients,
    )
    asked.require_endpoints()
    stop = StopCondition(settings.stop_outage_seconds, alarms, api)
    return Asked(api=api, experiment=asked, node_group=node_group, stop=stop, max_lag_seconds=max_lag)


def _applies(api: Session, *, apply: bool | None) -> bool:
    return api.capability is not None if apply is None else apply


def _trial(asked: Asked, number: int) -> Result:
    """Run one trial within the guard rails, and put everything back however it ends."""
    api, one = asked.api, asked.experiment
    group = inventory.replication_group(api, one.group.replication_group_id)
    one = replace(one, group=group, run_id=one.run_id if number == 1 else f"{one.run_id}-{number}")
    trial = replace(asked, experiment=one)
    with record.opened(record.scope_of(api), group.replication_group_id, one.run_id) as kept:
        fault = trial.fault(kept)
        if DRILLS[one.drill].breaks:
            _guard(trial, DRILLS[one.drill].failovers(group))
        keys = record.Change("keys", {"run_id": one.run_id})
        kept.note(keys)
        back = partial(putting_back.put_back, kept, api, one.access, output.talk)
        whole = True
        try:
            with watching(one.settings.rate) as watch:
                result = runner.run(
                    one, fault, watch, stop=trial.stop, put_back=partial(_faults_back, kept, keys, back)
                )
            if result.cleaned_up:
                kept.forget(keys)
        finally:
            whole = back()
            if not whole:
                output.talk("not everything is put back: run `elasticache-kit drill cleanup`")
    return result if whole else replace(result, cleaned_up=False)


def _faults_back(kept: Record, keys: record.Change, back: partial[bool]) -> None:
    # The load still goes on: its keys are not to be removed yet.
    kept.changes.remove(keys)
    try:
        back()
    finally:
        kept.note(keys)


def _guard(asked: Asked, failovers: int) -> None:
    """Refuse what could harm.

    Raises:
        RefusedError: with every reason.
        ConnectionFailedError: a primary cannot be reached.
    """
    one = asked.experiment
    observed = guard.observe(asked.api, one.group, failovers)
    try:
        lag = asyncio.run(guard.lags(one.group, one.access))
    except LostError as error:
        raise ConnectionFailedError(
            f"{one.group.replication_group_id} cannot be reached from here: {error}. Check the security group, that "
            "this machine is inside the VPC, ELASTICACHE_KIT_CA_FILE for TLS, and the password"
        ) from error
    seen = replace(observed, lag_seconds=lag)
    reasons = [*guard.refusals(seen, max_lag_seconds=asked.max_lag_seconds), *asked.stop.reasons()]
    if reasons:
        raise RefusedError(f"a drill on {one.group.replication_group_id}", reasons)


def _tell(
    results: Sequence[Result],
    findings: tuple[Finding, ...],
    folder: Path | None,
    form: str,
    before: earlier.Earlier | None,
) -> int:
    last = replace(results[-1], findings=(*results[-1].findings, *findings), earlier=before, trials=tuple(results))
    paths = report.write(last, folder) if folder else {}
    if form == "json":
        output.document(document(last) | {"files": {kind: str(path) for kind, path in paths.items()}})
    else:
        output.data(report.text(last))
    for kind, path in paths.items():
        output.talk(f"{kind}: {path}")
    return _EXIT[compose([finding for result in results for finding in result.findings] + list(findings))]


def _show(asked: Asked, fault: Fault, form: str) -> None:
    if form == "json":
        output.document({"applied": False, "plan": asked.experiment.show(), "fault": fault.show()})
        return
    output.data(f"{asked.experiment.show()}\n{fault.show()}")
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
