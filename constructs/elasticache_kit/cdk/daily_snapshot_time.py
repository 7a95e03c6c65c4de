"""DailySnapshotTime: when ElastiCache takes the daily snapshot of a serverless cache."""

from __future__ import annotations

import re
from dataclasses import dataclass

from elasticache_kit.cdk.argument import refuse_types, typed
from elasticache_kit.errors import ValidationError

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_HOURS = 24
_MINUTES = 60


@dataclass(frozen=True, slots=True)
class DailySnapshotTime:
    """A time of the day, in UTC.

    Args:
        hour: 0 to 23.
        minute: 0 to 59. Default: on the hour.

    Raises:
        ValidationError: it is not a time of the day.
    """

    hour: int
    minute: int = 0

    def __post_init__(self) -> None:
        refuse_types("DailySnapshotTime", {"hour": self.hour, "minute": self.minute}, {"hour": int, "minute": int})
        if not (0 <= self.hour < _HOURS and 0 <= self.minute < _MINUTES):
            raise ValidationError(
                f"DailySnapshotTime({self.hour}, {self.minute}) is not a time of the day: "
                "take an hour of 0 to 23 and a minute of 0 to 59"
            )

    @classmethod
    @typed
    def of(cls, text: str) -> DailySnapshotTime:
        """Read a time such as `04:30`.

        Raises:
            ValidationError: the text is not a time.
        """
        found = _TIME.fullmatch(text)
        if found is None:
            raise ValidationError(f"{text!r} is not a time of the day: write HH:MM in UTC, such as '04:30'")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.hour:02}:{self.minute:02}"
