"""`elasticache-kit diff`: what a deployment would do to the caches, and whether it would lose data."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import click

from elasticache_kit.cli import EXIT_FAILED, EXIT_UNKNOWN, change_document, change_text, option, output
from elasticache_kit.cli.deployment import Account, from_file, of_assembly, of_template
from elasticache_kit.cli.progress import Progress
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.change import StackChange, Verdict
from elasticache_kit.model.change.verdict import ambiguous, unmatched, verdict
from elasticache_kit.template import assembly, document

_EXIT = {Verdict.SAFE: 0, Verdict.DANGEROUS: EXIT_FAILED, Verdict.UNKNOWN: EXIT_UNKNOWN}
_COMMAND_LINE = "on the command line, for this deployment"

EXAMPLE = """\
\b
Examples:
  cdk synth --quiet && elasticache-kit diff
  elasticache-kit diff cdk.out --stack orders --acknowledge CacheF4A5B6C7
  elasticache-kit diff new.yaml --deployed old.yaml --output json"""


@click.command(epilog=EXAMPLE)
@click.argument("source", metavar="[ASSEMBLY|TEMPLATE]", default="cdk.out")
@click.option("--deployed", metavar="FILE", help="The deployed template; read from the account when omitted.")
@click.option(
    "--stack",
    "names",
    multiple=True,
    metavar="NAME",
    help="Of an assembly: only this stack, all when omitted. Of a template: the stack that it is deployed as. "
    "May be repeated.",
)
@click.option(
    "--acknowledge",
    "accepted",
    multiple=True,
    metavar="LOGICAL_ID",
    help="Accept the loss of the data of this resource (or STACK/LOGICAL_ID). May be repeated.",
)
@click.option(
    "--output",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="What goes to standard output.",
)
@option.aws
def diff(
    source: str,
    *,
    deployed: str | None,
    names: tuple[str, ...],
    accepted: tuple[str, ...],
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Say what deploying ASSEMBLY (a folder, cdk.out when omitted) or TEMPLATE would do to every ElastiCache resource.

    Each change is in place, an interruption, a replacement, a refusal, or unknown; with the data that are lost and the
    safe way. Nothing is changed.

    Exit codes: 0 no data are lost, 1 data would be lost or the deployment would fail, 2 usage, 3 it cannot be told,
    4 AWS error.
    """
    compared = _stacks(source, deployed, names, Account(region, profile))
    several = ambiguous(accepted, compared)
    stacks = [_acknowledged(stack, [name for name in accepted if name not in several]) for stack in compared]
    found = verdict(stacks)
    if form == "json":
        output.document(change_document.document(stacks, found))
    else:
        output.data((change_text.text if form == "text" else change_text.markdown)(stacks, found))
    _require(several, unmatched(accepted, stacks), stacks)
    sys.exit(_EXIT[found])


def _stacks(source: str, deployed: str | None, names: tuple[str, ...], account: Account) -> list[StackChange]:
    path = Path(source)
    if source != document.STDIN and not path.exists():
        raise ValidationError(f"{source} does not exist: make it with `cdk synth`, or name a template")
    if path.is_dir() and deployed is None:
        with Progress("comparing with what is deployed"):
            return list(of_assembly(path, account, names))
    if path.is_dir():
        chosen = [item for item in assembly.read(path) if not names or item.name in names]
        if len(chosen) != 1:
            raise ValidationError(
                f"--deployed is one template, and {len(chosen)} stacks of {source} are chosen: choose one by --stack; "
                f"there are: {', '.join(item.name for item in assembly.read(path))}"
            )
        return [of_template(chosen[0].template, from_file(deployed or ""), chosen[0].name)]
    new = document.read(source)
    if deployed is not None:
        return [of_template(new, from_file(deployed), names[0] if names else source)]
    if len(names) != 1:
        raise ValidationError("say what the template is compared with: one --stack NAME, or --deployed FILE")
    with Progress("comparing with what is deployed"):
        return [of_template(new, account.stack(names[0]), names[0])]


def _acknowledged(stack: StackChange, accepted: Sequence[str]) -> StackChange:
    given = {
        change.logical_id: _COMMAND_LINE
        for change in stack.changes
        if {change.logical_id, f"{stack.name}/{change.logical_id}"} & set(accepted)
    }
    return replace(stack, acknowledged={**stack.acknowledged, **given})


def _require(several: Mapping[str, Sequence[str]], nothing: Sequence[str], stacks: list[StackChange]) -> None:
    if not several and not nothing:
        return
    refused = {change.logical_id for stack in stacks for change in stack.changes if change.refused}
    lines = [
        f"--acknowledge {name}: "
        + (
            "a refusal cannot be acknowledged, the deployment would fail"
            if name.rpartition("/")[2] in refused
            else "no change of that name needs it: take it out"
        )
        for name in nothing
    ]
    lines += [
        f"--acknowledge {name}: several stacks have it, say which: {', '.join(meant)}"
        for name, meant in several.items()
    ]
    raise ValidationError("\n".join(lines))
