"""Replication groups of both cluster modes, on the emulator and with --aws on AWS, where the two take an hour."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.conftest import unique

if TYPE_CHECKING:
    from tests.contract.conftest import Place
    from tests.contract.network import Network

SLOTS = 16384


@pytest.fixture(scope="module")
def group(place: Place, network: Network) -> Iterator[str]:
    """The id of a group with cluster mode disabled: a primary and a replica."""
    yield from made(place, network, NumCacheClusters=2)


@pytest.fixture(scope="module")
def sharded(place: Place, network: Network) -> Iterator[str]:
    """The id of a group with cluster mode enabled: two shards with a replica each."""
    yield from made(
        place,
        network,
        NumNodeGroups=2,
        ReplicasPerNodeGroup=1,
        CacheParameterGroupName="default.valkey8.cluster.on",
    )


def made(place: Place, network: Network, **request: Any) -> Iterator[str]:
    """Make a group, give its id, and remove it."""
    group = unique()
    answer = place.client("elasticache").create_replication_group(
        ReplicationGroupId=group,
        ReplicationGroupDescription="of a contract test",
        Engine="valkey",
        EngineVersion="8.1",
        CacheNodeType="cache.t4g.micro",
        TransitEncryptionEnabled=True,
        AutomaticFailoverEnabled=True,
        MultiAZEnabled=True,
        CacheSubnetGroupName=network.subnet_group,
        SecurityGroupIds=[network.security_group],
        **request,
    )["ReplicationGroup"]
    assert answer["Status"] == "creating"
    place.wait("replication_group_available", ReplicationGroupId=group)
    yield group
    place.wait("replication_group_available", ReplicationGroupId=group)
    place.client("elasticache").delete_replication_group(ReplicationGroupId=group)
    place.wait("replication_group_deleted", ReplicationGroupId=group)


def show(place: Place, group: str) -> dict[str, Any]:
    """Wait for a group, and describe it."""
    place.wait("replication_group_available", ReplicationGroupId=group)
    return place.client("elasticache").describe_replication_groups(ReplicationGroupId=group)["ReplicationGroups"][0]


def node_group_slots(described: dict[str, Any]) -> dict[str, list[int]]:
    """Return the slots of every shard."""
    found: dict[str, list[int]] = {}
    for shard in described["NodeGroups"]:
        ranges = [[int(end) for end in part.split("-")] for part in shard["Slots"].split(",")]
        found[shard["NodeGroupId"]] = [
            slot for first, *last in ranges for slot in range(first, (last or [first])[0] + 1)
        ]
    return found


def test_a_primary_and_a_replica(place: Place, group: str) -> None:
    """Each in a zone of its own, behind an endpoint that writes and one that reads; no configuration endpoint."""
    found = show(place, group)
    (shard,) = found["NodeGroups"]
    members = shard["NodeGroupMembers"]

    assert sorted(member["CurrentRole"] for member in members) == ["primary", "replica"]
    assert len({member["PreferredAvailabilityZone"] for member in members}) == 2
    assert {member["CacheClusterId"] for member in members} == set(found["MemberClusters"])
    assert (shard["PrimaryEndpoint"]["Port"], shard["ReaderEndpoint"]["Port"]) == (6379, 6379)
    assert "ConfigurationEndpoint" not in found
    assert (found["ClusterEnabled"], found["AutomaticFailover"], found["MultiAZ"]) == (False, "enabled", "enabled")
    assert (found["TransitEncryptionEnabled"], found["TransitEncryptionMode"]) == (True, "required")
    *_, kind, name = found["ARN"].split(":")
    assert (kind, name) == ("replicationgroup", group)


def test_members_are_cache_clusters(place: Place, elasticache: Any, network: Network, group: str) -> None:
    """Of one node each, which name their group; a listing of those outside of groups leaves them out."""
    for member in show(place, group)["MemberClusters"]:
        found = elasticache.describe_cache_clusters(CacheClusterId=member, ShowCacheNodeInfo=True)["CacheClusters"][0]
        assert (found["ReplicationGroupId"], found["NumCacheNodes"], len(found["CacheNodes"])) == (group, 1, 1)
        assert found["CacheSubnetGroupName"] == network.subnet_group
        assert [item["SecurityGroupId"] for item in found["SecurityGroups"]] == [network.security_group]

    pages = elasticache.get_paginator("describe_cache_clusters").paginate(ShowCacheClustersNotInReplicationGroups=True)
    assert not [item for page in pages for item in page["CacheClusters"] if item["CacheClusterId"].startswith(group)]


def test_a_group_is_there_once(place: Place, elasticache: Any, network: Network, group: str) -> None:
    """In any case of letters, and what never was is not found; each with boto3's class of error."""
    show(place, group)
    (found,) = elasticache.describe_replication_groups(ReplicationGroupId=group.upper())["ReplicationGroups"]
    assert found["ReplicationGroupId"] == group
    with pytest.raises(elasticache.exceptions.ReplicationGroupAlreadyExistsFault):
        elasticache.create_replication_group(
            ReplicationGroupId=group.upper(),
            ReplicationGroupDescription="again",
            Engine="valkey",
            CacheNodeType="cache.t4g.micro",
            TransitEncryptionEnabled=True,
            NumCacheClusters=1,
            CacheSubnetGroupName=network.subnet_group,
        )
    with pytest.raises(elasticache.exceptions.ReplicationGroupNotFoundFault):
        elasticache.describe_replication_groups(ReplicationGroupId=f"{group}-2")
    with pytest.raises(elasticache.exceptions.ReplicationGroupNotFoundFault):
        elasticache.modify_replication_group(ReplicationGroupId=f"{group}-2", ReplicationGroupDescription="none")


def test_settings_are_changed_at_once(place: Place, elasticache: Any, group: str) -> None:
    """Windows, retention and the description hold when the group is available again."""
    elasticache.modify_replication_group(
        ReplicationGroupId=group,
        ApplyImmediately=True,
        ReplicationGroupDescription="changed",
        SnapshotRetentionLimit=2,
        SnapshotWindow="03:00-04:00",
        PreferredMaintenanceWindow="sat:05:00-sat:06:00",
    )
    found = show(place, group)
    node = elasticache.describe_cache_clusters(CacheClusterId=found["MemberClusters"][0])["CacheClusters"][0]

    assert (found["Description"], found["SnapshotRetentionLimit"]) == ("changed", 2)
    assert found["SnapshotWindow"] == "03:00-04:00"
    assert node["PreferredMaintenanceWindow"] == "sat:05:00-sat:06:00"


def test_a_node_type_waits_for_the_window_or_not(place: Place, elasticache: Any, group: str) -> None:
    """It is among those that are offered; until it is applied the nodes show that it is pending."""
    offered = elasticache.list_allowed_node_type_modifications(ReplicationGroupId=group)
    assert "cache.t4g.small" in offered["ScaleUpModifications"]

    elasticache.modify_replication_group(ReplicationGroupId=group, CacheNodeType="cache.t4g.small")
    waiting = show(place, group)
    node = elasticache.describe_cache_clusters(CacheClusterId=waiting["MemberClusters"][0])["CacheClusters"][0]
    elasticache.modify_replication_group(
        ReplicationGroupId=group, CacheNodeType="cache.t4g.small", ApplyImmediately=True
    )

    assert (waiting["CacheNodeType"], node["PendingModifiedValues"]["CacheNodeType"]) == (
        "cache.t4g.micro",
        "cache.t4g.small",
    )
    assert show(place, group)["CacheNodeType"] == "cache.t4g.small"


def test_replicas_come_and_go(place: Place, elasticache: Any, group: str) -> None:
    """One more, one less by its name, and never as many as there are."""
    before = show(place, group)["MemberClusters"]
    elasticache.increase_replica_count(ReplicationGroupId=group, NewReplicaCount=2, ApplyImmediately=True)
    more = show(place, group)
    (new,) = set(more["MemberClusters"]) - set(before)
    with pytest.raises(ClientError):
        elasticache.increase_replica_count(ReplicationGroupId=group, NewReplicaCount=1, ApplyImmediately=True)
    elasticache.decrease_replica_count(ReplicationGroupId=group, ReplicasToRemove=[new], ApplyImmediately=True)

    assert len(more["NodeGroups"][0]["NodeGroupMembers"]) == 3
    assert set(show(place, group)["MemberClusters"]) == set(before)


def test_automatic_failover_needs_a_replica(place: Place, elasticache: Any, group: str) -> None:
    """The last one stays, and AWS says why in words that it is known to use."""
    show(place, group)
    with pytest.raises(ClientError, match="at least 2 cache clusters") as caught:
        elasticache.decrease_replica_count(ReplicationGroupId=group, NewReplicaCount=0, ApplyImmediately=True)

    response: Any = caught.value.response
    assert response["Error"]["Code"] == "InvalidParameterCombination"
    assert len(show(place, group)["MemberClusters"]) == 2


def test_what_a_group_uses_cannot_go(place: Place, elasticache: Any, network: Network, group: str) -> None:
    """Its subnet group stays as long as it does."""
    show(place, group)
    with pytest.raises(elasticache.exceptions.CacheSubnetGroupInUse):
        elasticache.delete_cache_subnet_group(CacheSubnetGroupName=network.subnet_group)


def test_shards_hold_every_slot_once(place: Place, elasticache: Any, sharded: str) -> None:
    """With two shards, with three, and with two again, of which the ones that were named stay."""
    before = show(place, sharded)
    assert before["ClusterEnabled"] is True
    assert before["ConfigurationEndpoint"]["Port"] == 6379
    assert sorted(slot for slots in node_group_slots(before).values() for slot in slots) == list(range(SLOTS))

    elasticache.modify_replication_group_shard_configuration(
        ReplicationGroupId=sharded, NodeGroupCount=3, ApplyImmediately=True
    )
    more = node_group_slots(show(place, sharded))
    kept = sorted(more)[1:]
    elasticache.modify_replication_group_shard_configuration(
        ReplicationGroupId=sharded, NodeGroupCount=2, ApplyImmediately=True, NodeGroupsToRetain=kept
    )
    fewer = node_group_slots(show(place, sharded))

    assert len(more) == 3
    assert sorted(fewer) == kept
    for found in (more, fewer):
        assert sorted(slot for slots in found.values() for slot in slots) == list(range(SLOTS))
        sizes = [len(slots) for slots in found.values()]
        assert max(sizes) - min(sizes) <= 1


def test_a_shard_gets_a_replica_of_its_own(place: Place, elasticache: Any, sharded: str) -> None:
    """The other has as many as before."""
    first, second = [shard["NodeGroupId"] for shard in show(place, sharded)["NodeGroups"]]

    def counts() -> dict[str, int]:
        shards = show(place, sharded)["NodeGroups"]
        return {shard["NodeGroupId"]: len(shard["NodeGroupMembers"]) - 1 for shard in shards}

    for change, count in (("increase_replica_count", 2), ("decrease_replica_count", 1)):
        getattr(elasticache, change)(
            ReplicationGroupId=sharded,
            ApplyImmediately=True,
            ReplicaConfiguration=[{"NodeGroupId": first, "NewReplicaCount": count}],
        )
        assert counts() == {first: count, second: 1}
