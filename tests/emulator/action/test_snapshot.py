"""Snapshots over the wire. They hold no data yet, and nothing pretends that they do."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.wire import Client, Create, available, code, until

if TYPE_CHECKING:
    from elasticache_kit.emulator.clock import Clock

SHARDED: dict[str, Any] = {"NumCacheClusters": None, "NumNodeGroups": 2, "ReplicasPerNodeGroup": 1}


@pytest.fixture
def orders(elasticache: Any, group: Create) -> Any:
    """A client of a region where the group `orders` is available."""
    group()
    available(elasticache)
    return elasticache


def take(elasticache: Any, name: str = "first", **request: Any) -> dict[str, Any]:
    """Take a snapshot of `orders` and wait until it is available."""
    elasticache.create_snapshot(**{"SnapshotName": name, "ReplicationGroupId": "orders", **request})
    available(elasticache)
    return at_rest(elasticache, name)


def at_rest(elasticache: Any, name: str) -> dict[str, Any]:
    """Wait until a snapshot is available and describe it with its shards."""
    return until(
        lambda: elasticache.describe_snapshots(SnapshotName=name, ShowNodeGroupConfig=True)["Snapshots"][0],
        lambda seen: seen["SnapshotStatus"] == "available",
    )


def names(elasticache: Any, **filters: Any) -> list[str]:
    """Name the snapshots that filters leave."""
    return [item["SnapshotName"] for item in elasticache.describe_snapshots(**filters)["Snapshots"]]


def test_a_snapshot_shows_what_it_was_taken_of(elasticache: Any, group: Create) -> None:
    """The shards with their slots, the settings of the group; the group is snapshotting meanwhile."""
    group(**SHARDED)
    available(elasticache)

    made = elasticache.create_snapshot(SnapshotName="First", ReplicationGroupId="orders")["Snapshot"]

    assert (made["SnapshotName"], made["SnapshotStatus"], made["SnapshotSource"]) == ("first", "creating", "manual")
    described = at_rest(elasticache, "first")
    shards = [item["NodeGroupConfiguration"] for item in described["NodeSnapshots"]]
    assert [(item["NodeGroupId"], item["Slots"], item["ReplicaCount"]) for item in shards] == [
        ("0001", "0-8191", 1),
        ("0002", "8192-16383", 1),
    ]
    assert (described["NumNodeGroups"], described["Engine"], described["EngineVersion"]) == (2, "valkey", "8.1")
    told = [event["Message"] for event in elasticache.describe_events()["Events"]]
    assert "Snapshot succeeded for snapshot with ID 'first' of replication group with ID 'orders'" in told


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"ReplicationGroupId": "none"}, "ReplicationGroupNotFoundFault"),
        ({"CacheClusterId": "none"}, "CacheClusterNotFound"),
        ({}, "InvalidParameterValue"),
        ({"ReplicationGroupId": "orders", "CacheClusterId": "orders-001"}, "InvalidParameterValue"),
    ],
)
def test_a_source_that_is_none_is_refused(orders: Any, asked: dict[str, str], expected: str) -> None:
    """Unknown, missing, two."""
    with pytest.raises(ClientError) as caught:
        orders.create_snapshot(SnapshotName="first", **asked)

    assert code(caught) == expected
    assert names(orders) == []


def test_memcached_has_no_snapshots(elasticache: Any) -> None:
    """AWS's code for that."""
    elasticache.create_cache_cluster(
        CacheClusterId="cache", Engine="memcached", CacheNodeType="cache.t4g.small", NumCacheNodes=1
    )
    until(
        lambda: elasticache.describe_cache_clusters()["CacheClusters"][0]["CacheClusterStatus"],
        lambda status: status == "available",
    )

    with pytest.raises(elasticache.exceptions.SnapshotFeatureNotSupportedFault):
        elasticache.create_snapshot(SnapshotName="first", CacheClusterId="cache")


def test_filters(orders: Any) -> None:
    """By name, by source, by cache."""
    take(orders)
    orders.create_snapshot(SnapshotName="of-node", CacheClusterId="orders-002")
    at_rest(orders, "of-node")

    assert names(orders) == ["first", "of-node"]
    assert names(orders, ReplicationGroupId="ORDERS") == ["first"]
    assert names(orders, CacheClusterId="orders-002") == ["of-node"]
    assert names(orders, SnapshotSource="system") == []
    with pytest.raises(orders.exceptions.SnapshotNotFoundFault):
        names(orders, SnapshotName="none")


def test_a_name_is_used_once(orders: Any) -> None:
    """Also by a copy."""
    take(orders)

    for call in (
        {"SnapshotName": "FIRST", "ReplicationGroupId": "orders"},
        {"SourceSnapshotName": "first", "TargetSnapshotName": "first"},
    ):
        with pytest.raises(orders.exceptions.SnapshotAlreadyExistsFault):
            (orders.create_snapshot if "SnapshotName" in call else orders.copy_snapshot)(**call)


def test_a_copy_is_a_snapshot_of_its_own(orders: Any) -> None:
    """It stays when the original goes."""
    take(orders)

    orders.copy_snapshot(SourceSnapshotName="first", TargetSnapshotName="second")
    at_rest(orders, "second")
    at_rest(orders, "first")
    orders.delete_snapshot(SnapshotName="first")

    until(lambda: names(orders), lambda seen: seen == ["second"])


def test_an_export_without_data_is_refused(orders: Any, client: Client) -> None:
    """A file that holds nothing would be a lie; nothing is written to the bucket."""
    take(orders)
    bucket = {"LocationConstraint": "eu-west-1"}
    client("s3").create_bucket(Bucket="exports", CreateBucketConfiguration=bucket)

    with pytest.raises(ClientError, match="holds no data to export"):
        orders.copy_snapshot(SourceSnapshotName="first", TargetSnapshotName="second", TargetBucket="exports")

    assert "Contents" not in client("s3").list_objects_v2(Bucket="exports")
    assert names(orders) == ["first"]


def test_a_group_is_restored_in_the_shape_of_the_snapshot(elasticache: Any, group: Create) -> None:
    """Slots and number of shards are those of the snapshot; another number is refused."""
    group(**SHARDED)
    available(elasticache)
    take(elasticache)
    with pytest.raises(ClientError, match="has 2 shards"):
        group(ReplicationGroupId="fewer", SnapshotName="first", **{**SHARDED, "NumNodeGroups": 3})

    group(ReplicationGroupId="again", SnapshotName="first", **SHARDED)

    restored = available(elasticache, "again")
    assert [item["Slots"] for item in restored["NodeGroups"]] == ["0-8191", "8192-16383"]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"AutomaticFailoverEnabled": None}, "NumNodeGroups to 2 .* default.valkey8.cluster.on"),
        ({"CacheParameterGroupName": "default.valkey8.cluster.on"}, "has 2 shards, and the group would have 1"),
    ],
)
def test_shards_do_not_go_into_one(elasticache: Any, group: Create, asked: dict[str, Any], told: str) -> None:
    """Where a request says no number of shards it is told which one to say; nothing is made."""
    group(**SHARDED)
    available(elasticache)
    take(elasticache)
    with pytest.raises(ClientError, match=told) as caught:
        group(ReplicationGroupId="fewer", SnapshotName="first", NumCacheClusters=None, MultiAZEnabled=None, **asked)

    assert code(caught) == "InvalidParameterCombination"
    assert [item["ReplicationGroupId"] for item in elasticache.describe_replication_groups()["ReplicationGroups"]] == [
        "orders"
    ]


def test_a_snapshot_says_what_a_request_leaves_out(orders: Any, group: Create) -> None:
    """Node type, engine and version; without a snapshot the node type must be given."""
    take(orders)
    silent = dict.fromkeys(("CacheNodeType", "Engine", "EngineVersion"))
    with pytest.raises(ClientError, match="nothing says what the nodes of the group are"):
        group(ReplicationGroupId="again", **silent)

    group(ReplicationGroupId="again", SnapshotName="first", **silent)

    restored = available(orders, "again")
    assert (restored["CacheNodeType"], restored["Engine"]) == ("cache.t4g.small", "valkey")


def test_a_final_snapshot_outlives_its_group(orders: Any) -> None:
    """The name is taken at once."""
    orders.delete_replication_group(ReplicationGroupId="orders", FinalSnapshotIdentifier="last")

    until(lambda: orders.describe_replication_groups()["ReplicationGroups"], lambda groups: groups == [])
    assert at_rest(orders, "last")["ReplicationGroupId"] == "orders"


def test_the_window_brings_a_snapshot_a_day_and_the_retention_takes_it(
    elasticache: Any, group: Create, clock: Clock
) -> None:
    """Of five days the last two are kept."""
    group(SnapshotRetentionLimit=2, SnapshotWindow="02:00-03:00")
    available(elasticache)

    clock.advance(dt.timedelta(days=1))
    elasticache.describe_events()
    first = names(elasticache, SnapshotSource="system")
    clock.advance(dt.timedelta(days=4))
    elasticache.describe_events()
    last = names(elasticache, SnapshotSource="system")

    assert len(first) == 1
    assert first[0].startswith("automatic.orders-")
    assert len(last) == 2
    assert not set(first) & set(last)


def test_manual_snapshots_have_a_quota_of_a_day(orders: Any, clock: Clock) -> None:
    """The twenty-first in 24 hours is refused; a day later there is room."""
    for number in range(20):
        take(orders, f"s{number}")
    with pytest.raises(orders.exceptions.SnapshotQuotaExceededFault):
        take(orders, "one-more")

    clock.advance(dt.timedelta(days=1, minutes=1))

    take(orders, "one-more")


def test_snapshots_come_in_pages_of_fifty_at_most(orders: Any) -> None:
    """The limits that the model names for this operation."""
    with pytest.raises(ClientError, match="from 20 to 50"):
        orders.describe_snapshots(MaxRecords=51)
