"""Events over the wire: AWS's words for what it documents, in its order, within the time that is asked for."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.wire import Create, available, code, until

if TYPE_CHECKING:
    from elasticache_kit.emulator.clock import Clock

MINUTES = {"hour": 60, "day": 24 * 60, "fortnight": 14 * 24 * 60}


def told(elasticache: Any, **request: Any) -> list[str]:
    """Return what happened, oldest first."""
    return [event["Message"] for event in reversed(elasticache.describe_events(**request)["Events"])]


def cluster(elasticache: Any, **request: Any) -> None:
    """Make the Memcached cluster `pages` of one node, or change it, and wait."""
    if request:
        elasticache.modify_cache_cluster(CacheClusterId="pages", ApplyImmediately=True, **request)
    else:
        elasticache.create_cache_cluster(
            CacheClusterId="pages", Engine="memcached", CacheNodeType="cache.t4g.small", NumCacheNodes=1
        )
    until(
        lambda: elasticache.describe_cache_clusters(CacheClusterId="pages")["CacheClusters"][0],
        lambda seen: seen["CacheClusterStatus"] == "available",
    )


def serverless(elasticache: Any) -> dict[str, Any]:
    """Wait for the serverless cache `cart`, and describe it."""
    return until(
        lambda: elasticache.describe_serverless_caches(ServerlessCacheName="cart")["ServerlessCaches"][0],
        lambda seen: seen["Status"] == "available",
    )


def test_the_newest_comes_first(elasticache: Any, group: Create) -> None:
    """As in every example of AWS; what happened at a group and at its nodes is told of each."""
    group(NumCacheClusters=2, EngineVersion="8.1")
    available(elasticache)
    events = elasticache.describe_events()["Events"]

    assert [event["Date"] for event in events] == sorted((event["Date"] for event in events), reverse=True)
    assert told(elasticache, SourceType="replication-group") == [
        "Replication group orders created",
        "Automatic failover has been turned on for replication group orders",
    ]
    assert told(elasticache, SourceType="cache-cluster", SourceIdentifier="ORDERS-002") == [
        "Cache cluster created",
        "Added cache node 0001 in availability zone eu-west-1b",
    ]


def test_nodes_come_and_go(elasticache: Any) -> None:
    """In the words of the User Guide."""
    cluster(elasticache)
    cluster(elasticache, NumCacheNodes=3)
    cluster(elasticache, NumCacheNodes=1, CacheNodeIdsToRemove=["0002", "0003"])
    zones = "in availability zone eu-west-1"
    messages = [
        message[: message.find(zones) + len(zones)] if zones in message else message for message in told(elasticache)
    ]

    assert messages == [
        "Cache cluster created",
        f"Added cache node 0001 {zones}",
        "Increasing number of requested nodes",
        f"Added cache node 0002 {zones}",
        f"Added cache node 0003 {zones}",
        "Finished modifying number of nodes from 1 to 3",
        "Removed cache nodes 0002, 0003",
    ]


def test_another_node_type(elasticache: Any, group: Create) -> None:
    """Every node tells of it."""
    group(NumCacheClusters=2)
    available(elasticache)
    elasticache.modify_replication_group(
        ReplicationGroupId="orders", CacheNodeType="cache.t4g.medium", ApplyImmediately=True
    )
    available(elasticache)

    (*_, scaled) = told(elasticache, SourceType="cache-cluster", SourceIdentifier="orders-001")
    assert scaled == "Succeeded applying modification to cache node type to cache.t4g.medium."


def test_a_serverless_cache_and_its_snapshots(elasticache: Any) -> None:
    """What AWS tells of them; what it does not tell of, such as a new description, is no event."""
    arn = elasticache.create_serverless_cache(ServerlessCacheName="cart", Engine="valkey")["ServerlessCache"]["ARN"]
    serverless(elasticache)
    for change in (
        {"Description": "new"},
        {"SecurityGroupIds": ["sg-1"]},
        {"CacheUsageLimits": {"ECPUPerSecond": {"Maximum": 5000}}},
    ):
        elasticache.modify_serverless_cache(ServerlessCacheName="cart", **change)
        serverless(elasticache)
    elasticache.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "team", "Value": "shop"}])
    elasticache.create_serverless_cache_snapshot(ServerlessCacheName="cart", ServerlessCacheSnapshotName="monday")
    serverless(elasticache)
    elasticache.delete_serverless_cache(ServerlessCacheName="cart")
    until(lambda: elasticache.describe_serverless_caches()["ServerlessCaches"], lambda caches: caches == [])

    assert told(elasticache, SourceType="serverless-cache", SourceIdentifier="cart") == [
        "Cache cart is created and ready to use.",
        "SecurityGroups updated for the cache cart.",
        "Limits updated for the cache cart.",
        "Tags updated for the cache cart.",
        "Cache cart was deleted.",
    ]
    assert told(elasticache, SourceType="serverless-cache-snapshot") == ["Snapshot monday created for cache cart."]


def test_what_no_page_has_words_for(elasticache: Any) -> None:
    """Users, user groups, parameter groups and subnet groups are asked for like all sources, and nothing is made up."""
    elasticache.create_user_group(UserGroupId="team", Engine="redis", UserIds=["default"])
    elasticache.create_cache_parameter_group(
        CacheParameterGroupName="ours", CacheParameterGroupFamily="valkey8", Description="d"
    )

    for source in ("user", "user-group", "cache-parameter-group", "cache-subnet-group", "cache-security-group"):
        assert told(elasticache, SourceType=source) == []


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"SourceType": "cluster"}, "InvalidParameterValue"),
        ({"SourceIdentifier": "pages"}, "InvalidParameterCombination"),
    ],
)
def test_a_source_that_there_is_not(elasticache: Any, asked: dict[str, str], expected: str) -> None:
    """The type is one of AWS's list, and an identifier is of a type."""
    with pytest.raises(ClientError) as caught:
        elasticache.describe_events(**asked)

    assert code(caught) == expected


@pytest.mark.parametrize(
    ("days", "seen"), [(0, "hour day fortnight"), (0.5, "day fortnight"), (13.9, "fortnight"), (15, "")]
)
def test_how_far_back_events_are_told(elasticache: Any, clock: Clock, days: float, seen: str) -> None:
    """An hour unless the request says more, and never more than fourteen days."""
    cluster(elasticache)
    clock.advance(dt.timedelta(days=days))

    assert [name for name, minutes in MINUTES.items() if told(elasticache, Duration=minutes)] == seen.split()
    assert bool(told(elasticache)) == ("hour" in seen)


def test_a_span_of_time(elasticache: Any, clock: Clock) -> None:
    """From a start, up to an end, or both; an end alone means the hour before it. Duration is for neither."""
    cluster(elasticache)
    made = elasticache.describe_events()["Events"][0]["Date"]
    clock.advance(dt.timedelta(hours=5))
    second, hour = dt.timedelta(seconds=1), dt.timedelta(hours=1)

    assert told(elasticache) == []
    assert len(told(elasticache, StartTime=made - second)) == 2
    assert told(elasticache, StartTime=made + second) == []
    assert len(told(elasticache, EndTime=made + second)) == 2
    assert told(elasticache, EndTime=made - second) == []
    assert told(elasticache, EndTime=made + 2 * hour) == []
    assert len(told(elasticache, StartTime=made - hour, EndTime=made + hour)) == 2
    for more in ({"StartTime": made + second}, {"EndTime": made + 2 * hour}):
        assert told(elasticache, Duration=MINUTES["day"], **more) == []
