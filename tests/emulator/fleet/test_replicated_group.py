"""Real engines with cluster mode disabled."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import pytest
import valkey

from elasticache_kit.emulator.fleet import Fleet, NodePlan
from elasticache_kit.errors import NotFoundError, RefusedError

if TYPE_CHECKING:
    from tests.emulator.fleet.conftest import Connecting, Ordering

pytestmark = pytest.mark.engine

KEY = "orders"
FIRST, SECOND, THIRD = "orders-001", "orders-002", "orders-003"


@pytest.fixture
def group(fleet: Fleet, order: Ordering) -> Fleet:
    """A fleet with one primary and two replicas."""
    fleet.start_group(order(KEY, nodes=3))
    return fleet


def primary(fleet: Fleet, connect: Connecting) -> Any:
    """Connect to the primary endpoint."""
    address = fleet.primary_endpoint(KEY)
    assert address is not None
    return connect(address)


def reader(fleet: Fleet, connect: Connecting) -> Any:
    """Connect to the reader endpoint."""
    address = fleet.reader_endpoint(KEY)
    assert address is not None
    return connect(address)


def write(client: Any, keys: range, replicas: int) -> None:
    """Write keys and wait until so many replicas have them."""
    for key in keys:
        client.set(f"key-{key}", key)
    assert client.execute_command("WAIT", replicas, 5000) == replicas


def read(client: Any, keys: range) -> list[int]:
    """Read keys."""
    return [int(client.get(f"key-{key}") or -1) for key in keys]


def test_what_is_written_to_the_primary_is_read_from_replicas(group: Fleet, connect: Connecting) -> None:
    """The first write after the start reaches both replicas, and every endpoint serves it."""
    assert group.roles(KEY) == {FIRST: "primary", SECOND: "replica", THIRD: "replica"}
    write(primary(group, connect), range(1), replicas=2)
    assert read(reader(group, connect), range(1)) == [0]
    for name in (FIRST, SECOND, THIRD):
        assert read(connect(group.node_address(KEY, name)), range(1)) == [0]


def test_endpoints_lead_to_their_roles(group: Fleet, connect: Connecting) -> None:
    """The primary endpoint takes writes, the reader endpoint refuses them; there is no configuration endpoint."""
    assert primary(group, connect).info("replication")["role"] == "master"
    with pytest.raises(valkey.ReadOnlyError):
        reader(group, connect).set("key", "value")
    assert group.configuration_endpoint(KEY) is None


def test_replicas_are_seen_at_their_own_addresses(group: Fleet, connect: Connecting) -> None:
    """The primary knows its replicas by the addresses that clients use."""
    info = primary(group, connect).info("replication")
    seen = {(info[name]["ip"], info[name]["port"]) for name in ("slave0", "slave1")}
    assert seen == {(group.node_address(KEY, name), 6379) for name in (SECOND, THIRD)}


def test_a_single_node_serves_readers_too(fleet: Fleet, order: Ordering, connect: Connecting) -> None:
    """Where there is no replica the reader endpoint leads to the primary, until there is one."""
    fleet.start_group(order(KEY))
    assert reader(fleet, connect).info("replication")["role"] == "master"
    fleet.add_replica(KEY, "0001", NodePlan(cache_cluster_id=SECOND))
    assert reader(fleet, connect).info("replication")["role"] == "slave"


def test_a_killed_primary_is_gone(group: Fleet, connect: Connecting) -> None:
    """After a kill the primary endpoint refuses connections, and readers are served."""
    write(primary(group, connect), range(1), replicas=2)
    group.kill(KEY, FIRST)
    assert group.roles(KEY)[FIRST] == "down"
    with pytest.raises(valkey.ConnectionError, match="refused"):
        primary(group, connect).ping()
    assert read(reader(group, connect), range(1)) == [0]


def test_a_failover_keeps_what_was_acknowledged(group: Fleet, connect: Connecting) -> None:
    """The most current replica takes over, the endpoints move, and the lost node comes back with all data."""
    addresses = [group.node_address(KEY, name) for name in (FIRST, SECOND, THIRD)]
    endpoint = group.primary_endpoint(KEY)
    write(primary(group, connect), range(100), replicas=2)
    group.kill(KEY, FIRST)
    promoted = group.replicas_by_offset(KEY, "0001")[0]
    group.promote(KEY, promoted)
    assert group.primary_endpoint(KEY) == endpoint
    write(primary(group, connect), range(100, 200), replicas=1)
    group.recover(KEY, FIRST)
    roles = {FIRST: "replica", SECOND: "replica", THIRD: "replica", promoted: "primary"}
    assert group.roles(KEY) == roles
    assert [group.node_address(KEY, name) for name in (FIRST, SECOND, THIRD)] == addresses
    assert read(connect(group.node_address(KEY, FIRST)), range(200)) == list(range(200))
    write(primary(group, connect), range(200, 201), replicas=2)


def test_the_reader_endpoint_leaves_the_promoted_replica(group: Fleet, connect: Connecting) -> None:
    """After a failover readers are served by a replica that remains, and by the primary when none does."""
    group.kill(KEY, FIRST)
    group.promote(KEY, SECOND)
    assert reader(group, connect).info("replication")["role"] == "slave"
    group.kill(KEY, THIRD)
    assert reader(group, connect).info("replication")["role"] == "master"
    group.recover(KEY, THIRD)
    assert reader(group, connect).info("replication")["role"] == "slave"


def test_a_living_primary_hands_over_without_loss(group: Fleet, connect: Connecting) -> None:
    """A promotion while the primary lives loses no write, waited for or not; the old primary follows."""
    client = primary(group, connect)
    for key in range(2000):
        client.set(f"key-{key}", key)
    group.promote(KEY, THIRD)
    assert group.roles(KEY) == {FIRST: "replica", SECOND: "replica", THIRD: "primary"}
    assert read(primary(group, connect), range(2000)) == list(range(2000))
    write(primary(group, connect), range(1), replicas=2)


def test_promoting_the_primary_changes_nothing(group: Fleet, connect: Connecting) -> None:
    """A promotion may be repeated."""
    group.promote(KEY, FIRST)
    assert group.roles(KEY) == {FIRST: "primary", SECOND: "replica", THIRD: "replica"}
    write(primary(group, connect), range(1), replicas=2)


def test_a_frozen_primary_is_put_out(group: Fleet, connect: Connecting) -> None:
    """A primary that does not answer is killed by a promotion: it must not come back and take writes."""
    write(primary(group, connect), range(1), replicas=2)
    frozen = primary(group, connect).info("server")["process_id"]
    os.kill(frozen, signal.SIGSTOP)
    group.promote(KEY, SECOND)
    assert frozen not in group.pids()
    assert group.roles(KEY) == {FIRST: "down", SECOND: "primary", THIRD: "replica"}
    write(primary(group, connect), range(1, 2), replicas=1)


def test_the_most_current_replica_comes_first(group: Fleet, connect: Connecting) -> None:
    """Replicas are ranked by how much they have received; those that are down are not among them."""
    with group.group(KEY).node(SECOND).engine.admin() as admin:
        admin.command("REPLICAOF", "127.0.0.1", "1")
    write(primary(group, connect), range(10), replicas=1)
    assert group.replicas_by_offset(KEY, "0001") == (THIRD, SECOND)
    group.kill(KEY, THIRD)
    assert group.replicas_by_offset(KEY, "0001") == (SECOND,)


def test_a_reboot_loses_data_and_keeps_the_role(group: Fleet, connect: Connecting) -> None:
    """A rebooted replica fetches its data again; a rebooted primary comes back empty."""
    write(primary(group, connect), range(1), replicas=2)
    group.restart(KEY, SECOND)
    assert read(connect(group.node_address(KEY, SECOND)), range(1)) == [0]
    group.restart(KEY, FIRST)
    assert group.roles(KEY)[FIRST] == "primary"
    assert primary(group, connect).dbsize() == 0


def test_replicas_come_and_go(group: Fleet, connect: Connecting) -> None:
    """A new replica has all data when it is added; a removed one leaves no process."""
    write(primary(group, connect), range(10), replicas=2)
    group.add_replica(KEY, "0001", NodePlan(cache_cluster_id="orders-004"))
    assert read(connect(group.node_address(KEY, "orders-004")), range(10)) == list(range(10))
    assert len(group.pids()) == 4
    group.remove_replica(KEY, SECOND)
    group.remove_replica(KEY, "orders-004")
    assert group.roles(KEY) == {FIRST: "primary", THIRD: "replica"}
    assert len(group.pids()) == 2
    assert read(reader(group, connect), range(10)) == list(range(10))


def test_a_primary_is_not_removed(group: Fleet) -> None:
    """Removing the primary is refused, and it goes on."""
    with pytest.raises(RefusedError, match="it is a primary"):
        group.remove_replica(KEY, FIRST)
    assert group.roles(KEY)[FIRST] == "primary"


def test_a_name_is_taken_once(group: Fleet) -> None:
    """A replica whose name exists is refused, and nothing is started."""
    before = group.pids()
    with pytest.raises(RefusedError, match="a node of this name exists"):
        group.add_replica(KEY, "0001", NodePlan(cache_cluster_id=SECOND))
    assert group.pids() == before


def test_what_does_not_exist_is_named(group: Fleet) -> None:
    """A node, shard or group that is not there is named in the error."""
    with pytest.raises(NotFoundError, match="no node orders-009; it has orders-001"):
        group.kill(KEY, "orders-009")
    with pytest.raises(NotFoundError, match="no node group 0002"):
        group.add_replica(KEY, "0002", NodePlan(cache_cluster_id="orders-009"))
    with pytest.raises(NotFoundError, match="No engines run for customers"):
        group.roles("customers")
