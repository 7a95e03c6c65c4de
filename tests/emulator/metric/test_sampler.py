"""CloudWatch shows what the engines did, under the dimensions of AWS."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from pymemcache.client.base import Client as Memcache
from valkey import Valkey

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.wire import Client, available, client_of, make_group, make_subnet_group, make_subnets, until

pytestmark = pytest.mark.engine

PLAIN = {"TransitEncryptionEnabled": False}
HITS, MISSES = 30, 10


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Clients of an emulator with a group of two nodes, a Memcached cluster and a serverless cache."""
    with Emulator(tmp_path_factory.mktemp("engines"), timing=INSTANT) as running:
        client = client_of(running.endpoint_url)
        make_subnet_group(client, make_subnets(client, "abc"))
        api = client("elasticache")
        make_group(client, ReplicationGroupId="orders", NumCacheClusters=2, **PLAIN)
        api.create_cache_cluster(
            CacheClusterId="pages", Engine="memcached", NumCacheNodes=1, CacheNodeType="cache.t4g.small",
            TransitEncryptionEnabled=False,
        )  # fmt: skip
        available(api, "orders")
        until(
            lambda: api.describe_cache_clusters(CacheClusterId="pages")["CacheClusters"][0],
            lambda seen: seen["CacheClusterStatus"] == "available",
        )
        yield client


def total(client: Client, name: str, **dimensions: str) -> float | None:
    """Return the sum of a metric over the last minutes; None where it has no data."""
    end = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=2)
    points: Any = client("cloudwatch").get_metric_statistics(
        Namespace="AWS/ElastiCache",
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=end - dt.timedelta(minutes=30),
        EndTime=end,
        Period=60,
        Statistics=["Sum", "Maximum"],
    )["Datapoints"]
    return sum(point["Sum"] for point in points) if points else None


def test_hits_and_misses_are_those_of_the_client(client: Client) -> None:
    """Of the node that answered, under its name, and under its name with the id of the node."""
    group = client("elasticache").describe_replication_groups(ReplicationGroupId="orders")["ReplicationGroups"][0]
    endpoint = group["NodeGroups"][0]["PrimaryEndpoint"]
    assert total(client, "CacheHits", CacheClusterId="orders-001") is None
    with Valkey(endpoint["Address"], endpoint["Port"]) as valkey:
        valkey.set("key", "value")
        for _ in range(HITS):
            valkey.get("key")
        for _ in range(MISSES):
            valkey.get("none")

    until(lambda: total(client, "CacheHits", CacheClusterId="orders-001"), lambda seen: seen == HITS)
    assert total(client, "CacheMisses", CacheClusterId="orders-001", CacheNodeId="0001") == MISSES
    assert total(client, "CacheHits", CacheClusterId="orders-002") == 0
    assert (total(client, "CurrItems", CacheClusterId="orders-002") or 0) > 0
    assert total(client, "EngineCPUUtilization", ReplicationGroupId="orders", Role="Primary") is not None


def test_memcached_tells_what_it_counted(client: Client) -> None:
    """Under the name of the cluster, with the id of the node."""
    node = client("elasticache").describe_cache_clusters(CacheClusterId="pages", ShowCacheNodeInfo=True)
    endpoint = node["CacheClusters"][0]["CacheNodes"][0]["Endpoint"]
    assert total(client, "GetHits", CacheClusterId="pages") in {None, 0}
    memcache = Memcache((endpoint["Address"], endpoint["Port"]))
    memcache.set("key", "value", noreply=False)
    for _ in range(HITS):
        memcache.get("key")
    memcache.close()

    until(lambda: total(client, "GetHits", CacheClusterId="pages", CacheNodeId="0001"), lambda seen: seen == HITS)


def test_metrics_are_listed(client: Client) -> None:
    """Whoever looks for what there is finds the names of AWS."""
    found = client("cloudwatch").list_metrics(Namespace="AWS/ElastiCache", MetricName="BytesUsedForCache")["Metrics"]

    dimensions = [{item["Name"]: item["Value"] for item in metric["Dimensions"]} for metric in found]
    assert {"CacheClusterId": "orders-001", "CacheNodeId": "0001"} in dimensions
