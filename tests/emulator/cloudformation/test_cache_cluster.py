"""AWS::ElastiCache::CacheCluster in a stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.cloudformation.stack_of import resource

if TYPE_CHECKING:
    from tests.emulator.cloudformation.stack_of import StackOf

MEMCACHED: dict[str, Any] = {
    "Engine": "memcached",
    "CacheNodeType": "cache.t4g.small",
    "NumCacheNodes": "2",
    "AZMode": "cross-az",
    "PreferredAvailabilityZones": ["eu-west-1a", "eu-west-1b"],
    "CacheSubnetGroupName": "net",
}
REDIS: dict[str, Any] = {
    "Engine": "redis",
    "CacheNodeType": "cache.t4g.small",
    "NumCacheNodes": 1,
    "CacheSubnetGroupName": "net",
}


def described(stack: StackOf, name: str) -> dict[str, Any]:
    """Describe a cluster with its nodes."""
    api = stack.client("elasticache")
    return api.describe_cache_clusters(CacheClusterId=name, ShowCacheNodeInfo=True)["CacheClusters"][0]


def test_nodes_come_and_go_in_place(stack: StackOf) -> None:
    """Those that go are named for the API, the last ones first to go; the zones say where one comes."""
    stack.deploy({"C": resource("CacheCluster", MEMCACHED)})
    name = stack.id_of("C")
    zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    stack.deploy(
        {"C": resource("CacheCluster", {**MEMCACHED, "NumCacheNodes": 3, "PreferredAvailabilityZones": zones})}
    )
    three = described(stack, name)["CacheNodes"]
    stack.deploy({"C": resource("CacheCluster", {**MEMCACHED, "NumCacheNodes": 2})})
    two = described(stack, name)["CacheNodes"]

    assert stack.id_of("C") == name
    assert [item["CustomerAvailabilityZone"] for item in three] == zones
    assert [item["CacheNodeId"] for item in two] == ["0001", "0002"]


def test_attributes_of_memcached(stack: StackOf) -> None:
    """The endpoint that leads to all nodes; that of Redis OSS is not there."""
    paths = ("ConfigurationEndpoint.Address", "ConfigurationEndpoint.Port")
    wanted = {f"O{number}": {"Fn::GetAtt": ["C", path]} for number, path in enumerate(paths)}

    outputs = stack.deploy({"C": resource("CacheCluster", MEMCACHED)}, wanted)
    endpoint = described(stack, stack.id_of("C"))["ConfigurationEndpoint"]
    failed = stack.attempt(
        {"C": resource("CacheCluster", MEMCACHED)}, {"O": {"Fn::GetAtt": ["C", "RedisEndpoint.Port"]}}
    )

    assert outputs == {"O0": endpoint["Address"], "O1": str(endpoint["Port"])}
    assert failed["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert any("has no attribute RedisEndpoint.Port" in reason for reason in stack.reasons())


def test_a_property_that_leaves_goes_back_to_its_default(stack: StackOf) -> None:
    """Where it has one; of another one the event says that its value stays."""
    api = stack.client("elasticache")
    given = {**REDIS, "SnapshotRetentionLimit": 5, "PreferredMaintenanceWindow": "sun:01:00-sun:02:00"}
    stack.deploy({"C": resource("CacheCluster", given)})
    stack.deploy({"C": resource("CacheCluster", REDIS)})
    after = api.describe_cache_clusters(CacheClusterId=stack.id_of("C"))["CacheClusters"][0]

    assert after["SnapshotRetentionLimit"] == 0
    assert after["PreferredMaintenanceWindow"] == "sun:01:00-sun:02:00"
    assert any("PreferredMaintenanceWindow has left the template" in reason for reason in stack.reasons())


def test_the_final_snapshot_of_a_policy(stack: StackOf) -> None:
    """The cluster goes, and its snapshot is there."""
    stack.deploy({"C": resource("CacheCluster", REDIS, DeletionPolicy="Snapshot")})
    name = stack.id_of("C")

    assert stack.destroy() == "DELETE_COMPLETE"

    (taken,) = stack.client("elasticache").describe_snapshots(CacheClusterId=name)["Snapshots"]
    assert taken["SnapshotName"].startswith(f"{name[:30].rstrip('-')}-final-")
    with pytest.raises(ClientError, match="CacheClusterNotFound"):
        described(stack, name)


def test_a_replaced_cluster_is_another_one(stack: StackOf) -> None:
    """Another port makes another cluster; UpdateReplacePolicy says that the old one leaves a snapshot."""
    stack.deploy({"C": resource("CacheCluster", REDIS, UpdateReplacePolicy="Snapshot")})
    old = stack.id_of("C")
    stack.deploy({"C": resource("CacheCluster", {**REDIS, "Port": 6380}, UpdateReplacePolicy="Snapshot")})

    assert stack.id_of("C") != old
    assert stack.client("elasticache").describe_snapshots(CacheClusterId=old)["Snapshots"]
    with pytest.raises(ClientError, match="CacheClusterNotFound"):
        described(stack, old)
