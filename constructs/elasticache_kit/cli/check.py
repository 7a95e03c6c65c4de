"""`elasticache-kit check`: put templates before the rulebook."""

from __future__ import annotations

import difflib
import sys
from contextlib import nullcontext

import click

from elasticache_kit.cli import EXIT_FAILED, output
from elasticache_kit.cli.progress import Progress
from elasticache_kit.errors import ValidationError
from elasticache_kit.template import acknowledgement, report, same_name, sarif, survey
from elasticache_kit.template.check import rule_ids

_COLOURS = {"error": "red", "warn": "yellow", "place": None}


@click.command(
    epilog="\b\nExample: elasticache-kit check template.yaml cdk.out --output sarif > elasticache-kit.sarif",
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--strict", is_flag=True, help="Let warnings fail too.")
@click.option("--ignore", "ignored", metavar="RULE", multiple=True, help="Leave out a rule; may be given many times.")
@click.option("--pass-over", is_flag=True, help="Pass over named files that are no templates, as in a directory.")
@click.option(
    "--output",
    "form",
    type=click.Choice(["text", "json", "sarif"]),
    default="text",
    show_default=True,
    help="What goes to standard output.",
)
def check(paths: tuple[str, ...], ignored: tuple[str, ...], *, strict: bool, pass_over: bool, form: str) -> None:
    """Check the ElastiCache resources of CloudFormation templates, without an account.

    PATH is a template in JSON or YAML, a directory of them, a cloud assembly (cdk.out), or - for standard input.

    Exit codes: 0 nothing wrong, or warnings alone; 1 errors found, with --strict also warnings; 2 wrong use, or a
    file that is no template.
    """
    _require(ignored)
    with Progress("checking templates") if sys.stderr.isatty() else nullcontext():
        found = survey.survey(paths, pass_over=pass_over)
    counted = [item for item in found.problems if item.acknowledged is None and item.rule_id not in ignored]
    if form == "sarif":
        output.document(sarif.log(found.problems, ignored))
    elif form == "json":
        output.document(report.json_document(found, counted))
    elif counted:
        output.data(report.text(counted, _paint))
    if found.passed_over:
        output.talk(f"passed over, for they are no templates: {_listed(found.passed_over)}")
    output.talk(report.summary(found, counted))
    if any(strict or item.level == "error" for item in counted):
        sys.exit(EXIT_FAILED)


def _require(ignored: tuple[str, ...]) -> None:
    known = (*rule_ids(), *acknowledgement.RULES, *same_name.RULES, *survey.RULES)
    mistakes: list[str] = []
    for name in ignored:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            mistakes.append(f"there is no rule {name!r}: {f'take {near[0]}' if near else 'see docs/rules.md'}")
    if mistakes:
        raise ValidationError("\n".join(mistakes))


def _paint(part: str, role: str) -> str:
    return click.style(part, fg=_COLOURS[role], bold=True) if role in _COLOURS else click.style(part, dim=True)


def _listed(files: list[str]) -> str:
    few = 5
    rest = len(files) - few
    return ", ".join(files[:few]) + (f" and {rest} more" if rest > 0 else "")
