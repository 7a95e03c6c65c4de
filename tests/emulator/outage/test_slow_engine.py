"""A node that answers late."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.outage.member import primary_of, replicas_of, whole

if TYPE_CHECKING:
    from tests.emulator.outage.conftest import Asking, Ending

pytestmark = pytest.mark.engine

MILLISECONDS = 100


def quickest(client: Any) -> float:
    """Return the milliseconds of the quickest of a few commands."""

    def one() -> float:
        begun = time.monotonic()
        client.get("key")
        return (time.monotonic() - begun) * 1000

    client.ping()
    return min(one() for _ in range(2))


def test_each_command_is_answered_late_until_the_fault_ends(
    api: Any, ask: Asking, end: Ending, connect: Callable[..., Any]
) -> None:
    """Through the endpoint and at the node's own address; others are as quick as ever."""
    node = primary_of(api)
    begun = ask("slow-engine", CacheClusterId=node, Milliseconds=MILLISECONDS)
    slow = [quickest(connect()), quickest(connect(node))]
    quick = quickest(connect(replicas_of(api)[0]))
    in_sync = connect().info("replication")["connected_slaves"]
    end(begun)

    assert min(slow) >= MILLISECONDS
    assert quick < MILLISECONDS / 2
    assert in_sync == 2
    assert max(quickest(connect()), quickest(connect(node))) < MILLISECONDS / 2


def test_a_slow_node_that_is_replaced_is_quick(api: Any, ask: Asking, connect: Callable[..., Any]) -> None:
    """Its replacement is another machine, at the same address; the end of the fault finds nothing left to do."""
    node = primary_of(api)
    ask("slow-engine", CacheClusterId=node, Milliseconds=MILLISECONDS)
    ask("kill", CacheClusterId=node)
    whole(api)

    assert primary_of(api) != node
    assert max(quickest(connect()), quickest(connect(node))) < MILLISECONDS / 2
