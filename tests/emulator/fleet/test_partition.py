"""Partitions in cluster mode, where the engines have a say in who leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from valkey.exceptions import ConnectionError as EngineConnectionError
from valkey.exceptions import TimeoutError as EngineTimeoutError

from elasticache_kit.emulator.fleet import packet_filter, partition
from tests.emulator.wire import until

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet
    from tests.emulator.fleet.conftest import Connecting, Ordering

pytestmark = pytest.mark.engine


def test_a_primary_that_comes_back_follows_the_new_one(fleet: Fleet, order: Ordering, connect: Connecting) -> None:
    """What it took while nobody but its client reached it is gone, and clients are told of both again."""
    fleet.start_group(order("cut", shards=1, nodes=2))
    group = fleet.group("cut")
    old, new = group.node("cut-0001-001"), group.node("cut-0001-002")
    client = connect(old.address)
    client.set("common", "1")
    assert client.wait(1, 20_000) == 1
    partition.cut_off(group, old, "peers")
    client.set("lonely", "1")
    during = (old.serves, fleet.successors("cut", "0001"))
    fleet.promote("cut", new.cache_cluster_id)
    connect(new.address).set("after", "1")
    partition.rejoin(group, old)

    assert during == (False, (new.cache_cluster_id,))
    assert fleet.roles("cut") == {"cut-0001-001": "replica", "cut-0001-002": "primary"}
    assert sorted(connect(new.address).keys()) == ["after", "common"]
    reader = connect(old.address)
    reader.execute_command("READONLY")
    until(lambda: sorted(reader.keys()), lambda keys: keys == ["after", "common"])


def test_two_partitions_of_a_group_end_one_after_the_other(fleet: Fleet, order: Ordering, connect: Connecting) -> None:
    """The end of the first one leaves the second one as it is."""
    fleet.start_group(order("twice", nodes=3))
    group = fleet.group("twice")
    primary, first, second = group.nodes.values()
    partition.cut_off(group, first, "peers")
    partition.cut_off(group, second, "both")
    partition.rejoin(group, first)
    client = connect(primary.address)
    client.set("key", "1")
    assert client.wait(1, 20_000) == 1
    assert client.wait(2, 300) == 1
    partition.rejoin(group, second)

    assert client.wait(2, 20_000) == 2


def test_readers_that_come_by_the_front_wait_too(fleet: Fleet, order: Ordering, connect: Connecting) -> None:
    """Connections stay, new ones wait, and all go on when the nodes are back."""
    fleet.start_group(order("behind", nodes=3))
    group = fleet.group("behind")
    address = fleet.reader_endpoint("behind")
    assert address is not None

    def answered(client: Any) -> bool:
        try:
            return client.ping()
        except (EngineTimeoutError, EngineConnectionError):
            return False

    clients = [connect(address, socket_timeout=0.3) for _ in range(2)]
    until(lambda: [answered(client) for client in clients], all)
    replicas = group.siblings(group.leader("0001"))
    for node in replicas:
        partition.cut_off(group, node, "clients")

    during = [answered(client) for client in (*clients, connect(address, socket_timeout=0.3))]
    for node in replicas:
        partition.rejoin(group, node)

    assert during == [False, False, False]
    until(lambda: [answered(client) for client in clients], all)


def test_the_filter_of_a_process_that_has_ended_is_nobodys(fleet: Fleet, order: Ordering) -> None:
    """Nothing happens."""
    fleet.start_group(order("ended"))
    pid = fleet.pids()[0]
    fleet.kill("ended", "ended-001")
    packet_filter.drop(pid, ["127.0.0.1"])
    packet_filter.hear(pid)
