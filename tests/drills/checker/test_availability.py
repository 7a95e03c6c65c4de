"""Checkers of availability."""

from __future__ import annotations

import pytest

from elasticache_kit.drills.checker.availability import errors, instrument, read_outage, write_outage
from elasticache_kit.drills.experiment import Limits
from elasticache_kit.drills.history import Action
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.verdict import Verdict
from tests.drills.story import GROUP, Story, failover_story


def test_a_write_outage_within_the_limit_passes() -> None:
    """The figures say how long, how many and how slow."""
    finding = write_outage(failover_story().history, GROUP, Limits(max_write_outage_seconds=2.5))

    assert finding.verdict is Verdict.PASSED
    assert finding.figures["longest_gap_seconds"] == pytest.approx(2.01)
    assert finding.figures["outage_seconds"] == pytest.approx(2.01)
    assert (finding.figures["ok"], finding.figures["failed"], finding.figures["outages"]) == (600, 200, 1)
    assert finding.figures["latency_p50_seconds"] == pytest.approx(0.001)
    assert finding.sentence == "the longest gap was 2.01 s (limit 2.50 s), 200 operations failed"


def test_a_write_outage_over_the_limit_fails() -> None:
    """Negative control."""
    finding = write_outage(failover_story().history, GROUP, Limits(max_write_outage_seconds=2.0))

    assert finding.verdict is Verdict.FAILED


def test_a_read_outage_over_the_limit_fails() -> None:
    """Negative control: reads are judged by their own limit."""
    story = Story()
    story.reads(0, 1)
    story.failing(Action.READ, 1, 2)
    story.reads(2, 3)

    assert read_outage(story.history, GROUP, Limits(max_read_outage_seconds=1.5)).verdict is Verdict.PASSED
    assert read_outage(story.history, GROUP, Limits(max_read_outage_seconds=0.5)).verdict is Verdict.FAILED


def test_no_acknowledgement_at_all_fails_whatever_the_limit() -> None:
    """A drill that is shorter than its limit must not pass by ending early."""
    story = Story()
    story.failing(Action.WRITE, 0, 2)

    finding = write_outage(story.history, GROUP, Limits(max_write_outage_seconds=60))

    assert finding.verdict is Verdict.FAILED
    assert finding.sentence == "none of 200 operations was acknowledged"


def test_nothing_tried_is_unknown() -> None:
    """No evidence is no pass."""
    assert write_outage(Story().history, GROUP, Limits()).verdict is Verdict.UNKNOWN


def test_indeterminate_writes_are_not_counted_as_failed() -> None:
    """A write whose answer got lost may have happened."""
    story = Story()
    story.operation(Action.WRITE, 0.0, number=1)
    story.operation(Action.WRITE, 0.1, Kind.INFO, number=2, error="reset")

    figures = write_outage(story.history, GROUP, Limits()).figures

    assert (figures["failed"], figures["indeterminate"]) == (0, 1)


def test_an_instrument_that_kept_time_passes() -> None:
    """The control for the next test."""
    assert instrument(failover_story().history, GROUP, Limits()).verdict is Verdict.PASSED


def test_an_instrument_that_stalled_is_unknown() -> None:
    """Negative control: one operation that was sent 300 ms late spoils the drill."""
    story = failover_story()
    story.operation(Action.WRITE, 9.0, number=1000, late=0.3, took=0.31)

    finding = instrument(story.history, GROUP, Limits())

    assert finding.verdict is Verdict.UNKNOWN
    assert finding.sentence == "the drill itself was at most 300 ms late (limit 250 ms)"


def test_errors_are_counted_by_kind() -> None:
    """Ok operations do not count."""
    story = failover_story()
    story.operation(Action.WRITE, 9.0, Kind.FAIL, number=1000, error="READONLY")

    assert errors(story.history.operations(Action.WRITE, GROUP)) == {"refused": 200, "READONLY": 1}
