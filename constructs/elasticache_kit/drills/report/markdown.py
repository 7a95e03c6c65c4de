"""A drill's result as Markdown, for a comment on a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from elasticache_kit.drills import matrix
from elasticache_kit.drills.earlier import differences
from elasticache_kit.drills.report.document import errors_by_kind
from elasticache_kit.drills.report.summary import summary
from elasticache_kit.drills.verdict import Verdict

if TYPE_CHECKING:
    from elasticache_kit.drills.result import Result

_SIGNS = {Verdict.PASSED: "✅ passed", Verdict.FAILED: "❌ failed", Verdict.UNKNOWN: "❔ unknown"}


def markdown(result: Result) -> str:
    """Return the verdict, the summary, and all tables, folded where they are long."""
    return "\n".join(_lines(result)) + "\n"


def _lines(result: Result) -> Iterator[str]:
    experiment = result.experiment
    yield f"### Drill `{experiment.drill}` on `{experiment.group.replication_group_id}`: {_SIGNS[result.verdict]}"
    yield ""
    if result.stamp:
        yield f"> {result.stamp}\n"
    if result.invalid:
        yield f"> **INVALID, not passed:** {_cell(result.invalid)}\n"
    yield summary(result)
    yield ""
    if result.calibration is not None:
        yield f"Instrument: {result.calibration}.\n"
    shown = [finding for finding in result.findings if finding.verdict is not Verdict.PASSED]
    if shown:
        yield from _table(
            ("node group", "checked", "verdict", "found"),
            [(f.node_group or "all", f.checker, _SIGNS[f.verdict], f.sentence) for f in shown],
        )
    if result.clients:
        heading, *rows = matrix.rows([result])
        yield from _table(heading, rows)
    if result.earlier is not None:
        rows = [(d.node_group, d.metric, d.said(d.before), d.said(d.now), d.change) for d in differences(result)]
        yield f"Held against the run of {result.earlier.started}:\n"
        yield from _table(("node group", "figure", "before", "now", "difference"), rows)
    yield f"<details><summary>All {len(result.findings)} findings</summary>\n"
    yield from _table(
        ("node group", "checked", "verdict", "found"),
        [(f.node_group or "all", f.checker, _SIGNS[f.verdict], f.sentence) for f in result.findings],
    )
    yield "</details>"
    errors = [(group, f"{action}s", kind, f"{count:,}") for group, action, kind, count in errors_by_kind(result)]
    if errors:
        yield "\n<details><summary>Errors by kind</summary>\n"
        yield from _table(("node group", "of", "error", "operations"), errors)
        yield "</details>"


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield f"|{' --- |' * len(headings)}"
    for row in rows:
        yield f"| {' | '.join(map(_cell, row))} |"
    yield ""


def _cell(text: str) -> str:
    """Return text that stays in its cell and is no markup: it may come from a server."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("|", "\\|").replace("`", "'").replace("\n", " ")
