"""Replicas are behind by the time that was asked for, and what was on the way is lost with the primary."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

import pytest
from valkey import ValkeyError

from tests.emulator.outage.member import primary_of, replicas_of, whole
from tests.emulator.wire import until

if TYPE_CHECKING:
    from tests.emulator.outage.conftest import Asking, Ending

pytestmark = pytest.mark.engine

LAG_MILLISECONDS = 50
# Long enough to be told from the first one on a busy machine.
LONG_MILLISECONDS = 600


def ages_at_arrival(primary: Any, *replicas: Any) -> list[float]:
    """Write to a primary, and return the milliseconds until each replica in turn has it."""
    begun = time.monotonic()
    value, ages = str(primary.incr("age")), list[float]()
    for replica in replicas:
        until(lambda replica=replica: replica.get("age"), lambda seen: seen == value)
        ages.append((time.monotonic() - begun) * 1000)
    return ages


class Counter:
    """Counts at a primary until the connection breaks: whatever was on the way then was counted just before.

    Args:
        client: of the primary.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._thread = threading.Thread(target=self._run)
        self.acknowledged = 0

    def __enter__(self) -> Self:
        self._thread.start()
        until(lambda: self.acknowledged, bool)
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()

    def _run(self) -> None:
        with suppress(ValkeyError, OSError):
            while True:
                self.acknowledged = self._client.incr("count")


def test_a_write_arrives_after_the_lag_and_not_before(
    api: Any, ask: Asking, end: Ending, connect: Callable[..., Any]
) -> None:
    """On the replica that was named; another one has it at once, and so has this one after the fault."""
    lagging, other = replicas_of(api)
    begun = ask("replication-lag", CacheClusterId=lagging, Milliseconds=LONG_MILLISECONDS)
    trials: list[list[float]] = []

    def quick(*replicas: Any) -> None:
        """Try until what comes last is there in less than half of the lag: a busy machine may be late itself."""
        until(lambda: ages_at_arrival(connect(), *replicas), lambda ages: ages[-1] < LONG_MILLISECONDS / 2)

    until(
        lambda: trials.append(ages_at_arrival(connect(), connect(other), connect(lagging))) or trials[-1],
        lambda ages: ages[0] < LONG_MILLISECONDS / 2,
    )
    assert min(ages[1] for ages in trials) >= LONG_MILLISECONDS - 10
    end(begun)
    quick(connect(other), connect(lagging))


def test_a_killed_primary_loses_what_was_on_the_way(api: Any, ask: Asking, connect: Callable[..., Any]) -> None:
    """And nothing of what is older; the account says so of no write, as on AWS."""
    ask("replication-lag", ReplicationGroupId="orders", Milliseconds=LONG_MILLISECONDS)
    primary = connect()
    primary.set("old", "1")
    replicas = [connect(name) for name in replicas_of(api)]
    until(lambda: [replica.get("old") for replica in replicas], lambda seen: seen == ["1", "1"])
    with Counter(primary) as counter:
        ask("kill", CacheClusterId=primary_of(api))
    whole(api)

    old, count = connect().mget("old", "count")
    assert old == "1"
    assert int(count or 0) < counter.acknowledged


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
    with Counter(connect()):
        until(lambda: connect(near).get("count"), bool)
        ask("kill", CacheClusterId=primary_of(api))
    whole(api)

    assert primary_of(api) == near
    for lag in lags:
        end(lag)
