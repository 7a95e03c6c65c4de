"""Show what tests counted and measured: cases, outcomes and disagreements of each depth, and every measurement.

python scripts/prove.py docs/evidence/DATE-properties.json docs/evidence/DATE-measured.json
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import TypedDict


class Tally(TypedDict):
    """The count of one test, as `pytest --tally` writes it."""

    depth: str
    subject: str
    cases: int
    outcomes: dict[str, int]
    disagreement: str | None
    seen: dict[str, int]


def lines(tallies: list[Tally]) -> list[str]:
    """Return a line for each depth, and one for each disagreement."""
    cases: Counter[str] = Counter()
    outcomes: dict[str, Counter[str]] = {}
    for tally in tallies:
        cases[tally["depth"]] += tally["cases"]
        outcomes.setdefault(tally["depth"], Counter()).update(tally["outcomes"])
    found = [tally for tally in tallies if tally["disagreement"] is not None]
    shown = [
        f"{depth:9} {cases[depth]:6} cases: {', '.join(f'{number} {name}' for name, number in sorted(counts.items()))}"
        for depth, counts in outcomes.items()
    ]
    return [
        *shown,
        f"disagreements: {len(found)}",
        *(f"  {tally['subject']}: {tally['disagreement']}" for tally in found),
    ]


def measurements(records: list[dict[str, float | str]]) -> list[str]:
    """Return a line for each measurement: what was measured, and its values."""

    def shown(value: float | str) -> str:
        return f"{value:.4g}" if isinstance(value, float) else str(value)

    return [
        "  ".join(
            [str(record["name"]), *(f"{name}={shown(value)}" for name, value in record.items() if name != "name")]
        )
        for record in records
    ]


def main() -> int:
    """Print the counts and the measurements; 1 where there is a disagreement."""
    summary, _, usage = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(
        description=summary, epilog=f"Example: {usage.strip()}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tallies", type=Path, help="what `pytest --tally` wrote")
    parser.add_argument("measured", type=Path, nargs="*", help="what `pytest --measured` wrote")
    given = parser.parse_args()
    tallies: list[Tally] = json.loads(given.tallies.read_text(encoding="utf-8"))
    records = [json.loads(path.read_text(encoding="utf-8")) for path in given.measured]
    print("\n".join([*lines(tallies), *(line for found in records for line in measurements(found))]))  # noqa: T201 - the terminal is what this is for
    return any(tally["disagreement"] is not None for tally in tallies)


if __name__ == "__main__":
    sys.exit(main())
