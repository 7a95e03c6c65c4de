"""Replicas are behind by the time that was asked for, and what was on the way is lost with the primary."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.outage.member import primary_of, replicas_of, whole
from tests.emulator.wire import until

if TYPE_CHECKING:
    from tests.emulator.outage.conftest import Asking, Ending

pytestmark = pytest.mark.engine

LAG_MILLISECONDS = 50
# Long enough to be told from the first one on a busy machine.
LONG_MILLISECONDS = 600


def age_at_arrival(primary: Any, replica: Any) -> float:
    """Write to a primary, and return the milliseconds until a replica has it."""
    primary.incr("age")
    value, begun = primary.get("age"), time.monotonic()
    until(lambda: replica.get("age"), lambda seen: seen == value)
    return (time.monotonic() - begun) * 1000


def test_a_write_arrives_after_the_lag_and_not_before(
    api: Any, ask: Asking, end: Ending, connect: Callable[..., Any]
) -> None:
    """On the replica that was named; another one has it at once, and so has this one after the fault."""
    lagging, other = replicas_of(api)
    begun = ask("replication-lag", CacheClusterId=lagging, Milliseconds=LONG_MILLISECONDS)
    primary = connect()
    primary.set("fast", "1")
    until(lambda: connect(other).get("fast"), lambda seen: seen == "1")
    assert connect(lagging).get("fast") is None

    assert age_at_arrival(primary, connect(lagging)) >= LONG_MILLISECONDS - 10
    end(begun)
    assert age_at_arrival(connect(), connect(lagging)) < LONG_MILLISECONDS / 2


def test_a_killed_primary_loses_what_was_on_the_way(api: Any, ask: Asking, connect: Callable[..., Any]) -> None:
    """And nothing of what is older; the account says so of no write, as on AWS."""
    ask("replication-lag", ReplicationGroupId="orders", Milliseconds=LONG_MILLISECONDS)
    primary = connect()
    primary.set("old", "1")
    replicas = [connect(name) for name in replicas_of(api)]
    until(lambda: [replica.get("old") for replica in replicas], lambda seen: seen == ["1", "1"])
    primary.set("new", "1")
    ask("kill", CacheClusterId=primary_of(api))
    whole(api)

    assert connect().mget("old", "new") == ["1", None]


def test_nothing_is_lost_without_a_lag(api: Any, ask: Asking, connect: Callable[..., Any]) -> None:
    """The control of the test above: here the kernel delivers what a killed process has sent."""
    primary = connect()
    primary.set("newest", "1")
    ask("kill", CacheClusterId=primary_of(api))
    whole(api)

    assert connect().get("newest") == "1"


def test_the_replica_of_least_lag_is_promoted(api: Any, ask: Asking, end: Ending, connect: Callable[..., Any]) -> None:
    """Here the one that comes last where they are equal."""
    far, near = replicas_of(api)
    lags = [
        ask("replication-lag", CacheClusterId=near, Milliseconds=LAG_MILLISECONDS),
        ask("replication-lag", CacheClusterId=far, Milliseconds=LONG_MILLISECONDS),
    ]
    client = connect()
    client.incr("count")
    assert client.wait(1, 400) == 1
    ask("kill", CacheClusterId=primary_of(api))
    whole(api)

    assert primary_of(api) == near
    for lag in lags:
        end(lag)
