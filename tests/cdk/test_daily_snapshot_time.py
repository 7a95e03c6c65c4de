"""DailySnapshotTime."""

from __future__ import annotations

from typing import Any

import pytest

from elasticache_kit.cdk.daily_snapshot_time import DailySnapshotTime
from elasticache_kit.errors import ValidationError


@pytest.mark.parametrize("text", ["00:00", "04:30", "23:59"])
def test_text(text: str) -> None:
    """A time is written as ElastiCache writes it."""
    assert str(DailySnapshotTime.of(text)) == text


def test_on_the_hour() -> None:
    """The minute may be left out."""
    assert str(DailySnapshotTime(4)) == "04:00"


@pytest.mark.parametrize("text", ["24:00", "4:30", "04:60", "9-17:*/5", "", "04:30 "])
def test_no_time(text: str) -> None:
    """A schedule of a clock that ElastiCache does not have is refused where it is written."""
    with pytest.raises(ValidationError, match="write HH:MM in UTC"):
        DailySnapshotTime.of(text)


@pytest.mark.parametrize(("hour", "minute"), [(24, 0), (-1, 0), (4, 60)])
def test_out_of_range(hour: int, minute: int) -> None:
    """A day has 24 hours of 60 minutes."""
    with pytest.raises(ValidationError, match="take an hour of 0 to 23 and a minute of 0 to 59"):
        DailySnapshotTime(hour, minute)


def test_a_wrong_type() -> None:
    """A text is no number."""
    hour: Any = "4"
    with pytest.raises(ValidationError, match="must be an int, not a str"):
        DailySnapshotTime(hour)
