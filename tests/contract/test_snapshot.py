"""Snapshots of a replication group, on the emulator and with --aws on AWS; a group and what is restored of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.conftest import unique

if TYPE_CHECKING:
    from tests.contract.conftest import Place
    from tests.contract.network import Network

Make = Callable[..., None]


@pytest.fixture(scope="module")
def make(place: Place, network: Network) -> Make:
    """Make a group of one node, and wait for it; arguments add to the request."""

    def create(group: str, **request: Any) -> None:
        place.client("elasticache").create_replication_group(
            ReplicationGroupId=group,
            ReplicationGroupDescription="of a contract test",
            CacheNodeType="cache.t4g.micro",
            TransitEncryptionEnabled=True,
            CacheSubnetGroupName=network.subnet_group,
            SecurityGroupIds=[network.security_group],
            **request,
        )
        place.wait("replication_group_available", ReplicationGroupId=group)

    return create


@pytest.fixture(scope="module")
def group(place: Place, make: Make) -> Iterator[str]:
    """The id of a group of one node of valkey 8.1."""
    group = unique()
    make(group, Engine="valkey", EngineVersion="8.1", NumCacheClusters=1)
    yield group
    remove_group(place, group)


@pytest.fixture(scope="module")
def taken(place: Place, group: str) -> Iterator[str]:
    """The name of a snapshot of the group."""
    name = unique()
    answer = place.client("elasticache").create_snapshot(
        SnapshotName=name, ReplicationGroupId=group, Tags=[{"Key": "team", "Value": "orders"}]
    )["Snapshot"]
    assert (answer["SnapshotStatus"], answer["SnapshotSource"]) == ("creating", "manual")
    available(place, name)
    yield name
    remove_snapshot(place, name)


def available(place: Place, name: str) -> dict[str, Any]:
    """Wait for a snapshot, and describe it."""
    api = place.client("elasticache")
    return place.until(
        lambda: api.describe_snapshots(SnapshotName=name)["Snapshots"][0],
        lambda seen: seen["SnapshotStatus"] == "available",
    )


def remove_snapshot(place: Place, name: str) -> None:
    """Remove a snapshot; afterwards it is not found."""
    api = place.client("elasticache")
    available(place, name)
    assert api.delete_snapshot(SnapshotName=name)["Snapshot"]["SnapshotStatus"] == "deleting"
    place.gone(lambda: api.describe_snapshots(SnapshotName=name), api.exceptions.SnapshotNotFoundFault)


def remove_group(place: Place, group: str, **request: str) -> None:
    """Remove a group."""
    place.wait("replication_group_available", ReplicationGroupId=group)
    place.client("elasticache").delete_replication_group(ReplicationGroupId=group, **request)
    place.wait("replication_group_deleted", ReplicationGroupId=group)


def names(elasticache: Any, **filters: Any) -> set[str]:
    """Return the names of the snapshots that a listing has."""
    pages = elasticache.get_paginator("describe_snapshots").paginate(**filters)
    return {item["SnapshotName"] for page in pages for item in page["Snapshots"]}


def test_a_snapshot_remembers_its_group(place: Place, elasticache: Any, group: str, taken: str) -> None:
    """What it ran, its shards and its nodes, where that is asked for; its ARN has the tags."""
    found = available(place, taken)
    (shown,) = elasticache.describe_snapshots(SnapshotName=taken, ShowNodeGroupConfig=True)["Snapshots"]

    assert (found["ReplicationGroupId"], found["Engine"], found["CacheNodeType"]) == (
        group,
        "valkey",
        "cache.t4g.micro",
    )
    assert (found["NumNodeGroups"], len(found["NodeSnapshots"])) == (1, 1)
    assert "NodeGroupConfiguration" not in found["NodeSnapshots"][0]
    assert shown["NodeSnapshots"][0]["NodeGroupConfiguration"]["ReplicaCount"] == 0
    assert found["ARN"].split(":")[5:] == ["snapshot", taken]
    tags = elasticache.list_tags_for_resource(ResourceName=found["ARN"])["TagList"]
    assert {"Key": "team", "Value": "orders"} in tags


def test_listings_by_filter(elasticache: Any, group: str, taken: str) -> None:
    """By group in any case of letters, by cache cluster, and by who asked for the snapshot."""
    assert taken in names(elasticache)
    assert names(elasticache, ReplicationGroupId=group.upper()) == {taken}
    assert taken not in names(elasticache, CacheClusterId=f"{group}-001")
    assert names(elasticache, ReplicationGroupId=group, SnapshotSource="user") == {taken}
    assert names(elasticache, ReplicationGroupId=group, SnapshotSource="system") == set()


def test_a_name_is_there_once(place: Place, elasticache: Any, group: str, taken: str, name: str) -> None:
    """For new snapshots and for copies, and what never was is not found; each with boto3's class of error."""
    place.wait("replication_group_available", ReplicationGroupId=group)
    with pytest.raises(elasticache.exceptions.SnapshotAlreadyExistsFault):
        elasticache.create_snapshot(SnapshotName=taken, ReplicationGroupId=group)
    with pytest.raises(elasticache.exceptions.SnapshotAlreadyExistsFault):
        elasticache.copy_snapshot(SourceSnapshotName=taken, TargetSnapshotName=taken)
    for call in (
        lambda: elasticache.describe_snapshots(SnapshotName=name),
        lambda: elasticache.delete_snapshot(SnapshotName=name),
        lambda: elasticache.copy_snapshot(SourceSnapshotName=name, TargetSnapshotName=f"{name}-2"),
    ):
        with pytest.raises(elasticache.exceptions.SnapshotNotFoundFault):
            call()


def test_a_snapshot_is_of_something_that_there_is(elasticache: Any, name: str) -> None:
    """A group, or a cache cluster."""
    with pytest.raises(elasticache.exceptions.ReplicationGroupNotFoundFault):
        elasticache.create_snapshot(SnapshotName=name, ReplicationGroupId=name)
    with pytest.raises(elasticache.exceptions.CacheClusterNotFoundFault):
        elasticache.create_snapshot(SnapshotName=name, CacheClusterId=name)


def test_a_copy_stands_alone(place: Place, elasticache: Any, group: str, taken: str, name: str) -> None:
    """It is of the same group, has tags of its own, and goes while the first one stays."""
    elasticache.copy_snapshot(SourceSnapshotName=taken, TargetSnapshotName=name, Tags=[{"Key": "copy", "Value": "yes"}])
    copied = available(place, name)
    tags = elasticache.list_tags_for_resource(ResourceName=copied["ARN"])["TagList"]
    assert (copied["ReplicationGroupId"], copied["SnapshotSource"]) == (group, "manual")
    assert {"Key": "copy", "Value": "yes"} in tags
    assert names(elasticache, ReplicationGroupId=group) == {taken, name}

    remove_snapshot(place, name)

    assert names(elasticache, ReplicationGroupId=group) == {taken}
    available(place, taken)


def test_a_final_snapshot_outlives_its_group(place: Place, elasticache: Any, make: Make, taken: str, name: str) -> None:
    """A group is made from a snapshot, goes with a last one of its own, and that one is all that is left of it."""
    available(place, taken)
    make(name, SnapshotName=taken, Engine="valkey")
    restored = elasticache.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"][0]
    remove_group(place, name, FinalSnapshotIdentifier=f"{name}-last")

    last = available(place, f"{name}-last")
    assert (restored["CacheNodeType"], len(restored["MemberClusters"])) == ("cache.t4g.micro", 1)
    assert (last["ReplicationGroupId"], last["SnapshotSource"]) == (name, "manual")
    with pytest.raises(elasticache.exceptions.ReplicationGroupNotFoundFault):
        elasticache.describe_replication_groups(ReplicationGroupId=name)
    remove_snapshot(place, f"{name}-last")
