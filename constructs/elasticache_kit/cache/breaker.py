"""Breaker: leaves a cache alone that does not answer, and tries it again with one call at a time."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FAILURES, PAUSE_SECONDS = 3, 1.0


@dataclass(slots=True)
class Breaker:
    """Counts failures in a row.

    Args:
        failures: after so many the cache is left alone. Default: 3.
        pause: for so many seconds; then one call tries it. Default: 1.
        changed: is told when it opens (True) and closes.
        clock: seconds that only grow.
        quiet: whether the last answer was good, so that there is nothing to ask and nothing to tell; part of every hit.
    """

    failures: int = FAILURES
    pause: float = PAUSE_SECONDS
    changed: Callable[[bool], None] = lambda _: None
    clock: Callable[[], float] = time.monotonic
    quiet: bool = True
    _in_a_row: int = 0
    _opened_at: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def is_open(self) -> bool:
        """Whether the cache is left alone."""
        return self._opened_at is not None

    def allows(self) -> bool:
        """Say whether the cache may be called: always while it answers, else one call after each pause."""
        if self._opened_at is None:
            return True
        with self._lock:
            now = self.clock()
            # Closed meanwhile by another thread, or time for a trial; the next one is a pause away.
            opened_at = self._opened_at_now()
            if opened_at is not None and now - opened_at < self.pause:
                return False
            if opened_at is not None:
                self._opened_at = now
            return True

    def _opened_at_now(self) -> float | None:
        # A type checker does not know that another thread may have changed it since.
        return self._opened_at

    def succeeded(self) -> None:
        """The cache answered."""
        if self.quiet:
            return
        with self._lock:
            was_open = self._opened_at is not None
            self._in_a_row, self._opened_at, self.quiet = 0, None, True
        if was_open:
            self.changed(False)

    def failed(self) -> None:
        """The cache did not answer."""
        with self._lock:
            self._in_a_row, self.quiet = self._in_a_row + 1, False
            opens = self._opened_at is None and self._in_a_row >= self.failures
            if opens or self._opened_at is not None:
                self._opened_at = self.clock()
        if opens:
            self.changed(True)
