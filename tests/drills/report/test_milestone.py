"""Finding the moments that matter."""

from __future__ import annotations

import pytest

from elasticache_kit.drills.history import Action
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.report.milestone import milestones
from tests.drills.forged import result
from tests.drills.story import Story, failover_story


def test_call_events_and_what_clients_saw_are_in_order() -> None:
    """One line of events from three sources, numbered."""
    found = milestones(result(failover_story()))

    assert [(moment.number, moment.text) for moment in found] == [
        (1, "TestFailover was called"),
        (2, "Failover from primary node orders-001 to replica node orders-002 completed"),
        (3, "the new primary acknowledged its first write"),
        (4, "Finished recovery for cache nodes 0001"),
        (5, "all replicas were in sync again"),
    ]
    assert [moment.side for moment in found] == ["seen", "aws", "seen", "aws", "seen"]


def test_events_are_placed_by_the_dates_of_aws() -> None:
    """AWS's event of the call and the call itself are the same moment, though it was seen 0.1 s later."""
    called, completed, *_ = milestones(result(failover_story()))

    assert called.at == pytest.approx(3.0)
    assert completed.at == pytest.approx(3.0 + 1.5)


def test_the_same_event_of_group_and_member_is_one_milestone() -> None:
    """AWS tells of a completed failover twice."""
    story = failover_story()
    text = "Failover from primary node orders-001 to replica node orders-002 completed"
    story.event(4.6, "orders-002", text)

    assert [moment.text for moment in milestones(result(story))].count(text) == 1


def test_a_drill_of_two_calls_has_both_and_the_region_that_took_the_writes() -> None:
    """In the order in which they happened."""
    story = Story()
    story.writes(0, 3)
    story.fault(1, "FailoverGlobalReplicationGroup")
    story.history.log(Action.REGION, Kind.OK, role="eu-west-1")
    story.fault(2, "FailoverGlobalReplicationGroup")

    found = milestones(result(story, failed_over=None))

    assert [(moment.at, moment.text, moment.source) for moment in found] == [
        (1, "FailoverGlobalReplicationGroup was called", "this drill"),
        (1, "eu-west-1 is the primary", "the API"),
        (2, "FailoverGlobalReplicationGroup was called again", "this drill"),
    ]


def test_a_fault_of_the_local_elasticache_is_no_call() -> None:
    """A primary that was killed was not failed over by AWS."""
    story = Story()
    story.writes(0, 3)
    story.fault(1, call=None)

    assert [moment.text for moment in milestones(result(story))] == ["the fault began"]


def test_events_without_one_of_the_call_are_placed_by_when_they_were_seen() -> None:
    """As those of an experiment of AWS FIS, of which ElastiCache does not tell when it was asked for."""
    story = Story()
    story.writes(0, 3)
    story.fault(1, "StartExperiment")
    text = "Failover from primary node orders-001 to replica node orders-002 completed"
    story.event(2.6, "orders", text)

    _, told = milestones(result(story))

    assert (told.at, told.text, told.side, told.is_late) == (2.6, text, "aws", True)


def test_a_drill_without_a_fault_has_no_milestones() -> None:
    """There is nothing to look for."""
    story = Story()
    story.writes(0, 1)

    assert milestones(result(story, failed_over=None)) == ()
