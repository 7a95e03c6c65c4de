"""The client matrix: one drill for each client and its settings, in one table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from elasticache_kit.drills.duration import spoken
from elasticache_kit.drills.verdict import compose

if TYPE_CHECKING:
    from elasticache_kit.drills.result import Result
    from elasticache_kit.drills.subject import Seen
    from elasticache_kit.drills.verdict import Figure, Finding

_HEADINGS = (
    "client",
    "version",
    "settings",
    "write gap",
    "reference",
    "failed",
    "goodput after",
    "neighbours",
    "verdict",
)


def rows(results: Sequence[Result]) -> list[tuple[str, ...]]:
    """Return a line for each client under test, below a line of headings."""
    return [_HEADINGS, *(_row(result, seen) for result in results for seen in result.clients)]


def document(results: Sequence[Result]) -> list[dict[str, object]]:
    """Return the same for programs; times are in seconds."""
    return [
        {
            "client": seen.name,
            "version": seen.version,
            "settings": seen.settings,
            "failure": seen.failure,
            "write_gap_seconds": figure(seen.findings, "write outage", struck, "longest_gap_seconds"),
            "reference_write_gap_seconds": figure(result.findings, "write outage", struck, "longest_gap_seconds"),
            "failed_writes": failed(seen.findings, struck),
            "goodput_before": figure(seen.findings, "goodput", struck, "goodput_before"),
            "goodput_after": figure(seen.findings, "goodput", struck, "goodput_after"),
            "starved_seconds": seen.starved_seconds,
            "verdict": compose(seen.findings).value,
        }
        for result in results
        for seen in result.clients
        for struck in (result.experiment.node_group,)
    ]


def figure(findings: Sequence[Finding], checker: str, node_group: str, name: str) -> Figure:
    """Return one figure of one finding; None where there is none."""
    return next((f.figures.get(name) for f in findings if (f.checker, f.node_group) == (checker, node_group)), None)


def failed(findings: Sequence[Finding], node_group: str) -> int | None:
    """Return how many writes of a node group were not acknowledged; None where that is not known."""
    counts = [figure(findings, "write outage", node_group, name) for name in ("failed", "indeterminate")]
    known = [int(count) for count in counts if isinstance(count, int)]
    return sum(known) if len(known) == len(counts) else None


def _row(result: Result, seen: Seen) -> tuple[str, ...]:
    struck = result.experiment.node_group
    named = (seen.name, seen.version or "-", seen.settings)
    if seen.failure is not None:
        return (*named, "-", "-", "-", "-", "-", f"no load: {seen.failure}")
    before, after = (figure(seen.findings, "goodput", struck, name) for name in ("goodput_before", "goodput_after"))
    share = f"{after / before:.0%}" if isinstance(before, float) and isinstance(after, float) and before else "-"
    others = [
        value
        for finding in seen.findings
        if finding.checker == "blast radius"
        for value in (finding.figures.get("longest_gap_seconds"),)
        if isinstance(value, float)
    ]
    count = failed(seen.findings, struck)
    starved = seen.starved_seconds > result.experiment.limits.max_stall_seconds
    return (
        *named,
        _time(figure(seen.findings, "write outage", struck, "longest_gap_seconds")),
        _time(figure(result.findings, "write outage", struck, "longest_gap_seconds")),
        "-" if count is None else f"{count:,}",
        share,
        _time(max(others, default=None)),
        compose(seen.findings).value if not starved else f"unknown: no time for {spoken(seen.starved_seconds)}",
    )


def _time(value: Figure) -> str:
    return spoken(float(value)) if isinstance(value, int | float) else "-"
