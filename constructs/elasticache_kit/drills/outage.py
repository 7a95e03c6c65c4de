"""Outages: the times in which nothing that clients tried was acknowledged."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from elasticache_kit.drills.operation import Kind, Operation


@dataclass(frozen=True, slots=True)
class Gap:
    """A time without an acknowledgement.

    Args:
        start: the last acknowledgement before it.
        end: the first acknowledgement after it.
        failed: how many operations that were to start within it were not acknowledged.
    """

    start: float
    end: float
    failed: int

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        return self.end - self.start


def gaps(operations: Sequence[Operation]) -> tuple[Gap, ...]:
    """Return the times between one acknowledgement and the next, from the first operation's start to the last's.

    Args:
        operations: of one kind and one node group, in the order in which they were intended.
    """
    if not operations:
        return ()
    moments = sorted(o.completed for o in operations if o.outcome is Kind.OK and o.completed is not None)
    failed = [o.intended for o in operations if o.outcome is not Kind.OK]
    start, end = operations[0].intended, max([operations[-1].intended, *moments[-1:]])
    bounds = [bisect_left(failed, moment) for moment in moments]
    edges = [(start, 0), *zip(moments, bounds, strict=True), (end, len(failed))]
    return tuple(Gap(a, b, upto - since) for (a, since), (b, upto) in pairwise(edges))


def longest(operations: Sequence[Operation]) -> Gap | None:
    """Return the longest time between two acknowledgements, or None if nothing was tried."""
    return max(gaps(operations), key=lambda gap: gap.seconds, default=None)


def outages(operations: Sequence[Operation]) -> tuple[Gap, ...]:
    """Return the gaps in which at least one operation failed."""
    return tuple(gap for gap in gaps(operations) if gap.failed)


def quantile(values: Sequence[float], share: float) -> float | None:
    """Return the smallest value that at least this share of the values does not exceed, or None without values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))] if ordered else None
