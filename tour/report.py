"""How the tour is told: a line for each promise as it is shown, or one document at the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from elasticache_kit.cli import EXIT_FAILED, output

if TYPE_CHECKING:
    from tour.promise import Shown


def report(shown: Iterable[Shown], form: str) -> int:
    """Tell of each promise as it is shown, and return the exit code: 0 where all of them hold, else 1.

    Args:
        shown: what is being shown.
        form: `text` or `json`.
    """
    found: list[Shown] = []
    for item in shown:
        found.append(item)
        if form == "text":
            click.echo(line(item))
    if form == "json":
        output.document(document(found))
    return 0 if all(item.passed for item in found) else EXIT_FAILED


def line(item: Shown) -> str:
    """Return one line of the tour."""
    verdict = click.style("PASS", fg="green") if item.passed else click.style("FAIL", fg="red", bold=True)
    # An error of somebody else may have several lines.
    seen = " ".join(item.seen.split())
    return f"{verdict}  {item.promise.sentence}: {seen} ({item.seconds:.1f} s)"


def document(shown: Sequence[Shown]) -> dict[str, Any]:
    """Return the tour as a document for programs."""
    return {
        "passed": all(item.passed for item in shown),
        "promises": [
            {
                "name": item.promise.name,
                "promise": item.promise.sentence,
                "passed": item.passed,
                "seen": item.seen,
                "seconds": round(item.seconds, 3),
            }
            for item in shown
        ],
    }
