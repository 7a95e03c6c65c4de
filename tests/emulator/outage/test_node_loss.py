"""Nodes die, hang, lose power with their zone, and all is whole again afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError

import pytest
from valkey.exceptions import TimeoutError as EngineTimeoutError

from tests.emulator.outage.conftest import HASTE
from tests.emulator.outage.member import members, primary_of, replicas_of, whole
from tests.emulator.wire import until

if TYPE_CHECKING:
    from tests.emulator.outage.conftest import Asking, Ending

pytestmark = pytest.mark.engine

NOT_FOUND = 404


def test_a_killed_primary_is_replaced_by_a_replica(api: Any, ask: Asking, connect: Callable[..., Any]) -> None:
    """Without a call of TestFailover, and what the replica had is there."""
    before = primary_of(api)
    client = connect()
    client.set("key", "value")
    assert client.wait(2, 20_000) == 2

    begun = ask("kill", CacheClusterId=before)
    whole(api)

    assert begun["nodes"] == [before]
    assert primary_of(api) != before
    assert connect().get("key") == "value"


def test_a_killed_replica_comes_back(api: Any, ask: Asking, connect: Callable[..., Any]) -> None:
    """The primary stays, and has as many followers again."""
    before = primary_of(api)
    ask("kill", CacheClusterId=replicas_of(api)[0])
    whole(api)

    assert primary_of(api) == before
    assert connect().info("replication")["connected_slaves"] == 2


def test_a_node_hangs_until_the_fault_ends(api: Any, ask: Asking, end: Ending, connect: Callable[..., Any]) -> None:
    """It accepts connections and answers nothing, which is not the same as being dead."""
    connect().set("key", "before")
    client = connect(timeout=HASTE)
    begun = ask("pause", CacheClusterId=primary_of(api))
    with pytest.raises(EngineTimeoutError):
        client.get("key")
    end(begun)

    assert connect().get("key") == "before"
    with pytest.raises(HTTPError) as caught:
        end(begun)
    assert caught.value.code == NOT_FOUND
    caught.value.close()


def test_a_zone_without_power_stays_dead_until_the_fault_ends(
    api: Any, ask: Asking, end: Ending, connect: Callable[..., Any]
) -> None:
    """A replica in another zone takes over; the node comes back with the power."""
    before = primary_of(api)
    zone = members(api)[before].zone
    begun = ask("az-power-loss", AvailabilityZone=zone)
    until(lambda: primary_of(api), lambda now: now != before)
    lost = members(api)[before]
    assert (lost.role, lost.status) == ("replica", "failed")
    assert connect().info("replication")["connected_slaves"] == 1
    end(begun)
    whole(api)

    assert connect().info("replication")["connected_slaves"] == 2


def test_without_automatic_failover_a_dead_primary_comes_back_empty(
    api: Any, ask: Asking, connect: Callable[..., Any]
) -> None:
    """In its place, with nothing, and its replicas follow it in that, as on AWS."""
    before = primary_of(api)
    api.modify_replication_group(
        ReplicationGroupId="orders", AutomaticFailoverEnabled=False, MultiAZEnabled=False, ApplyImmediately=True
    )
    whole(api)
    client = connect()
    client.set("key", "value")
    assert client.wait(2, 20_000) == 2
    ask("kill", CacheClusterId=before)
    whole(api)
    api.modify_replication_group(
        ReplicationGroupId="orders", AutomaticFailoverEnabled=True, MultiAZEnabled=True, ApplyImmediately=True
    )
    whole(api)

    assert primary_of(api) == before
    assert connect().dbsize() == 0
    until(lambda: [connect(name).dbsize() for name in replicas_of(api)], lambda sizes: sizes == [0, 0])
