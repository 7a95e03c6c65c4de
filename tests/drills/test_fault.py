"""What a drill breaks, and what is put on record of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from elasticache_kit.drills.access import Access
from elasticache_kit.drills.catalog import DRILLS, Context
from elasticache_kit.drills.fault import Failover
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.operation import Kind
from elasticache_kit.errors import RefusedError
from elasticache_kit.ops.event import EventKind
from elasticache_kit.ops.wait import Clock
from tests.drills.forged import replication_group

if TYPE_CHECKING:
    from elasticache_kit.drills.fault import Fault
    from tests.ops.scripted import Api


def fault(api: Api) -> Fault:
    """Return the fault of the drill `failover`."""
    return DRILLS["failover"].fault(given(api))


def given(api: Api) -> Context:
    """Return what a fault is made for."""
    return Context(session=api.session, group=replication_group(), access=Access(), timeout_seconds=60, run_id="4f2a")


def test_a_failover_logs_call_and_events(api: Api) -> None:
    """The call when it begins and when it was accepted, and each event once."""
    api.events()
    api.act.add_response("test_failover", {}, {"ReplicationGroupId": "orders", "NodeGroupId": "0001"})
    api.events((0, "orders", "Test Failover API called for node group 0001"))
    api.events(
        (0, "orders", "Test Failover API called for node group 0001"),
        (9, "orders-0001-001", "Finished recovery for cache nodes 0001"),
    )
    history = History()

    fault(api).inject("0001", history, Clock(sleep=lambda _: None))

    assert [(e.action, e.kind) for e in history.entries] == [
        (Action.FAULT, Kind.INVOKE),
        (Action.FAULT, Kind.OK),
        (Action.EVENT, Kind.INFO),
        (Action.EVENT, Kind.INFO),
    ]
    assert [entry.call for entry in history.about(Action.FAULT)] == ["TestFailover", "TestFailover"]
    events = [entry.event for entry in history.entries if entry.event]
    assert [event.kind for event in events] == [EventKind.CALLED, EventKind.RECOVERED]
    assert events[1].date - events[0].date == timedelta(seconds=9)


def test_a_failover_that_is_refused_was_not_accepted(api: Api) -> None:
    """The checkers then know that nothing broke."""
    api.events()
    api.act.add_client_error("test_failover", "TestFailoverNotAvailableFault", "not now")
    history = History()

    with pytest.raises(RefusedError, match="not now"):
        fault(api).inject("0001", history, Clock())

    assert [entry.kind for entry in history.about(Action.FAULT)] == [Kind.INVOKE]


def test_the_drill_shows_the_plan_of_the_operation(api: Api) -> None:
    """One plan, whether it is shown, run alone or run under load."""
    shown = fault(api).show()

    assert "call TestFailover with ReplicationGroupId=orders, NodeGroupId=0001" in shown
    assert isinstance(fault(api), Failover)


def test_no_fault_breaks_nothing(api: Api) -> None:
    """The null drill asks nothing of the API."""
    history = History()

    none = DRILLS["none"].fault(given(api))
    none.inject("0001", history, Clock())

    assert history.entries == []
    assert not none.promotes
