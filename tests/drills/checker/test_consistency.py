"""Checkers of consistency."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticache_kit.drills.checker.consistency import ghosts, lost_writes, monotonic_reads, stale_reads
from elasticache_kit.drills.experiment import Limits
from elasticache_kit.drills.history import Action
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.verdict import Verdict
from tests.drills.story import GROUP, Story, failover_story


def test_writes_that_are_all_there_pass() -> None:
    """The sentence speaks of what was observed, not of what cannot be."""
    finding = lost_writes(failover_story().history, GROUP, Limits())

    assert finding.verdict is Verdict.PASSED
    assert finding.sentence == "none observed in 600 (allowed 0)"


def test_an_acknowledged_write_that_is_gone_fails() -> None:
    """Negative control: one missing number is found and named."""
    story = Story()
    story.writes(0, 1)
    story.held(set(range(1, 101)) - {42})

    finding = lost_writes(story.history, GROUP, Limits())

    assert finding.verdict is Verdict.FAILED
    assert finding.sentence == "1 of 100 lost (allowed 0)"
    assert (finding.figures["lost"], finding.figures["first_lost"], finding.figures["last_lost"]) == (1, 42, 42)


def test_lost_writes_may_be_allowed() -> None:
    """Replication is asynchronous; who accepts a loss says how much."""
    story = Story()
    story.writes(0, 1)
    story.held(set(range(1, 96)))

    assert lost_writes(story.history, GROUP, Limits(allow_lost=5)).verdict is Verdict.PASSED
    assert lost_writes(story.history, GROUP, Limits(allow_lost=4)).verdict is Verdict.FAILED


@given(st.sets(st.integers(1, 100)))
def test_every_lost_write_is_counted(gone: set[int]) -> None:
    """Lost is exactly what was acknowledged and is not held."""
    story = Story()
    story.writes(0, 1)
    story.held(set(range(1, 101)) - gone)

    assert lost_writes(story.history, GROUP, Limits()).figures["lost"] == len(gone)


def test_a_write_that_was_not_acknowledged_cannot_be_lost() -> None:
    """Neither one that failed nor one whose answer got lost; but the latter may turn up."""
    story = Story()
    story.writes(0, 1)
    story.operation(Action.WRITE, 2, Kind.FAIL, number=101, error="refused")
    story.operation(Action.WRITE, 2, Kind.INFO, number=102, error="reset")
    story.operation(Action.WRITE, 2, Kind.INFO, number=103, error="reset")
    story.held(set(range(1, 101)) | {103})

    finding = lost_writes(story.history, GROUP, Limits())

    assert finding.verdict is Verdict.PASSED
    found = ghosts(story.history, GROUP, Limits())
    assert found.verdict is Verdict.PASSED
    assert found.sentence == "of 2 writes without an answer 1 are there"


def test_a_refused_write_that_is_there_all_the_same_fails() -> None:
    """Negative control: what the server refused must not have happened."""
    story = Story()
    story.operation(Action.WRITE, 1, Kind.FAIL, number=1, error="READONLY")
    story.held({1})

    assert ghosts(story.history, GROUP, Limits()).verdict is Verdict.FAILED


def lost_at(age: float) -> Story:
    """Return a story in which the write acknowledged so long before the fault is lost."""
    story = Story()
    story.operation(Action.WRITE, 1.0, number=1, took=0.0)
    story.fault(1.0 + age)
    story.held(set())
    return story


@pytest.mark.parametrize(
    ("durability", "age", "verdict"),
    [
        ("sync", 0.1, Verdict.FAILED),
        ("async", 9.9, Verdict.PASSED),
        ("async", 10.1, Verdict.FAILED),
        ("disabled", 0.1, Verdict.FAILED),
    ],
)
def test_a_loss_is_held_against_what_the_durability_promises(durability: str, age: float, verdict: Verdict) -> None:
    """Sync loses nothing, async what is younger than 10 seconds, and without durability the limit decides."""
    finding = lost_writes(lost_at(age).history, GROUP, Limits(durability=durability))

    assert finding.verdict is verdict
    assert finding.figures["oldest_lost_seconds"] == pytest.approx(age)
    assert "acknowledged from " in finding.sentence
    assert finding.sentence.count(" before") == 2


def test_writes_that_could_not_be_read_back_are_unknown() -> None:
    """No evidence is no pass, whether nobody asked or nobody answered."""
    story = Story()
    story.writes(0, 1)
    assert lost_writes(story.history, GROUP, Limits()).verdict is Verdict.UNKNOWN

    story.history.log(Action.READ_BACK, Kind.FAIL, GROUP, error="timeout")
    finding = lost_writes(story.history, GROUP, Limits())

    assert finding.verdict is Verdict.UNKNOWN
    assert finding.sentence == "the writes could not be read back: timeout"


def test_without_an_acknowledged_write_nothing_is_proved() -> None:
    """An empty set of writes is not a durable one."""
    story = Story()
    story.failing(Action.WRITE, 0, 1)
    story.held(set())

    assert lost_writes(story.history, GROUP, Limits()).verdict is Verdict.UNKNOWN


def test_a_read_of_a_superseded_number_is_stale_and_has_an_age() -> None:
    """Age counts from the acknowledgement of the first newer write to the sending of the read."""
    story = Story()
    story.writes(0, 1, step=0.1)  # number n is acknowledged at (n - 1) / 10 + 0.001
    story.operation(Action.READ, 1.0, number=8)

    figures = stale_reads(story.history, GROUP, Limits()).figures

    assert figures["stale"] == 1
    assert figures["age_max_seconds"] == pytest.approx(1.0 - 0.801)


def test_a_read_of_the_newest_acknowledged_number_is_not_stale() -> None:
    """Nor one of a write that is not acknowledged yet."""
    story = Story()
    story.writes(0, 1, step=0.1)
    for number in (10, 11):
        story.operation(Action.READ, 1.0, number=number)

    assert stale_reads(story.history, GROUP, Limits()).figures["stale"] == 0


def test_a_read_sent_before_the_newer_write_was_acknowledged_is_not_stale() -> None:
    """Its answer may be older than its arrival."""
    story = Story()
    story.operation(Action.WRITE, 0.0, number=1)
    story.operation(Action.WRITE, 1.0, number=2, took=0.5)
    story.operation(Action.READ, 1.4, number=1, took=0.5)

    assert stale_reads(story.history, GROUP, Limits()).figures["stale"] == 0


def test_a_read_that_finds_nothing_after_a_write_is_stale() -> None:
    """An empty replica is as stale as can be."""
    story = Story()
    story.operation(Action.WRITE, 0.0, number=1)
    story.operation(Action.READ, 1.0, number=None)

    assert stale_reads(story.history, GROUP, Limits()).figures["age_max_seconds"] == pytest.approx(0.999)


def test_staleness_over_the_limit_fails_and_is_only_reported_without_one() -> None:
    """Negative control: AWS allows replicas to lag, so only an asked-for limit judges."""
    story = Story()
    story.writes(0, 1, step=0.1)
    story.operation(Action.READ, 1.0, number=8)

    assert stale_reads(story.history, GROUP, Limits(max_stale_seconds=0.1)).verdict is Verdict.FAILED
    assert stale_reads(story.history, GROUP, Limits(max_stale_seconds=0.3)).verdict is Verdict.PASSED
    assert stale_reads(story.history, GROUP, Limits()).verdict is Verdict.PASSED


def test_reads_that_go_backwards_are_counted() -> None:
    """A client that saw 5 and then 3 has travelled in time."""
    story = Story()
    for at, number in ((1, 1), (2, 5), (3, 3), (4, 6)):
        story.operation(Action.READ, at, number=number)

    assert monotonic_reads(story.history, GROUP, Limits()).figures["went_backwards"] == 1
    assert monotonic_reads(story.history, GROUP, Limits(allow_backwards=1)).verdict is Verdict.PASSED
    assert monotonic_reads(story.history, GROUP, Limits(allow_backwards=0)).verdict is Verdict.FAILED


def test_without_reads_staleness_is_unknown() -> None:
    """No evidence is no pass."""
    assert stale_reads(Story().history, GROUP, Limits()).verdict is Verdict.UNKNOWN
