"""Reading events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from elasticache_kit.ops import event
from elasticache_kit.ops.event import Event, EventKind, first, last, recent

if TYPE_CHECKING:
    from tests.ops.scripted import Api, FakeTime

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Test Failover API called for node group 0001", EventKind.CALLED),
        ("Failover from primary node a-001 to replica node a-002 completed", EventKind.PROMOTED),
        ("Failover from master node a-001 to replica node a-002 completed", EventKind.PROMOTED),
        ("Failover to replica node a-002 completed", EventKind.PROMOTED),
        ("Recovering cache nodes 0001", EventKind.RECOVERING),
        ("Finished recovery for cache nodes 0001", EventKind.RECOVERED),
        ("Snapshot succeeded for snapshot with ID 'x'", EventKind.OTHER),
    ],
)
def test_a_message_tells_the_step_of_a_failover(message: str, kind: EventKind) -> None:
    """Every wording that AWS is known to use is understood."""
    assert Event(NOON, "replication-group", "a", message).kind is kind


def test_recent_events_are_those_of_the_sources_oldest_first(api: Api) -> None:
    """Events of other resources do not count, and order does not depend on the API."""
    api.events((2, "orders-001", "second"), (1, "orders", "first"), (0, "other", "not mine"))

    assert [event.message for event in recent(api.session, ("orders", "orders-001"))] == ["first", "second"]


def test_the_same_text_of_group_and_member_stays_two_events(api: Api) -> None:
    """AWS tells of a completed failover twice, and both are shown."""
    text = "Failover from primary node orders-001 to replica node orders-002 completed"
    api.events((1, "orders", text), (1, "orders-001", text))

    assert len(recent(api.session, ("orders", "orders-001"))) == 2


def test_first_and_last_pick_by_date() -> None:
    """The date decides, not the order in which events were seen."""
    late, early = (
        Event(NOON + timedelta(seconds=s), "cache-cluster", "a", "Finished recovery for cache nodes 0001")
        for s in (9, 1)
    )

    assert first((late, early), EventKind.RECOVERED) == early
    assert last((late, early), EventKind.RECOVERED) == late
    assert first((late, early), EventKind.CALLED) is None


def test_each_event_is_told_once_while_following(api: Api, fake_time: FakeTime) -> None:
    """Also those that were there before, and until the time is over."""
    api.events((0, "orders", "first"))
    api.events((0, "orders", "first"), (3, "orders", "second"))
    api.events((0, "orders", "first"), (3, "orders", "second"))
    told: list[str] = []

    event.follow(api.session, {"orders"}, lambda item: told.append(item.message), seconds=10, clock=fake_time.clock())

    assert told == ["first", "second"]
    assert fake_time.seconds == 10


def test_of_the_whole_region_every_source_counts(api: Api) -> None:
    """Where none is named."""
    api.events((0, "orders", "first"), (1, "sessions", "second"))

    assert [item.source_id for item in recent(api.session)] == ["orders", "sessions"]
