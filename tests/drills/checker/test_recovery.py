"""Checkers of recovery."""

from __future__ import annotations

import pytest

from elasticache_kit.drills.checker.recovery import client_recovery, promotion, redundancy
from elasticache_kit.drills.experiment import Limits
from elasticache_kit.drills.history import Action
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.verdict import Verdict
from tests.drills.story import GROUP, Story, failover_story


def test_promotion_is_the_first_write_that_another_server_acknowledges() -> None:
    """Beside it stand the reconnection and what AWS's events say."""
    finding = promotion(failover_story().history, GROUP, Limits())

    assert finding.verdict is Verdict.PASSED
    assert finding.figures["promotion_seconds"] == pytest.approx(2.001)
    assert finding.figures["reconnect_seconds"] == pytest.approx(1.99)
    assert finding.figures["event_promotion_seconds"] == pytest.approx(1.5)


def test_a_primary_that_only_restarted_is_no_promotion() -> None:
    """Negative control: the same server acknowledging again is not a failover."""
    story = Story()
    number = story.writes(0, 1)
    story.fault(1)
    story.writes(2, 3, first=number, node="old")

    assert promotion(story.history, GROUP, Limits()).verdict is Verdict.FAILED


def test_a_fault_that_was_not_accepted_proves_nothing() -> None:
    """Without a fault there is nothing to recover from."""
    story = Story()
    story.writes(0, 1)
    story.history.log(Action.FAULT, Kind.INVOKE, GROUP)

    assert promotion(story.history, GROUP, Limits()).verdict is Verdict.UNKNOWN
    assert redundancy(story.history, GROUP, Limits()).verdict is Verdict.UNKNOWN


def test_a_server_without_a_name_leaves_promotion_unknown() -> None:
    """Where INFO is forbidden nobody can tell who answered."""
    story = Story()
    story.history.complete(Action.WRITE, GROUP, story.history.invoke(Action.WRITE, GROUP, 0.0, 1), Kind.OK)
    story.fault(1)

    assert promotion(story.history, GROUP, Limits()).verdict is Verdict.UNKNOWN


def test_redundancy_is_when_as_many_replicas_are_in_sync_as_before() -> None:
    """Two before, one after the promotion, two again at last."""
    finding = redundancy(failover_story().history, GROUP, Limits())

    assert finding.verdict is Verdict.PASSED
    assert finding.figures["redundancy_seconds"] == pytest.approx(4.5)
    assert finding.figures["event_recovery_seconds"] == pytest.approx(4.0)


def test_a_replica_that_does_not_come_back_fails() -> None:
    """Negative control."""
    story = Story()
    story.in_sync(0.5, 2, "old")
    story.writes(0, 1)
    story.fault(1)
    story.in_sync(5, 1, "new")

    finding = redundancy(story.history, GROUP, Limits())

    assert finding.verdict is Verdict.FAILED
    assert finding.sentence == "not seen: 2 replicas in sync before, 1 at the end"


def test_the_old_primary_does_not_count_as_recovered() -> None:
    """It may still say for a moment that all its replicas are in sync."""
    story = Story()
    story.in_sync(0.5, 2, "old")
    story.writes(0, 1)
    story.fault(1)
    story.in_sync(1.1, 2, "old")

    assert redundancy(story.history, GROUP, Limits()).verdict is Verdict.FAILED


def test_recovery_that_aws_never_reported_fails() -> None:
    """Replicas in sync again are not enough when the wait for AWS's event ran out."""
    story = failover_story()
    story.history.log(Action.FAULT, Kind.INFO, GROUP, error="waited 60 s for the event 'x', and it did not happen")

    finding = redundancy(story.history, GROUP, Limits())

    assert finding.verdict is Verdict.FAILED
    assert finding.sentence.endswith("but waited 60 s for the event 'x', and it did not happen")


def test_a_primary_that_does_not_tell_its_replicas_leaves_redundancy_unknown() -> None:
    """No evidence is no pass."""
    story = Story()
    story.writes(0, 1)
    story.fault(1)

    assert redundancy(story.history, GROUP, Limits()).verdict is Verdict.UNKNOWN


def test_client_recovery_is_the_end_of_the_last_outage() -> None:
    """Of writes and of reads, from the fault on."""
    finding = client_recovery(failover_story().history, GROUP, Limits())

    assert finding.verdict is Verdict.PASSED
    assert finding.figures["write_recovery_seconds"] == pytest.approx(2.001)
    assert finding.figures["read_recovery_seconds"] == 0


def test_clients_that_never_come_back_fail() -> None:
    """Negative control: valkey-py has been seen so."""
    story = Story()
    number = story.writes(0, 1)
    story.fault(1)
    story.reads(0, 3)
    story.failing(Action.WRITE, 1, 3, first=number)

    finding = client_recovery(story.history, GROUP, Limits())

    assert finding.verdict is Verdict.FAILED
    assert finding.sentence == "no write was answered at the end"
