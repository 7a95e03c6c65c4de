"""Finding the times without an acknowledgement."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.drills.history import Action
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.outage import gaps, longest, outages, quantile
from tests.drills.story import GROUP, Story

_times = st.floats(min_value=0.001, max_value=60, allow_nan=False)


@given(before=st.integers(1, 200), after=st.integers(1, 200), missing=st.integers(2, 500))
def test_the_longest_gap_is_the_gap_that_was_made(before: int, after: int, missing: int) -> None:
    """Writes every 10 ms with some of them failing: the outage reaches from the last to the first acknowledgement."""
    story = Story()
    number = story.writes(0, before / 100)
    number = story.failing(Action.WRITE, before / 100, (before + missing) / 100, first=number)
    story.writes((before + missing) / 100, (before + missing + after) / 100, first=number)

    writes = story.history.operations(Action.WRITE, GROUP)

    (outage,) = outages(writes)
    assert outage.seconds == pytest.approx((missing + 1) / 100)
    assert outage.failed == missing
    assert longest(writes) == outage


@given(st.lists(st.tuples(_times, st.sampled_from([Kind.OK, Kind.FAIL, Kind.INFO])), min_size=1, max_size=60))
def test_gaps_cover_the_whole_time_and_every_failure_once(steps: list[tuple[float, Kind]]) -> None:
    """Whatever happened, no second and no failure is counted twice or not at all."""
    story, now = Story(), 0.0
    for number, (step, outcome) in enumerate(steps, 1):
        now += step
        story.operation(Action.WRITE, now, outcome, number=number, took=0.0005)
    writes = story.history.operations(Action.WRITE, GROUP)

    found = gaps(writes)

    end = max(write.completed if write.outcome is Kind.OK else write.intended for write in writes if write.completed)
    assert sum(gap.seconds for gap in found) == pytest.approx(end - writes[0].intended)
    assert sum(gap.failed for gap in found) == sum(outcome is not Kind.OK for _, outcome in steps)
    assert [gap.end for gap in found[:-1]] == [gap.start for gap in found[1:]]


def test_an_outage_that_lasts_to_the_end_counts_to_the_end() -> None:
    """Load that never came back is not measured by the last success alone."""
    story = Story()
    number = story.writes(0, 1)
    story.failing(Action.WRITE, 1, 4, first=number)

    found = longest(story.history.operations(Action.WRITE, GROUP))

    assert found is not None
    assert found.seconds == pytest.approx(3.0, abs=0.02)


def test_a_load_without_any_success_is_one_outage() -> None:
    """All of it."""
    story = Story()
    story.failing(Action.WRITE, 0, 2)

    (outage,) = outages(story.history.operations(Action.WRITE, GROUP))

    assert outage.seconds == pytest.approx(2.0, abs=0.02)


def test_a_stall_without_errors_is_a_gap_and_no_outage() -> None:
    """A server that freezes and then answers all has still made clients wait."""
    story = Story()
    for n in range(100):
        story.operation(Action.WRITE, n / 100, number=n, took=max(0.001, 0.7 - n / 100))
    writes = story.history.operations(Action.WRITE, GROUP)

    assert outages(writes) == ()
    assert (longest(writes) or gaps(writes)[0]).seconds == pytest.approx(0.7)


def test_nothing_tried_has_no_gap() -> None:
    """There is nothing to say."""
    assert longest(()) is None


@given(st.lists(_times, min_size=1), st.floats(0.01, 1))
def test_a_quantile_is_the_smallest_value_that_covers_the_share(values: list[float], share: float) -> None:
    """At least the share lies at or below it, and less than the share below it."""
    found = quantile(values, share)

    assert found in values
    assert sum(value <= (found or 0) for value in values) >= share * len(values) - 1e-9
    assert sum(value < (found or 0) for value in values) < share * len(values) + 1e-9
