"""MaintenanceWindow and SnapshotWindow: when ElastiCache may maintain a cache, and when it takes the daily snapshot."""

from typing import Literal

from aws_cdk import Duration

from elasticache_kit.cdk.argument import typed
from elasticache_kit.errors import ValidationError
from elasticache_kit.model import window
from elasticache_kit.model.window import DAYS, SHORTEST_MINUTES

Day = Literal["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

_DAY = 24 * 60


class MaintenanceWindow(window.MaintenanceWindow):
    """The weekly hours of maintenance, in UTC.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/maintenance-window.html
    """

    @classmethod
    @typed
    def weekly(cls, day: Day, start: str, duration: Duration | None = None) -> "MaintenanceWindow":
        """Make a window of the day it starts on, the time `HH:MM` in UTC and how long it is.

        Args:
            day: the day that it starts on.
            start: the time that it starts at, `HH:MM` in UTC.
            duration: how long it is, at least 60 minutes. Default: 60 minutes.

        Raises:
            ValidationError: the time is not a time of the day.
        """
        first = DAYS.index(day) * _DAY + _minute(start)
        return cls(first, (first + _minutes(duration)) % (_DAY * len(DAYS)))

    @classmethod
    @typed
    def of(cls, text: str) -> "MaintenanceWindow":
        """Read a window such as `sun:23:00-mon:01:30`.

        Raises:
            ValidationError: the text is not a window.
        """
        try:
            found = window.MaintenanceWindow.parse(text)
        except ValueError as error:
            raise ValidationError(str(error)) from None
        return cls(found.start, found.end)


class SnapshotWindow(window.SnapshotWindow):
    """The hours of the daily snapshot, in UTC.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups-automatic.html
    """

    @classmethod
    @typed
    def daily(cls, start: str, duration: Duration | None = None) -> "SnapshotWindow":
        """Make a window of the time `HH:MM` in UTC that it starts at and how long it is.

        Args:
            start: the time that it starts at, `HH:MM` in UTC.
            duration: how long it is, at least 60 minutes. Default: 60 minutes.

        Raises:
            ValidationError: the time is not a time of the day.
        """
        first = _minute(start)
        return cls(first, (first + _minutes(duration)) % _DAY)

    @classmethod
    @typed
    def of(cls, text: str) -> "SnapshotWindow":
        """Read a window such as `05:00-09:00`.

        Raises:
            ValidationError: the text is not a window.
        """
        try:
            found = window.SnapshotWindow.parse(text)
        except ValueError as error:
            raise ValidationError(str(error)) from None
        return cls(found.start, found.end)


def _minute(time: str) -> int:
    """Return the minute of the day of a time."""
    try:
        return window.SnapshotWindow.parse(f"{time}-{time}").start
    except ValueError:
        raise ValidationError(f"{time!r} is not a time of the day: write HH:MM in UTC, such as '05:00'") from None


def _minutes(duration: Duration | None) -> int:
    return SHORTEST_MINUTES if duration is None else int(duration.to_minutes())
