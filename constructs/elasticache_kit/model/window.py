"""Windows: when ElastiCache may maintain a cache, and when it takes the daily snapshot. All times are UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass

DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
SHORTEST_MINUTES = 60

_HOUR = 60
_DAY = 24 * _HOUR
_WEEK = len(DAYS) * _DAY
_TIME = r"([01][0-9]|2[0-3]):([0-5][0-9])"
_SNAPSHOT = re.compile(rf"{_TIME}-{_TIME}")
_MAINTENANCE = re.compile(rf"({'|'.join(DAYS)}):{_TIME}-({'|'.join(DAYS)}):{_TIME}")


@dataclass(frozen=True, slots=True)
class MaintenanceWindow:
    """A time span of every week; may reach over the end of Saturday.

    Args:
        start: its first minute, counted from Sunday 00:00.
        end: the minute it ends before, counted likewise.
    """

    start: int
    end: int

    @classmethod
    def parse(cls, text: str) -> MaintenanceWindow:
        """Read a window such as `sun:23:00-mon:01:30`; capitals do not matter.

        Raises:
            ValueError: the text is not a window.
        """
        found = _MAINTENANCE.fullmatch(text.lower())
        if found is None:
            raise ValueError(f"{text!r} is not a window such as 'sun:23:00-mon:01:30'")
        first, last = DAYS.index(found[1]), DAYS.index(found[4])
        return cls(first * _DAY + _minutes(found[2], found[3]), last * _DAY + _minutes(found[5], found[6]))

    @property
    def minutes(self) -> int:
        """How long it is."""
        return (self.end - self.start) % _WEEK

    def __str__(self) -> str:
        return f"{_weekly(self.start)}-{_weekly(self.end)}"


@dataclass(frozen=True, slots=True)
class SnapshotWindow:
    """A time span of every day; may reach over midnight.

    Args:
        start: its first minute, counted from 00:00.
        end: the minute it ends before, counted likewise.
    """

    start: int
    end: int

    @classmethod
    def parse(cls, text: str) -> SnapshotWindow:
        """Read a window such as `05:00-09:00`.

        Raises:
            ValueError: the text is not a window.
        """
        found = _SNAPSHOT.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is not a window such as '05:00-09:00'")
        return cls(_minutes(found[1], found[2]), _minutes(found[3], found[4]))

    @property
    def minutes(self) -> int:
        """How long it is."""
        return (self.end - self.start) % _DAY

    def __str__(self) -> str:
        return f"{_daily(self.start)}-{_daily(self.end)}"


def overlap(snapshot: SnapshotWindow, maintenance: MaintenanceWindow) -> bool:
    """Tell whether a snapshot window and a maintenance window share a minute on any day."""
    return any(_share(snapshot.start + day * _DAY, snapshot.minutes, maintenance) for day in range(len(DAYS)))


def _share(start: int, minutes: int, maintenance: MaintenanceWindow) -> bool:
    """Tell whether two spans on the circle of a week share a minute: whether one starts inside the other."""
    if not minutes or not maintenance.minutes:
        return False
    after = (start - maintenance.start) % _WEEK
    before = (maintenance.start - start) % _WEEK
    return after < maintenance.minutes or before < minutes


def _minutes(hours: str, minutes: str) -> int:
    return int(hours) * _HOUR + int(minutes)


def _daily(minute: int) -> str:
    return f"{minute // _HOUR:02}:{minute % _HOUR:02}"


def _weekly(minute: int) -> str:
    return f"{DAYS[minute // _DAY]}:{_daily(minute % _DAY)}"
