"""The clock that windows, retention and events are read by: tests and drills may put it forward."""

from __future__ import annotations

import datetime as dt


class Clock:
    """The time of this machine, or a later one.

    Real work takes the time it takes; only what ElastiCache does by the calendar follows this clock.
    """

    def __init__(self) -> None:
        self._ahead = dt.timedelta()

    def now(self) -> dt.datetime:
        """The present moment, in UTC and without a zone, as moto's serializer wants it."""
        return dt.datetime.now(dt.UTC).replace(tzinfo=None) + self._ahead

    def advance(self, by: dt.timedelta) -> None:
        """Put the clock forward; what has become due is done at the next request.

        Raises:
            ValueError: the clock would go back.
        """
        if by < dt.timedelta():
            raise ValueError(f"a clock is put forward, not back: {by}")
        self._ahead += by
