"""Every process of a group is replaced under load."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest

from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.errors import EngineStartError
from tests.emulator.fleet.contents import digest
from tests.emulator.fleet.writer import Writer

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet
    from tests.emulator.fleet.conftest import Connecting, Ordering

pytestmark = pytest.mark.engine

MEMORY = 64 * 1024 * 1024
PATIENCE = 60.0


def memory(fleet: Fleet, key: str) -> dict[str, int]:
    """Ask every node how much memory it may use."""
    found: dict[str, int] = {}
    for name in fleet.roles(key):
        with fleet.group(key).node(name).engine.admin() as admin:
            found[name] = int(admin.info("memory")["maxmemory"])
    return found


class ConnectingAny(Protocol):
    """Makes a stock client of a group."""

    def __call__(self, fleet: Fleet, key: str) -> Any:
        """Make it, through the endpoint that takes writes."""
        ...


@pytest.fixture
def connect_any(connect: Connecting, connect_cluster: Connecting) -> ConnectingAny:
    """Give the maker of clients for both cluster modes."""

    def make(fleet: Fleet, key: str) -> Any:
        address = fleet.primary_endpoint(key)
        return connect(address) if address else connect_cluster(fleet.configuration_endpoint(key) or "")

    return make


@pytest.mark.parametrize(("shards", "nodes"), [(None, 1), (None, 3), (1, 2)])
def test_no_acknowledged_write_is_lost(
    shared_fleet: Fleet, order: Ordering, connect_any: ConnectingAny, shards: int | None, nodes: int
) -> None:
    """All processes are new, with new settings; names, addresses, roles and every acknowledged key are as before."""
    key = f"group-{shards}-{nodes}"
    shared_fleet.start_group(order(key, shards=shards, nodes=nodes))
    roles, before = shared_fleet.roles(key), set(shared_fleet.pids())
    addresses = {name: shared_fleet.node_address(key, name) for name in roles}
    with Writer(lambda: connect_any(shared_fleet, key)) as writer:
        shared_fleet.replace_nodes(key, {"maxmemory": str(MEMORY)})
    assert writer.wrong == []
    assert writer.acknowledged > 0
    assert digest(shared_fleet, key, names=b"written-*")[0] >= writer.acknowledged
    assert memory(shared_fleet, key) == dict.fromkeys(roles, MEMORY)
    assert shared_fleet.roles(key) == roles
    assert {name: shared_fleet.node_address(key, name) for name in roles} == addresses
    assert set(shared_fleet.pids()).isdisjoint(before)
    shared_fleet.stop_group(key)


def test_a_loss_would_be_seen(shared_fleet: Fleet, order: Ordering, connect_any: ConnectingAny) -> None:
    """The control: a lone node that is replaced without a helper loses what was acknowledged, and the count tells."""
    shared_fleet.start_group(order("alone"))
    with Writer(lambda: connect_any(shared_fleet, "alone")) as writer:
        assert Deadline(PATIENCE).wait_for(lambda: None if writer.acknowledged else "nothing written yet") is None
        shared_fleet.recover("alone", "alone-001")
    assert digest(shared_fleet, "alone", names=b"written-*")[0] < writer.acknowledged


def test_settings_that_the_engine_refuses_leave_the_group_as_it_is(
    shared_fleet: Fleet, order: Ordering, connect: Connecting
) -> None:
    """The first new process does not come up; the old ones go on, with their data."""
    shared_fleet.start_group(order("orders", nodes=2))
    client = connect(shared_fleet.primary_endpoint("orders") or "")
    client.set("key", "value")
    before = shared_fleet.pids()
    with pytest.raises(EngineStartError, match="maxmemory"):
        shared_fleet.replace_nodes("orders", {"maxmemory": "plenty"})
    assert shared_fleet.pids() == before
    assert client.get("key") == "value"
    # And a node that is lost later comes back.
    shared_fleet.recover("orders", "orders-002")
    assert shared_fleet.roles("orders")["orders-002"] == "replica"
