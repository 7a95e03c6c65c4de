"""The two windows as values."""

from __future__ import annotations

import pytest
from aws_cdk import Duration
from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.cdk.window import Day, MaintenanceWindow, SnapshotWindow
from elasticache_kit.errors import ValidationError
from elasticache_kit.model import window
from elasticache_kit.model.window import DAYS

TIMES = st.times().map(lambda time: time.strftime("%H:%M"))


@pytest.mark.parametrize(
    ("day", "start", "duration", "written"),
    [
        ("sun", "23:00", Duration.minutes(150), "sun:23:00-mon:01:30"),
        ("sat", "23:30", Duration.hours(1), "sat:23:30-sun:00:30"),
        ("wed", "05:00", None, "wed:05:00-wed:06:00"),
    ],
)
def test_weekly(day: Day, start: str, duration: Duration | None, written: str) -> None:
    """A day, a time and a length make a maintenance window; without a length it is the shortest one."""
    assert str(MaintenanceWindow.weekly(day, start, duration)) == written


@pytest.mark.parametrize(
    ("start", "duration", "written"),
    [
        ("05:00", Duration.hours(4), "05:00-09:00"),
        ("23:30", Duration.minutes(90), "23:30-01:00"),
        ("00:00", None, "00:00-01:00"),
    ],
)
def test_daily(start: str, duration: Duration | None, written: str) -> None:
    """A time and a length make a snapshot window, over midnight too."""
    assert str(SnapshotWindow.daily(start, duration)) == written


@given(day=st.sampled_from(DAYS), start=TIMES)
def test_what_is_written_is_read(day: Day, start: str) -> None:
    """The text of a window makes the same window."""
    weekly, daily = MaintenanceWindow.weekly(day, start), SnapshotWindow.daily(start)

    assert MaintenanceWindow.of(str(weekly)) == weekly
    assert SnapshotWindow.of(str(daily)) == daily
    assert weekly.minutes == daily.minutes == 60


def test_they_are_windows_of_the_rulebook() -> None:
    """Whoever has a window of the rulebook has one of these."""
    assert isinstance(MaintenanceWindow.of("sun:23:00-mon:01:30"), window.MaintenanceWindow)
    assert isinstance(SnapshotWindow.of("05:00-09:00"), window.SnapshotWindow)


@pytest.mark.parametrize("text", ["5:00", "24:00", "05:60", "five", "05:00-06:00", ""])
def test_what_is_no_time(text: str) -> None:
    """The sentence has the value and how to write it."""
    with pytest.raises(ValidationError) as error:
        SnapshotWindow.daily(text)

    assert str(error.value) == f"{text!r} is not a time of the day: write HH:MM in UTC, such as '05:00'"


def test_what_is_no_window() -> None:
    """The sentence has the value and an example."""
    with pytest.raises(ValidationError, match="'sunday' is not a window such as 'sun:23:00-mon:01:30'"):
        MaintenanceWindow.of("sunday")
    with pytest.raises(ValidationError, match="'night' is not a window such as '05:00-09:00'"):
        SnapshotWindow.of("night")


def test_what_is_no_day() -> None:
    """A wrong type or word is named with the function, which has no path."""
    wrong: Day = "sunday"  # pyright: ignore[reportAssignmentType] - wrong on purpose

    with pytest.raises(ValidationError) as error:
        MaintenanceWindow.weekly(wrong, "05:00")

    assert str(error.value).splitlines()[0] == "MaintenanceWindow.weekly: 1 problem"
    assert "day = 'sunday': must be 'sun' or 'mon'" in str(error.value)
