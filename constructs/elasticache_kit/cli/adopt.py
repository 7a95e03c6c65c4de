"""`elasticache-kit adopt`: write the constructs of a replication group that exists, and what `cdk import` needs."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from elasticache_kit.cli import option, output
from elasticache_kit.errors import RefusedError
from elasticache_kit.ops import adoption, construct_source, session

if TYPE_CHECKING:
    from collections.abc import Mapping


@click.command(epilog="Example: elasticache-kit adopt orders --stack orders-cache --out orders.py")
@click.argument("replication_group")
@click.option("--stack", metavar="NAME", help="Name of the stack; the id of the group when omitted.")
@click.option("--id", "construct_id", metavar="ID", default="Cache", show_default=True, help="Id of the construct.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File for the code, the mapping goes beside it; the id of the group with .py when omitted.",
)
@click.option("--auth-token-secret", metavar="NAME", help="Secret with the AUTH token; to be filled in when omitted.")
@click.option("--force", is_flag=True, help="Overwrite files that exist.")
@option.output
@option.aws
def adopt(
    replication_group: str,
    stack: str | None,
    construct_id: str,
    out: Path | None,
    auth_token_secret: str | None,
    *,
    force: bool,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Write the CDK app of REPLICATION_GROUP, made by hand or by other code, and the mapping for `cdk import`.

    Nothing is changed in AWS: the import is yours to run, and it changes nothing of the group either.
    """
    observed = adoption.observe(session.connect(region=region, profile=profile), replication_group)
    stack = observed.replication_group_id if stack is None else stack
    adoption.check_names(stack, construct_id)
    adoption.refuse(observed)
    code = out or Path(f"{observed.replication_group_id}.py")
    mapping = code.with_suffix(".mapping.json")
    source = construct_source.source(observed, stack=stack, construct_id=construct_id, secret=auth_token_secret)
    text = json.dumps(adoption.mapping(observed, construct_id), indent=2) + "\n"
    _write({code: source, mapping: text}, force=force)
    notes = adoption.notes(observed, secret=auth_token_secret)
    commands = _commands(stack, code, mapping)
    if form == "json":
        output.document(
            {
                "replication_group_id": observed.replication_group_id,
                "stack": stack,
                "logical_id": adoption.logical_id(construct_id),
                "code": str(code),
                "mapping": str(mapping),
                "notes": list(notes),
                "commands": list(commands),
            }
        )
        return
    output.data(f"{code}: the app with the stack {stack}")
    output.data(f"{mapping}: {adoption.logical_id(construct_id)} is {observed.replication_group_id}")
    for note in notes:
        output.talk(f"note: {note}")
    output.talk("\n  ".join(["next, read the code, and then:", *commands]))


def _write(files: Mapping[Path, str], *, force: bool) -> None:
    """Write all files or none.

    Raises:
        RefusedError: one exists and would be overwritten, or has no folder.
    """
    reasons = [f"{path} exists: choose another --out, or overwrite it with --force" for path in files if path.exists()]
    missing = sorted({path.parent for path in files if not path.parent.is_dir()})
    reasons = [] if force else reasons
    reasons += [f"there is no folder {folder}: make it first" for folder in missing]
    if reasons:
        raise RefusedError("writing the code", reasons)
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")


def _commands(stack: str, code: Path, mapping: Path) -> tuple[str, ...]:
    """Return what to run next: the import, the proof that nothing differs, and the first deployment."""
    app = f"--app {shlex.quote(f'python3 {shlex.quote(str(code))}')}"
    return (
        f"cdk import {stack} {app} --resource-mapping {shlex.quote(str(mapping))}",
        f"cdk diff {stack} {app}",
        f"cdk deploy {stack} {app}",
    )
