"""A fleet of real engines, orders for it, and clients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest
import valkey
from valkey.backoff import NoBackoff
from valkey.cluster import ValkeyCluster
from valkey.retry import Retry

from elasticache_kit.emulator.fleet import Fleet, GroupPlan, NodeGroupPlan, NodePlan
from tests.emulator.wire import PATIENCE_SECONDS

SLOTS = {1: ("0-16383",), 2: ("0-100,200-16383", "101-199"), 3: ("0-5461", "5462-10922", "10923-16383")}


class Ordering(Protocol):
    """Makes an order of so many shards with so many nodes each."""

    def __call__(self, key: str, *, shards: int | None = None, nodes: int = 1, **options: Any) -> GroupPlan:
        """Make it; without shards cluster mode is disabled."""
        ...


class Connecting(Protocol):
    """Makes a stock client, closed at the end of the test."""

    def __call__(self, address: str, **options: Any) -> Any:
        """Make it."""
        ...


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    """A fleet that ends with the test."""
    fleet = Fleet(tmp_path / "fleet")
    yield fleet
    fleet.stop()


@pytest.fixture(scope="module")
def shared_fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """A fleet that ends with the module: for tests that leave their group as they found it."""
    fleet = Fleet(tmp_path_factory.mktemp("fleet"))
    yield fleet
    fleet.stop()
    assert fleet.pids() == ()


@pytest.fixture(scope="session")
def order() -> Ordering:
    """Give the maker of orders; nodes are called `<key>-001` or `<key>-0001-001`."""

    def make(key: str, *, shards: int | None = None, nodes: int = 1, **options: Any) -> GroupPlan:
        node_groups = [
            NodeGroupPlan(
                node_group_id=f"{shard:04}",
                slots=SLOTS[shards][shard - 1] if shards else None,
                nodes=tuple(
                    NodePlan(cache_cluster_id=f"{key}-{shard:04}-{node:03}" if shards else f"{key}-{node:03}")
                    for node in range(1, nodes + 1)
                ),
            )
            for shard in range(1, (shards or 1) + 1)
        ]
        settings: dict[str, Any] = {"cluster_mode": bool(shards), "tls": False, **options}
        return GroupPlan(key=key, node_groups=tuple(node_groups), **settings)

    return make


@pytest.fixture
def connect() -> Iterator[Connecting]:
    """Give the maker of plain clients, which never retry."""
    with ExitStack() as cleanup:

        def make(address: str, **options: Any) -> Any:
            settings: dict[str, Any] = {
                "decode_responses": True,
                "socket_timeout": PATIENCE_SECONDS,
                "retry": Retry(NoBackoff(), 0),
                **options,
            }
            client: Any = valkey.Valkey(host=address, **settings)
            cleanup.callback(client.close)
            return client

        yield make


@pytest.fixture
def connect_cluster() -> Iterator[Connecting]:
    """Give the maker of stock cluster clients."""
    with ExitStack() as cleanup:

        def make(address: str, **options: Any) -> Any:
            settings: dict[str, Any] = {"decode_responses": True, "socket_timeout": PATIENCE_SECONDS, **options}
            client: Any = ValkeyCluster(host=address, **settings)
            cleanup.callback(client.close)
            return client

        yield make
