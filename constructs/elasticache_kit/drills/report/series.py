"""Series: a history cut into equal bins of time, as charts show it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from elasticache_kit.drills.operation import Kind, Operation

# What is due on the edge of a bin belongs to the bin that begins there, whatever its last bit says.
_EDGE = 1e-6


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time cut into bins.

    Args:
        start: its first moment, on the history's clock.
        end: its last moment.
        bins: how many parts it is cut into.
    """

    start: float
    end: float
    bins: int

    @classmethod
    def fitting(cls, span: tuple[float, float], most_bins: int, rate: float) -> Window:
        """Return a window of which every bin has room for the same number of operations.

        Otherwise a steady load would look like a saw. The window may end a part of a bin early.

        Args:
            span: the time to show.
            most_bins: at most so many bins.
            rate: operations per second.
        """
        start, end = span
        each = max(1, math.ceil((end - start) * rate / most_bins - 1e-6)) / rate
        bins = max(1, int((end - start) / each + 1e-6))
        return cls(start, start + bins * each, bins)

    @property
    def bin_seconds(self) -> float:
        """How long one bin is."""
        return (self.end - self.start) / self.bins

    def bin(self, moment: float) -> int | None:
        """Return the number of the bin that a moment falls into, or None outside the window."""
        if not self.start <= moment <= self.end:
            return None
        return min(self.bins - 1, int((moment - self.start) / self.bin_seconds + _EDGE))


@dataclass(frozen=True, slots=True)
class Throughput:
    """Operations per second in each bin.

    Args:
        ok: acknowledged, by when the acknowledgement came.
        failed: not acknowledged, by when they should have started.
    """

    ok: tuple[float, ...]
    failed: tuple[float, ...]


def throughput(operations: Sequence[Operation], window: Window) -> Throughput:
    """Return how many operations were acknowledged and failed per second in each bin."""
    ok, failed = Counter[int | None](), Counter[int | None]()
    for operation in operations:
        if operation.outcome is Kind.OK and operation.completed is not None:
            ok[window.bin(operation.completed)] += 1
        else:
            failed[window.bin(operation.intended)] += 1
    seconds = window.bin_seconds
    return Throughput(
        tuple(ok[number] / seconds for number in range(window.bins)),
        tuple(failed[number] / seconds for number in range(window.bins)),
    )


@dataclass(frozen=True, slots=True)
class Heat:
    """How many acknowledged operations fell into each cell of time and latency.

    Args:
        cells: counts by bin and row; row 0 is the fastest.
        rows: how many rows there are.
        low: the latency at the lower edge of row 0, in seconds.
        high: the latency at the upper edge of the last row, in seconds.
    """

    cells: dict[tuple[int, int], int]
    rows: int
    low: float
    high: float


def heat(operations: Sequence[Operation], window: Window, rows: int) -> Heat:
    """Return latencies on a logarithmic scale, by when the operations should have started."""
    latencies = [(o.intended, o.latency) for o in operations if o.outcome is Kind.OK]
    low, high = 1e-4, 10 ** math.ceil(math.log10(max([0.1, *(latency for _, latency in latencies)])))
    per_row = (math.log10(high) - math.log10(low)) / rows
    cells = Counter[tuple[int, int]]()
    for intended, latency in latencies:
        number = window.bin(intended)
        if number is not None:
            row = int((math.log10(max(latency, low)) - math.log10(low)) / per_row)
            cells[number, min(rows - 1, row)] += 1
    return Heat(dict(cells), rows, low, high)


def ticks(low: float, high: float, most: int) -> tuple[float, ...]:
    """Return at most `most` round numbers from low to high."""
    if high <= low:
        return (low,)
    exact = (high - low) / max(1, most)
    power = 10.0 ** math.floor(math.log10(exact))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= exact * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return tuple(number * step for number in range(first, last + 1))[: most + 1]
