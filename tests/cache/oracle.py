"""The oracle of the race: since when each version of each row is finished, and which reads returned an older one."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

KEYS = 8
FEWEST_WRITES = 30


@dataclass(slots=True)
class Verdict:
    """What the oracle saw.

    Args:
        reads: reads that were judged.
        stale: those that returned less than was finished when they started.
        longest: how many seconds the last of those started after what it returned was outdated, of all rows.
        loads: how often the database was asked.
        writes: writes that were finished.
    """

    reads: int = 0
    stale: int = 0
    longest: float = 0.0
    loads: int = 0
    writes: int = 0


class Oracle:
    """Knows since when each version of each row is finished, and judges."""

    def __init__(self) -> None:
        self.verdict = Verdict()
        self.enough = threading.Event()
        self._finished: list[list[tuple[int, float]]] = [[(0, 0.0)] for _ in range(KEYS)]
        self._lock = threading.Lock()

    def finish(self, number: int, version: int) -> None:
        """Note that a write is finished, with all that were before it."""
        with self._lock:
            if version > self._finished[number][-1][0]:
                self._finished[number].append((version, time.monotonic()))
            self.verdict.writes += 1
            if self.verdict.writes >= FEWEST_WRITES:
                self.enough.set()

    def floor(self, number: int) -> int:
        """Return the newest version that is finished."""
        return self._finished[number][-1][0]

    def judge(self, number: int, floor: int, begin: float, version: int) -> None:
        """Hold a read against what was finished when it began."""
        with self._lock:
            self.verdict.reads += 1
            if version < floor:
                self.verdict.stale += 1
                outdated = next(at for newer, at in self._finished[number] if newer > version)
                self.verdict.longest = max(self.verdict.longest, begin - outdated)
