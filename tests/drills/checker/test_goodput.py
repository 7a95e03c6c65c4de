"""Checkers of goodput and of what a fault did to its neighbours."""

from __future__ import annotations

import pytest

from elasticache_kit.drills.checker.goodput import blast_radius, goodput
from elasticache_kit.drills.experiment import Limits
from elasticache_kit.drills.history import Action
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.verdict import Verdict
from tests.drills.story import GROUP, Story, failover_story


def half_dead() -> Story:
    """Return a story in which every second write fails for good after the fault."""
    story = Story()
    number = story.writes(0, 3)
    story.fault(3)
    for n in range(400):
        story.operation(Action.WRITE, 3 + n * 0.01, Kind.OK if n % 2 else Kind.FAIL, number=number + n, error="shed")
    return story


def test_load_that_comes_back_passes_with_the_time_that_it_took() -> None:
    """From the fault to the first window that has as much as before, and all after it."""
    finding = goodput(failover_story().history, GROUP, Limits())

    assert finding.verdict is Verdict.PASSED
    assert finding.figures["goodput_seconds"] == pytest.approx(2.0, abs=0.11)


def test_load_that_comes_back_too_late_fails() -> None:
    """Just beyond the limit, and just within it."""
    history = failover_story().history

    assert goodput(history, GROUP, Limits(max_goodput_seconds=1.8)).verdict is Verdict.FAILED
    assert goodput(history, GROUP, Limits(max_goodput_seconds=2.2)).verdict is Verdict.PASSED


def test_a_client_that_stays_at_half_its_rate_fails() -> None:
    """Negative control: it is connected, it answers, and it is not well."""
    finding = goodput(half_dead().history, GROUP, Limits())

    assert finding.verdict is Verdict.FAILED
    assert finding.sentence.startswith("never again what it was: 100 writes a second before, ")
    assert finding.figures["goodput_after"] == pytest.approx(50, abs=4)


def test_answers_that_come_too_late_to_be_of_use_do_not_count() -> None:
    """Negative control: a queue that never drains answers everything, late."""
    story = Story()
    number = story.writes(0, 3)
    story.fault(3)
    for n in range(300):
        story.operation(Action.WRITE, 3 + n * 0.01, number=number + n, took=1.5)

    assert goodput(story.history, GROUP, Limits()).verdict is Verdict.FAILED


def test_a_client_that_had_not_got_going_has_nothing_to_come_back_to() -> None:
    """Negative control: what was next to nothing before would be what it was with next to nothing after."""
    story = Story()
    for n in range(300):
        story.operation(Action.WRITE, n * 0.01, number=n + 1, took=1.5 if n % 20 else 0.001)
    story.fault(3)
    story.failing(Action.WRITE, 3, 6, first=301)

    finding = goodput(story.history, GROUP, Limits())

    assert finding.verdict is Verdict.UNKNOWN
    assert finding.sentence.startswith("of 100 writes a second 5 were acknowledged before the fault")


def test_without_a_fault_goodput_is_unknown() -> None:
    """There is nothing to compare."""
    story = Story()
    story.writes(0, 3)

    assert goodput(story.history, GROUP, Limits()).verdict is Verdict.UNKNOWN


def test_a_neighbour_that_goes_on_passes_and_one_that_stops_fails() -> None:
    """Both sides, of a node group that nothing was done to."""
    well, ill = Story(), Story()
    for story, lasting in ((well, 0.0), (ill, 1.5)):
        number = story.writes(0, 3)
        story.fault(3)
        number = story.failing(Action.WRITE, 3, 3 + lasting, first=number)
        story.writes(3 + lasting, 6, first=number)

    assert blast_radius(well.history, GROUP, Limits()).verdict is Verdict.PASSED
    finding = blast_radius(ill.history, GROUP, Limits())
    assert finding.verdict is Verdict.FAILED
    assert finding.figures["failed"] == 150
