"""Real engines with cluster mode enabled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.emulator.fleet import Fleet, NodePlan
from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.errors import RefusedError

if TYPE_CHECKING:
    from tests.emulator.fleet.conftest import Connecting, Ordering

pytestmark = pytest.mark.engine

KEY = "orders"
PATIENCE = 60.0
KEYS = range(300)


@pytest.fixture
def group(fleet: Fleet, order: Ordering) -> Fleet:
    """A fleet with three shards of a primary and a replica."""
    fleet.start_group(order(KEY, shards=3, nodes=2))
    return fleet


def configuration(fleet: Fleet) -> str:
    """Give the configuration endpoint."""
    address = fleet.configuration_endpoint(KEY)
    assert address is not None
    return address


def write(client: Any) -> None:
    """Write keys in all shards, and wait until the replicas have them."""
    for key in KEYS:
        client.set(f"key-{key}", key)
    for node in client.get_primaries():
        assert client.execute_command("WAIT", 1, 5000, target_nodes=node) == 1


def read(client: Any) -> list[int]:
    """Read all keys."""
    return [int(client.get(f"key-{key}") or -1) for key in KEYS]


def told(client: Any) -> dict[str, bool]:
    """Say which addresses a node tells clients of, and whether each is a primary's."""
    known: dict[str, bool] = {}
    for _, _, primary, *replicas in client.execute_command("CLUSTER SLOTS"):
        known[primary[0]] = True
        known.update({replica[0]: False for replica in replicas})
    return known


@pytest.mark.parametrize("shards", [1, 2, 3])
def test_a_stock_client_finds_all_slots(
    fleet: Fleet, order: Ordering, connect_cluster: Connecting, shards: int
) -> None:
    """Through the configuration endpoint a cluster client reads and writes every slot, also split ranges."""
    fleet.start_group(order(KEY, shards=shards))
    client = connect_cluster(configuration(fleet))
    assert len(client.get_primaries()) == shards
    for key in KEYS:
        client.set(f"key-{key}", key)
    assert read(client) == list(KEYS)
    assert fleet.primary_endpoint(KEY) is None
    assert fleet.reader_endpoint(KEY) is None


def test_every_node_tells_of_all_nodes(group: Fleet, connect: Connecting) -> None:
    """Right after the start each node knows all addresses and roles, and no node that never existed."""
    roles = group.roles(KEY)
    expected = {group.node_address(KEY, name): role == "primary" for name, role in roles.items()}
    assert sum(expected.values()) == 3
    for address in [configuration(group), *expected]:
        client = connect(address)
        assert told(client) == expected
        assert len(client.execute_command("CLUSTER NODES")) == 6


def test_a_failover_keeps_what_was_acknowledged(group: Fleet, connect: Connecting, connect_cluster: Connecting) -> None:
    """A replica takes the slots over, the client follows, and the lost node comes back as a replica with all data."""
    client = connect_cluster(configuration(group))
    write(client)
    group.kill(KEY, "orders-0002-001")
    (promoted,) = group.replicas_by_offset(KEY, "0002")
    group.promote(KEY, promoted)
    assert connect(group.node_address(KEY, promoted)).info("replication")["role"] == "master"
    assert read(client) == list(KEYS)
    group.recover(KEY, "orders-0002-001")
    roles = group.roles(KEY)
    assert (roles["orders-0002-001"], roles["orders-0002-002"]) == ("replica", "primary")
    primary, replica = (connect(group.node_address(KEY, f"orders-0002-00{number}")) for number in (2, 1))
    assert replica.dbsize() == primary.dbsize() > 0
    write(client)


def test_a_recovered_node_was_never_a_primary(group: Fleet, connect: Connecting) -> None:
    """A replaced node begins as a replica: it cannot have taken a write in between."""
    group.kill(KEY, "orders-0001-001")
    group.promote(KEY, "orders-0001-002")
    group.recover(KEY, "orders-0001-001")
    info = connect(group.node_address(KEY, "orders-0001-001")).execute_command("CLUSTER INFO")
    assert info["cluster_state"] == "ok"
    roles = told(connect(configuration(group)))
    assert roles[group.node_address(KEY, "orders-0001-001")] is False
    assert sum(roles.values()) == 3


def test_a_living_primary_hands_over_without_loss(group: Fleet, connect_cluster: Connecting) -> None:
    """A promotion while the primary lives loses no write."""
    client = connect_cluster(configuration(group))
    for key in KEYS:
        client.set(f"key-{key}", key)
    group.promote(KEY, "orders-0003-002")
    assert group.roles(KEY)["orders-0003-001"] == "replica"
    assert read(client) == list(KEYS)


def test_promoting_a_primary_changes_nothing(group: Fleet) -> None:
    """A promotion may be repeated."""
    before = group.roles(KEY)
    group.promote(KEY, "orders-0001-001")
    assert group.roles(KEY) == before


def test_an_election_of_the_engines_is_accepted(group: Fleet, connect_cluster: Connecting) -> None:
    """Where the engines have promoted a replica by themselves the emulator's promotion agrees with it."""
    client = connect_cluster(configuration(group))
    write(client)
    group.kill(KEY, "orders-0001-001")
    elected = Deadline(PATIENCE).wait_for(
        lambda: None if group.roles(KEY)["orders-0001-002"] == "primary" else "not elected"
    )
    assert elected is None
    group.promote(KEY, "orders-0001-002")
    group.recover(KEY, "orders-0001-001")
    assert group.roles(KEY)["orders-0001-001"] == "replica"
    assert read(client) == list(KEYS)


def test_a_lone_primary_comes_back_empty(fleet: Fleet, order: Ordering, connect_cluster: Connecting) -> None:
    """A shard without replicas loses its data with its node, and gets its slots back with the replacement."""
    fleet.start_group(order(KEY, shards=3))
    client = connect_cluster(configuration(fleet))
    for key in KEYS:
        client.set(f"key-{key}", key)
    fleet.kill(KEY, "orders-0001-001")
    fleet.recover(KEY, "orders-0001-001")
    assert fleet.roles(KEY)["orders-0001-001"] == "primary"
    again = connect_cluster(configuration(fleet))
    lost = [value for value in read(again) if value == -1]
    assert 0 < len(lost) < len(KEYS)
    again.set("key-0", 0)


def test_the_configuration_endpoint_outlives_its_node(group: Fleet, connect: Connecting) -> None:
    """When the node behind the configuration endpoint dies another one takes it over at once."""
    before = connect(configuration(group)).execute_command("CLUSTER MYID")
    holder = next(
        name
        for name in group.roles(KEY)
        if connect(group.node_address(KEY, name)).execute_command("CLUSTER MYID") == before
    )
    group.kill(KEY, holder)
    assert connect(configuration(group)).execute_command("CLUSTER MYID") != before


def test_replicas_come_and_go(group: Fleet, connect: Connecting) -> None:
    """All nodes tell of a new replica and forget a removed one; its name can be used again."""
    for _ in range(2):
        group.add_replica(KEY, "0001", NodePlan(cache_cluster_id="orders-0001-003"))
        address = group.node_address(KEY, "orders-0001-003")
        assert set(group.replicas_by_offset(KEY, "0001")) == {"orders-0001-002", "orders-0001-003"}
        for name in ("orders-0002-002", "orders-0001-001"):
            assert told(connect(group.node_address(KEY, name)))[address] is False
        group.remove_replica(KEY, "orders-0001-003")
        for name in group.roles(KEY):
            assert address not in told(connect(group.node_address(KEY, name)))


def test_a_primary_is_not_removed(group: Fleet) -> None:
    """Removing a primary is refused, and it goes on."""
    with pytest.raises(RefusedError, match="it is a primary"):
        group.remove_replica(KEY, "orders-0001-001")
    assert group.roles(KEY)["orders-0001-001"] == "primary"


def test_a_reboot_keeps_the_role(group: Fleet, connect_cluster: Connecting) -> None:
    """A rebooted replica has its data again; a rebooted primary has its slots again and no data."""
    write(connect_cluster(configuration(group)))
    before = group.roles(KEY)
    group.restart(KEY, "orders-0002-002")
    group.restart(KEY, "orders-0003-001")
    assert group.roles(KEY) == before
    client = connect_cluster(configuration(group))
    assert -1 in read(client)
    client.set("key-0", 0)
