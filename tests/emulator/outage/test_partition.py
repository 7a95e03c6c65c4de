"""A network that no longer leads to a node, and leads there again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from valkey.exceptions import ConnectionError as EngineConnectionError
from valkey.exceptions import TimeoutError as EngineTimeoutError

from tests.emulator.outage.conftest import HASTE
from tests.emulator.outage.member import members, primary_of, replicas_of, whole
from tests.emulator.wire import until

if TYPE_CHECKING:
    from tests.emulator.outage.conftest import Asking, Ending

pytestmark = pytest.mark.engine


def answered(client: Any, value: str) -> bool:
    """Write, and tell whether an answer came in time."""
    try:
        return client.set("key", value)
    except EngineTimeoutError:
        return False


def test_clients_wait_in_vain_and_nobody_else_notices(
    api: Any, ask: Asking, end: Ending, connect: Callable[..., Any]
) -> None:
    """Connections stay and are not answered, new ones are not made, and the node replicates all the time."""
    node = primary_of(api)
    client = connect(timeout=HASTE)
    until(lambda: answered(client, "before"), bool)
    begun = ask("partition", CacheClusterId=node, From="clients")
    with pytest.raises(EngineTimeoutError):
        client.set("key", "unheard")
    with pytest.raises((EngineTimeoutError, EngineConnectionError)):
        connect(timeout=HASTE).ping()
    assert (primary_of(api), members(api)[node].status) == (node, "available")
    end(begun)

    assert connect().info("replication")["connected_slaves"] == 2


def test_a_primary_without_its_peers_is_replaced_and_loses_what_it_took(
    api: Any, ask: Asking, end: Ending, connect: Callable[..., Any]
) -> None:
    """A client that is still connected goes on writing to it; it comes back as a replica of the other one."""
    before = primary_of(api)
    client = connect()
    client.set("common", "1")
    assert client.wait(2, 20_000) == 2
    begun = ask("partition", CacheClusterId=before, From="peers")
    client.set("lonely", "1")
    until(lambda: primary_of(api), lambda now: now != before)
    connect().set("after", "1")
    lonely = client.mget("common", "lonely", "after")
    assert members(api)[before].status == "failed"
    end(begun)
    whole(api)

    assert lonely == ["1", "1", None]
    assert connect().mget("common", "lonely", "after") == ["1", None, "1"]
    until(lambda: connect(before).mget("common", "lonely", "after"), lambda seen: seen == ["1", None, "1"])


def test_a_replica_without_anybody_is_behind_until_it_is_back(
    api: Any, ask: Asking, end: Ending, connect: Callable[..., Any]
) -> None:
    """The primary goes on without it, readers are led elsewhere, and then it has all that it has missed."""
    replica, other = replicas_of(api)
    begun = ask("partition", CacheClusterId=replica)
    primary = connect()
    primary.set("missed", "1")
    with pytest.raises((EngineTimeoutError, EngineConnectionError)):
        connect(replica, timeout=HASTE).ping()
    until(lambda: connect(other).get("missed"), lambda seen: seen == "1")
    end(begun)
    whole(api)

    assert primary_of(api) not in (replica, other)
    until(lambda: connect(replica).get("missed"), lambda seen: seen == "1")
