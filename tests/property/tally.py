"""Tally: what was tried, what came of it, and every disagreement."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """The count of one test.

    Args:
        depth: `spec`, `template` or `deploy`.
        subject: what was tried.
        outcomes: how often each outcome came; the sum is the number of cases.
        seen: what was met on the way, for example the rules that refused.
        disagreement: the shortest description of what two sides did not agree on; a test ends with it.
    """

    depth: str
    subject: str
    outcomes: Counter[str] = field(default_factory=Counter[str])
    seen: Counter[str] = field(default_factory=Counter[str])
    disagreement: str | None = None

    @property
    def cases(self) -> int:
        """How many cases were tried."""
        return self.outcomes.total()

    def share(self, *outcomes: str) -> float:
        """Return the share of the cases that had one of these outcomes."""
        return sum(self.outcomes[name] for name in outcomes) / max(1, self.cases)

    def judge(self, outcome: str, disagreement: str | None, number: int = 1) -> None:
        """Count a case, or a number of cases at once, and fail where the two sides disagree."""
        self.outcomes[outcome] += number
        if disagreement is not None:
            # Hypothesis looks for the simplest case of one, and it is one all the same.
            self.disagreement = min(disagreement, self.disagreement or disagreement, key=len)
            raise AssertionError(disagreement)

    def document(self) -> dict[str, object]:
        """Return what goes into the evidence."""
        return {
            "depth": self.depth,
            "subject": self.subject,
            "cases": self.cases,
            "outcomes": dict(sorted(self.outcomes.items())),
            "disagreement": self.disagreement,
            "seen": dict(sorted(self.seen.items())),
        }
