"""A node that answers late."""

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

MILLISECONDS = 100


def took(client: Any) -> float:
    """Return the milliseconds of a command."""
    begun = time.monotonic()
    client.get("key")
    return (time.monotonic() - begun) * 1000


def quick(*clients: Any) -> bool:
    """Wait until a command to each is answered in time; on a busy machine it need not be the first one."""
    for client in clients:
        until(lambda client=client: took(client), lambda milliseconds: milliseconds < MILLISECONDS / 2)
    return True


def test_each_command_is_answered_late_until_the_fault_ends(
    api: Any, ask: Asking, end: Ending, connect: Callable[..., Any]
) -> None:
    """Through the endpoint and at the node's own address; others are as quick as ever."""
    node = primary_of(api)
    begun = ask("slow-engine", CacheClusterId=node, Milliseconds=MILLISECONDS)
    slow = [took(client) for client in (connect(), connect(node)) for _ in range(2)]
    assert quick(connect(replicas_of(api)[0]))
    in_sync = connect().info("replication")["connected_slaves"]
    end(begun)

    assert min(slow) >= MILLISECONDS
    assert in_sync == 2
    assert quick(connect(), connect(node))


def test_a_slow_node_that_is_replaced_is_quick(api: Any, ask: Asking, connect: Callable[..., Any]) -> None:
    """Its replacement is another machine, at the same address; the end of the fault finds nothing left to do."""
    node = primary_of(api)
    ask("slow-engine", CacheClusterId=node, Milliseconds=MILLISECONDS)
    ask("kill", CacheClusterId=node)
    whole(api)

    assert primary_of(api) != node
    assert quick(connect(), connect(node))
