"""A point in time after which waiting ends with an error."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_PAUSE = 0.002
LONGEST_PAUSE = 0.05


class Deadline:
    """A hard limit on waiting.

    Args:
        seconds: how long from now.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def expired(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() >= self._end

    def wait_for(self, obstacle: Callable[[], str | None]) -> str | None:
        """Ask again and again what is still in the way; give None once nothing is, or the last obstacle at the end."""
        pause = FIRST_PAUSE
        while (reason := obstacle()) is not None and not self.expired:
            time.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)
        return reason
