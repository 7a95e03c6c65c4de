"""Windows: reading, writing, overlap."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.model.window import MaintenanceWindow, SnapshotWindow, overlap

DAY = 24 * 60
WEEK = 7 * DAY
DAILY = st.builds(SnapshotWindow, st.integers(0, DAY - 1), st.integers(0, DAY - 1))
WEEKLY = st.builds(MaintenanceWindow, st.integers(0, WEEK - 1), st.integers(0, WEEK - 1))


@given(DAILY)
def test_a_snapshot_window_is_read_as_it_is_written(window: SnapshotWindow) -> None:
    """Text and window say the same."""
    assert SnapshotWindow.parse(str(window)) == window


@given(WEEKLY)
def test_a_maintenance_window_is_read_as_it_is_written(window: MaintenanceWindow) -> None:
    """Text and window say the same."""
    assert MaintenanceWindow.parse(str(window)) == window


@given(DAILY, WEEKLY)
def test_windows_overlap_where_they_share_a_minute(snapshot: SnapshotWindow, maintenance: MaintenanceWindow) -> None:
    """The answer is that of counting every minute of the week."""
    daily = {(day * DAY + snapshot.start + minute) % WEEK for day in range(7) for minute in range(snapshot.minutes)}
    weekly = {(maintenance.start + minute) % WEEK for minute in range(maintenance.minutes)}

    assert overlap(snapshot, maintenance) is bool(daily & weekly)


def test_a_window_reaches_over_midnight_and_over_the_week() -> None:
    """The length counts on from the start."""
    assert SnapshotWindow.parse("23:30-00:30").minutes == 60
    assert MaintenanceWindow.parse("sat:23:00-sun:01:30").minutes == 150


def test_days_may_be_written_in_capitals() -> None:
    """The API does not care, and answers in small letters."""
    assert str(MaintenanceWindow.parse("Sun:05:00-SUN:06:00")) == "sun:05:00-sun:06:00"


@pytest.mark.parametrize(
    "text", ["", "5:00-6:00", "05:00", "24:00-25:00", "05:60-06:00", "05:00-06:00 ", "sun:05:00-06:00"]
)
def test_what_is_no_snapshot_window_is_refused(text: str) -> None:
    """The message shows how one is written."""
    with pytest.raises(ValueError, match="05:00-09:00"):
        SnapshotWindow.parse(text)


@pytest.mark.parametrize("text", ["", "05:00-06:00", "son:05:00-son:06:00", "sun:05:00", "sun:5:00-sun:6:00"])
def test_what_is_no_maintenance_window_is_refused(text: str) -> None:
    """The message shows how one is written."""
    with pytest.raises(ValueError, match="sun:23:00-mon:01:30"):
        MaintenanceWindow.parse(text)
