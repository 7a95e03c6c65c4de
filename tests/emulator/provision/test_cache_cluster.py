"""Cache clusters are processes: memcached behind its configuration endpoint, and single nodes of Redis OSS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from pymemcache.client.base import Client as Memcache
from valkey import Valkey

from elasticache_kit.emulator.fleet.memcached import binary as memcached_binary
from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from elasticache_kit.errors import MissingToolError
from tests.emulator.wire import Client, client_of, make_subnet_group, make_subnets, until

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator for the module."""
    with Emulator(tmp_path_factory.mktemp("engines"), timing=INSTANT) as running:
        client = client_of(running.endpoint_url)
        make_subnet_group(client, make_subnets(client, "abc"))
        yield running
        assert running.fleet is not None
        pids = running.fleet.pids()
    assert pids
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()], "a process survived"


@pytest.fixture
def client(emulator: Emulator) -> Client:
    """Clients of its API."""
    return client_of(emulator.endpoint_url)


def shown(api: Any, name: str) -> dict[str, Any]:
    """Wait until a cluster is available and describe it with its nodes."""
    return until(
        lambda: api.describe_cache_clusters(CacheClusterId=name, ShowCacheNodeInfo=True)["CacheClusters"][0],
        lambda cluster: cluster["CacheClusterStatus"] == "available",
    )


@pytest.fixture
def memcache() -> Iterator[Callable[[dict[str, Any]], Any]]:
    """Give what connects to an endpoint of Memcached; closed at the end of the test."""
    with ExitStack() as cleanup:

        def connect(endpoint: dict[str, Any]) -> Any:
            client: Any = Memcache((endpoint["Address"], endpoint["Port"]), connect_timeout=5, timeout=5)
            cleanup.callback(client.close)
            return client

        yield connect


def test_memcached_is_discovered_and_grows_shrinks_and_reboots(
    client: Client, memcache: Callable[[dict[str, Any]], Any]
) -> None:
    """The configuration endpoint names the nodes that there are; a node that is rebooted comes back empty."""
    try:
        memcached_binary.find()
    except MissingToolError as missing:
        pytest.skip(str(missing))
    api = client("elasticache")
    api.create_cache_parameter_group(
        CacheParameterGroupName="big", CacheParameterGroupFamily="memcached1.6", Description="d"
    )
    api.create_cache_cluster(
        CacheClusterId="pages", Engine="memcached", CacheNodeType="cache.m7g.large", NumCacheNodes=2,
        CacheSubnetGroupName="net", CacheParameterGroupName="big",
    )  # fmt: skip
    cluster = shown(api, "pages")
    discovery, (first, second) = memcache(cluster["ConfigurationEndpoint"]), cluster["CacheNodes"]
    nodes = [memcache(node["Endpoint"]) for node in (first, second)]
    named = discovery.raw_command(b"config get cluster", end_tokens=b"END\r\n").decode()
    assert all(node["Endpoint"]["Address"] in named for node in (first, second))
    settings = nodes[0].stats("settings")
    assert settings[b"num_threads"] == 2  # the vCPUs of a large node
    for node in nodes:
        node.set("key", "value")

    api.modify_cache_parameter_group(
        CacheParameterGroupName="big",
        ParameterNameValues=[{"ParameterName": "max_item_size", "ParameterValue": "2097152"}],
    )
    until(lambda: shown(api, "pages")["CacheParameterGroup"]["ParameterApplyStatus"], "pending-reboot".__eq__)
    api.reboot_cache_cluster(CacheClusterId="pages", CacheNodeIdsToReboot=["0001"])
    after = shown(api, "pages")
    rebooted = memcache(first["Endpoint"])
    assert (rebooted.get("key"), nodes[1].get("key")) == (None, b"value")
    assert rebooted.stats("settings")[b"item_size_max"] == 2097152
    assert after["CacheParameterGroup"]["CacheNodeIdsToReboot"] == ["0002"]

    api.modify_cache_cluster(CacheClusterId="pages", NumCacheNodes=3, ApplyImmediately=True)
    third = shown(api, "pages")["CacheNodes"][2]
    assert memcache(third["Endpoint"]).set("key", "value")
    api.modify_cache_cluster(
        CacheClusterId="pages", NumCacheNodes=1, CacheNodeIdsToRemove=["0001", "0003"], ApplyImmediately=True
    )
    (left,) = shown(api, "pages")["CacheNodes"]
    named = discovery.raw_command(b"config get cluster", end_tokens=b"END\r\n").decode()
    assert left["Endpoint"] == second["Endpoint"]
    assert named.splitlines()[2].split("|")[1:] == [left["Endpoint"]["Address"], "11211"]
    with pytest.raises(OSError, match="refused"):
        memcache(third["Endpoint"]).get("key")


def test_a_single_node_of_redis_is_a_server_that_snapshots_bring_back(client: Client) -> None:
    """Its reboot empties it, a node made of its snapshot holds the data, and a deleted one is gone."""
    api = client("elasticache")
    request = {
        "Engine": "redis", "CacheNodeType": "cache.m7g.large", "NumCacheNodes": 1, "CacheSubnetGroupName": "net",
        "EngineVersion": "7.1",
    }  # fmt: skip
    api.create_cache_cluster(CacheClusterId="single", **request)
    (node,) = shown(api, "single")["CacheNodes"]
    redis: Any = Valkey(host=node["Endpoint"]["Address"], port=node["Endpoint"]["Port"], decode_responses=True)
    with redis:
        redis.set("key", "value")
        api.create_snapshot(CacheClusterId="single", SnapshotName="kept")
        until(lambda: api.describe_snapshots(SnapshotName="kept")["Snapshots"][0]["SnapshotStatus"], "available".__eq__)
        shown(api, "single")
        api.reboot_cache_cluster(CacheClusterId="single", CacheNodeIdsToReboot=["0001"])
        shown(api, "single")
        assert redis.dbsize() == 0
        api.delete_cache_cluster(CacheClusterId="single")
        until(lambda: api.describe_cache_clusters()["CacheClusters"], lambda seen: "single" not in str(seen))

    api.create_cache_cluster(CacheClusterId="again", SnapshotName="kept", **request)
    (node,) = shown(api, "again")["CacheNodes"]
    redis = Valkey(host=node["Endpoint"]["Address"], port=node["Endpoint"]["Port"], decode_responses=True)
    with redis:
        assert redis.get("key") == "value"
