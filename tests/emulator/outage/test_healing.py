"""Processes that end unasked: nobody tells the emulator, and it treats them as AWS treats a node that is lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from pymemcache.client.base import Client as Memcache
from valkey.exceptions import ConnectionError as EngineConnectionError

from tests.emulator.outage.member import primary_of, replicas_of, whole
from tests.emulator.wire import PATIENCE_SECONDS, until

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.memcached.cluster import MemcachedCluster
    from elasticache_kit.emulator.server import Emulator

pytestmark = pytest.mark.engine


@pytest.fixture
def slay(emulator: Emulator) -> Callable[..., None]:
    """Give what kills the processes of nodes as any program can."""

    def kill(*names: str) -> None:
        assert emulator.fleet is not None
        group = emulator.fleet.group(f"{emulator.account_id}/eu-west-1/orders")
        nodes = [group.node(name) for name in names]
        for node in nodes:
            assert node.engine.pid is not None
            os.kill(node.engine.pid, signal.SIGKILL)
        # Its end is known before anybody can find the group whole.
        until(lambda: [node.engine.alive and node.in_service for node in nodes], lambda alive: not any(alive))

    return kill


def test_a_primary_is_replaced_by_a_replica(api: Any, slay: Callable[..., None], connect: Callable[..., Any]) -> None:
    """With what the replica had."""
    before = primary_of(api)
    client = connect()
    client.set("key", "value")
    assert client.wait(2, 20_000) == 2
    slay(before)
    until(lambda: primary_of(api), lambda now: now != before)
    whole(api)

    assert connect().get("key") == "value"
    assert connect().info("replication")["connected_slaves"] == 2


def test_a_replica_comes_back(api: Any, slay: Callable[..., None], connect: Callable[..., Any]) -> None:
    """As a replica."""
    slay(replicas_of(api)[0])
    until(lambda: connect().info("replication")["connected_slaves"], lambda count: count == 2)
    whole(api)


def test_a_shard_that_is_lost_whole_comes_back_empty(
    api: Any, slay: Callable[..., None], connect: Callable[..., Any]
) -> None:
    """Nobody is left to take over: the primary comes back in its place, then its replicas."""
    before = primary_of(api)
    connect().set("key", "value")
    slay(before, *replicas_of(api))

    def replicas() -> int:
        try:
            return connect().info("replication")["connected_slaves"]
        except (EngineConnectionError, OSError):
            return -1

    until(replicas, lambda count: count == 2)
    whole(api)
    assert primary_of(api) == before
    assert connect().dbsize() == 0


@pytest.mark.parametrize("kind", ["serverless-cache", "cache-cluster"])
def test_other_caches_come_back_too(emulator: Emulator, api: Any, kind: str) -> None:
    """In the role that the node had, and empty: nobody had a copy."""
    if kind == "cache-cluster":
        api.create_cache_cluster(
            CacheClusterId="alone", Engine="redis", NumCacheNodes=1, CacheNodeType="cache.t4g.small",
            CacheSubnetGroupName="net",
        )  # fmt: skip
        until(lambda: status_of(api.describe_cache_clusters(CacheClusterId="alone")), "available".__eq__)
    else:
        api.create_serverless_cache(ServerlessCacheName="alone", Engine="valkey")
        until(lambda: status_of(api.describe_serverless_caches(ServerlessCacheName="alone")), "available".__eq__)
    fleet = emulator.fleet
    assert fleet is not None
    key = f"{emulator.account_id}/{kind}/eu-west-1/alone"
    before = fleet.roles(key)
    lost = next(iter(fleet.group(key).nodes.values()))
    pid = lost.engine.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)

    until(lambda: lost.engine.pid, lambda now: now not in (None, pid))
    until(lambda: fleet.roles(key), lambda roles: roles == before)
    if kind == "cache-cluster":
        api.delete_cache_cluster(CacheClusterId="alone")
    else:
        api.delete_serverless_cache(ServerlessCacheName="alone")


@pytest.mark.usefixtures("memcached")
def test_a_node_of_memcached_comes_back_empty_at_its_place(emulator: Emulator, api: Any) -> None:
    """The other node keeps what it has, clients are told of the same nodes, and an asked for reboot is no loss."""
    api.create_cache_cluster(
        CacheClusterId="pages", Engine="memcached", NumCacheNodes=2, CacheNodeType="cache.t4g.small",
        CacheSubnetGroupName="net",
    )  # fmt: skip
    until(lambda: status_of(api.describe_cache_clusters(CacheClusterId="pages")), "available".__eq__)
    assert emulator.fleet is not None
    cluster = emulator.fleet.memcached(f"{emulator.account_id}/cache-cluster/eu-west-1/pages")
    places, version = cluster.addresses, cluster.version
    patience: dict[str, Any] = {"connect_timeout": PATIENCE_SECONDS, "timeout": PATIENCE_SECONDS}
    clients = {name: Memcache((place, 11211), **patience) for name, place in places.items()}
    for client in clients.values():
        client.set("key", "value", noreply=False)
        client.close()
    pid = int(cluster.stats("0001")["pid"])
    os.kill(pid, signal.SIGKILL)

    until(lambda: told(api, "pages"), lambda seen: seen[:1] == ["Finished recovery for cache nodes 0001"])
    assert "Recovering cache nodes 0001" in told(api, "pages")
    assert int(cluster.stats("0001")["pid"]) != pid
    assert [client.get("key") for client in clients.values()] == [None, b"value"]
    assert (cluster.addresses, cluster.version) == (places, version)
    (shown,) = api.describe_cache_clusters(CacheClusterId="pages", ShowCacheNodeInfo=True)["CacheClusters"]
    assert {node["CacheNodeStatus"] for node in shown["CacheNodes"]} == {"available"}

    api.reboot_cache_cluster(CacheClusterId="pages", CacheNodeIdsToReboot=["0002"])
    until(lambda: told(api, "pages")[0], "Cache node 0002 restarted".__eq__)
    assert sum("Recovering" in message for message in told(api, "pages")) == 1
    for client in clients.values():
        client.close()
    api.delete_cache_cluster(CacheClusterId="pages")


@pytest.mark.usefixtures("memcached")
def test_a_serverless_memcached_comes_back(emulator: Emulator, api: Any) -> None:
    """It has no nodes to show, and its process is replaced all the same."""
    api.create_serverless_cache(ServerlessCacheName="quick", Engine="memcached")
    until(lambda: status_of(api.describe_serverless_caches(ServerlessCacheName="quick")), "available".__eq__)
    assert emulator.fleet is not None
    cluster = emulator.fleet.memcached(f"{emulator.account_id}/serverless-cache/eu-west-1/quick")
    pid = int(cluster.stats("0001")["pid"])
    os.kill(pid, signal.SIGKILL)
    until(lambda: pid_of(cluster), lambda now: now not in (0, pid))
    api.delete_serverless_cache(ServerlessCacheName="quick")


def pid_of(cluster: MemcachedCluster) -> int:
    """Ask a node for its process; 0 where it does not answer."""
    try:
        return int(cluster.stats("0001")["pid"])
    except OSError:
        return 0


def told(api: Any, cluster: str) -> list[str]:
    """Give the messages of the events of a cluster, the last one first."""
    events = api.describe_events(SourceIdentifier=cluster, SourceType="cache-cluster")["Events"]
    return [event["Message"] for event in sorted(events, key=lambda event: event["Date"], reverse=True)]


def status_of(described: dict[str, Any]) -> str:
    """Give the status of the one cache that is described."""
    (found,) = described.get("CacheClusters") or described["ServerlessCaches"]
    return found.get("CacheClusterStatus") or found["Status"]
