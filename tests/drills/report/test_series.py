"""Cutting a history into bins."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.drills.history import Action
from elasticache_kit.drills.report.series import Window, heat, throughput, ticks
from tests.drills.story import GROUP, Story, failover_story


@given(rate=st.integers(1, 1000), seconds=st.floats(0.5, 2000), most=st.integers(1, 200))
def test_a_fitting_window_has_as_many_operations_in_each_bin(rate: int, seconds: float, most: int) -> None:
    """A steady load is drawn as a straight line, in no more bins than asked for."""
    window = Window.fitting((0.0, seconds), most, rate)

    each = window.bin_seconds * rate
    assert each == pytest.approx(round(each))
    assert window.bins <= most
    assert window.end <= max(seconds, window.bin_seconds) + 1e-6


def test_a_steady_load_is_a_straight_line() -> None:
    """Every bin of it."""
    story = Story()
    story.writes(0, 10)
    window = Window.fitting((0.0, 10.0), 33, 100)

    found = throughput(story.history.operations(Action.WRITE, GROUP), window)

    assert found.ok == pytest.approx([100.0] * window.bins)
    assert set(found.failed) == {0.0}


def test_failures_are_counted_where_they_were_due() -> None:
    """The whole of the outage, and nothing outside."""
    window = Window(0.0, 8.0, 8)

    found = throughput(failover_story().history.operations(Action.WRITE, GROUP), window)

    assert found.failed == (0, 0, 0, 100, 100, 0, 0, 0)


def test_what_lies_outside_of_the_window_is_not_counted() -> None:
    """A closer look shows a part."""
    window = Window(1.0, 2.0, 1)

    found = throughput(failover_story().history.operations(Action.WRITE, GROUP), window)

    assert found.ok == (pytest.approx(100.0),)


def test_heat_counts_every_acknowledged_operation_once() -> None:
    """However slow it was, the scale reaches up to it."""
    story = Story()
    for number, took in enumerate((0.00001, 0.001, 0.3, 25.0)):
        story.operation(Action.WRITE, number, number=number, took=took)

    found = heat(story.history.operations(Action.WRITE, GROUP), Window(0.0, 4.0, 4), 20)

    assert sum(found.cells.values()) == 4
    assert found.high >= 25.0
    rows = [row for _, row in sorted(found.cells)]
    assert rows[0] == 0
    assert rows == sorted(rows)


@given(st.floats(-1000, 1000), st.floats(0.01, 5000), st.integers(1, 12))
def test_ticks_are_round_and_within_the_scale(low: float, length: float, most: int) -> None:
    """Never more than asked for and one."""
    found = ticks(low, low + length, most)

    assert len(found) <= most + 1
    assert all(low - 1e-6 <= value <= low + length + 1e-6 for value in found)
    steps = {round(later - earlier, 6) for earlier, later in pairwise(found)}
    assert len(steps) <= 1
