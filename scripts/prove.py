"""Show what the property tests counted: cases, outcomes and disagreements of each depth.

python scripts/prove.py docs/evidence/DATE-properties.json
"""

from __future__ import annotations

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


def main() -> int:
    """Print the counts; 1 where there is a disagreement."""
    tallies: list[Tally] = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    print("\n".join(lines(tallies)))  # noqa: T201 - the terminal is what this is for
    return any(tally["disagreement"] is not None for tally in tallies)


if __name__ == "__main__":
    sys.exit(main())
