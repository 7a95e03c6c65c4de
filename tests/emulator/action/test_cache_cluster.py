"""Cache clusters over the wire: Memcached, single nodes of Redis OSS, replicas that join and leave a group."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.wire import Create, available, code, until

if TYPE_CHECKING:
    from elasticache_kit.emulator.clock import Clock


def make(elasticache: Any, **request: Any) -> dict[str, Any]:
    """Create the Memcached cluster `cache` of two nodes; arguments override or add, None takes away."""
    defaults: dict[str, Any] = {
        "CacheClusterId": "cache",
        "Engine": "memcached",
        "CacheNodeType": "cache.t4g.small",
        "NumCacheNodes": 2,
        "CacheSubnetGroupName": "net",
        "AZMode": "cross-az",
    }
    chosen = {name: value for name, value in {**defaults, **request}.items() if value is not None}
    return elasticache.create_cache_cluster(**chosen)["CacheCluster"]


def redis(elasticache: Any, **request: Any) -> dict[str, Any]:
    """Create the single node `single` of Redis OSS."""
    return make(
        elasticache, **{"CacheClusterId": "single", "Engine": "redis", "NumCacheNodes": 1, "AZMode": None, **request}
    )


def at_rest(elasticache: Any, cluster: str = "cache") -> dict[str, Any]:
    """Wait until a cluster is available and describe it with its nodes."""
    return until(
        lambda: elasticache.describe_cache_clusters(CacheClusterId=cluster, ShowCacheNodeInfo=True)["CacheClusters"][0],
        lambda seen: seen["CacheClusterStatus"] == "available",
    )


def test_memcached_has_nodes_over_the_zones_and_a_configuration_endpoint(elasticache: Any) -> None:
    """Creating at first, then nodes 0001 and 0002, each in a zone of its own; boto3's waiter sees it."""
    made = make(elasticache)

    assert (made["CacheClusterStatus"], "ConfigurationEndpoint" in made) == ("creating", False)
    elasticache.get_waiter("cache_cluster_available").wait(
        CacheClusterId="cache", WaiterConfig={"Delay": 0.02, "MaxAttempts": 200}
    )
    described = at_rest(elasticache)
    assert [node["CacheNodeId"] for node in described["CacheNodes"]] == ["0001", "0002"]
    assert [node["CustomerAvailabilityZone"] for node in described["CacheNodes"]] == ["eu-west-1a", "eu-west-1b"]
    assert described["ConfigurationEndpoint"]["Port"] == described["CacheNodes"][0]["Endpoint"]["Port"] == 11211
    assert described["PreferredAvailabilityZone"] == "Multiple"
    assert "SnapshotWindow" not in described


def test_nodes_are_shown_where_they_are_asked_for(elasticache: Any) -> None:
    """ShowCacheNodeInfo, as on AWS."""
    make(elasticache)
    at_rest(elasticache)

    assert "CacheNodes" not in elasticache.describe_cache_clusters(CacheClusterId="CACHE")["CacheClusters"][0]


def test_a_single_node_of_redis_has_no_configuration_endpoint(elasticache: Any) -> None:
    """One node, port 6379, with a snapshot window."""
    redis(elasticache, SnapshotRetentionLimit=3)

    described = at_rest(elasticache, "single")
    assert described["CacheNodes"][0]["Endpoint"]["Port"] == 6379
    assert (described["SnapshotRetentionLimit"], "ConfigurationEndpoint" in described) == (3, False)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"Engine": "valkey"}, "InvalidParameterValue"),
        ({"Engine": "redis"}, "InvalidParameterValue"),
        ({"CacheSubnetGroupName": "none"}, "CacheSubnetGroupNotFoundFault"),
        ({"CacheParameterGroupName": "none"}, "CacheParameterGroupNotFound"),
        ({"CacheParameterGroupName": "default.redis7"}, "InvalidParameterCombination"),
        ({"SnapshotRetentionLimit": 1}, "SnapshotFeatureNotSupportedFault"),
        ({"CacheSecurityGroupNames": ["default"]}, "InvalidParameterCombination"),
        ({"OutpostMode": "single-outpost"}, "InvalidParameterCombination"),
    ],
)
def test_what_does_not_fit_is_refused(elasticache: Any, asked: dict[str, Any], expected: str) -> None:
    """AWS's codes, from the rulebook and from what is there."""
    with pytest.raises(ClientError) as caught:
        make(elasticache, **asked)

    assert code(caught) == expected
    assert elasticache.describe_cache_clusters()["CacheClusters"] == []


def test_an_id_is_used_once_over_clusters_and_nodes_of_groups(elasticache: Any, group: Create) -> None:
    """The node of a group holds its id too."""
    group()

    with pytest.raises(ClientError) as caught:
        make(elasticache, CacheClusterId="Orders-001")

    assert code(caught) == "CacheClusterAlreadyExists"


def test_nodes_come_where_they_are_asked_for(elasticache: Any) -> None:
    """The next number, in the named zone."""
    make(elasticache)
    at_rest(elasticache)

    elasticache.modify_cache_cluster(
        CacheClusterId="cache", NumCacheNodes=3, NewAvailabilityZones=["eu-west-1c"], ApplyImmediately=True
    )

    nodes = at_rest(elasticache)["CacheNodes"]
    assert [node["CacheNodeId"] for node in nodes] == ["0001", "0002", "0003"]
    assert nodes[2]["CustomerAvailabilityZone"] == "eu-west-1c"


def test_nodes_go_by_name(elasticache: Any) -> None:
    """The others keep their ids; a number without names is refused."""
    make(elasticache, NumCacheNodes=3)
    at_rest(elasticache)
    change = {"CacheClusterId": "cache", "NumCacheNodes": 2, "ApplyImmediately": True}
    with pytest.raises(ClientError, match="CacheNodeIdsToRemove names 0 nodes, and 1 go"):
        elasticache.modify_cache_cluster(**change)

    elasticache.modify_cache_cluster(**change, CacheNodeIdsToRemove=["0002"])

    assert [node["CacheNodeId"] for node in at_rest(elasticache)["CacheNodes"]] == ["0001", "0003"]


def test_a_change_waits_for_the_maintenance_window(elasticache: Any, clock: Clock) -> None:
    """Pending until then, made in the window, and gone from the pending values."""
    make(elasticache, PreferredMaintenanceWindow="sun:03:00-sun:04:00")
    at_rest(elasticache)

    elasticache.modify_cache_cluster(CacheClusterId="cache", NumCacheNodes=4, CacheNodeType="cache.t4g.medium")
    waiting = at_rest(elasticache)
    clock.advance(dt.timedelta(days=7))
    elasticache.describe_cache_clusters()
    changed = at_rest(elasticache)

    assert waiting["PendingModifiedValues"] == {"NumCacheNodes": 4, "CacheNodeType": "cache.t4g.medium"}
    assert (waiting["NumCacheNodes"], waiting["CacheNodeType"]) == (2, "cache.t4g.small")
    assert (changed["NumCacheNodes"], changed["CacheNodeType"]) == (4, "cache.t4g.medium")
    assert changed["PendingModifiedValues"] == {}


def test_the_present_number_cancels_what_waits(elasticache: Any) -> None:
    """As the API says of NumCacheNodes."""
    make(elasticache)
    at_rest(elasticache)
    elasticache.modify_cache_cluster(CacheClusterId="cache", NumCacheNodes=4)
    at_rest(elasticache)

    elasticache.modify_cache_cluster(CacheClusterId="cache", NumCacheNodes=2)

    assert at_rest(elasticache)["PendingModifiedValues"] == {}


def test_a_reboot_is_told(elasticache: Any) -> None:
    """The status says so, the event names the node; a node that is not there is refused."""
    make(elasticache)
    at_rest(elasticache)
    with pytest.raises(ClientError, match="No such cache nodes: 0007"):
        elasticache.reboot_cache_cluster(CacheClusterId="cache", CacheNodeIdsToReboot=["0007"])

    rebooted = elasticache.reboot_cache_cluster(CacheClusterId="cache", CacheNodeIdsToReboot=["0002"])["CacheCluster"]

    assert rebooted["CacheClusterStatus"] == "rebooting cluster nodes"
    at_rest(elasticache)
    told = [event["Message"] for event in elasticache.describe_events(SourceType="cache-cluster")["Events"]]
    assert told[:2] == ["Cache node 0002 restarted", "Cache node 0002 shutdown"]


def test_a_deleted_cluster_is_gone(elasticache: Any) -> None:
    """boto3's waiter sees the deletion end."""
    make(elasticache)
    at_rest(elasticache)

    assert elasticache.delete_cache_cluster(CacheClusterId="cache")["CacheCluster"]["CacheClusterStatus"] == "deleting"

    elasticache.get_waiter("cache_cluster_deleted").wait(
        CacheClusterId="cache", WaiterConfig={"Delay": 0.02, "MaxAttempts": 200}
    )


def test_a_replica_joins_and_leaves_a_group(elasticache: Any, group: Create) -> None:
    """Under its own id; what the group decides is not said again."""
    group(NumCacheClusters=2)
    available(elasticache)
    with pytest.raises(ClientError, match="takes this from its replication group"):
        make(elasticache, CacheClusterId="extra", ReplicationGroupId="orders")

    elasticache.create_cache_cluster(
        CacheClusterId="extra", ReplicationGroupId="orders", PreferredAvailabilityZone="eu-west-1c"
    )
    joined = available(elasticache)
    elasticache.delete_cache_cluster(CacheClusterId="extra")

    assert joined["MemberClusters"] == ["orders-001", "orders-002", "extra"]
    assert available(elasticache)["MemberClusters"] == ["orders-001", "orders-002"]


@pytest.mark.parametrize("node", ["orders-001", "orders-002"])
def test_the_primary_and_the_last_replica_stay(elasticache: Any, group: Create, node: str) -> None:
    """A group with automatic failover would have nothing to fail over to."""
    group(NumCacheClusters=2)
    available(elasticache)

    with pytest.raises(ClientError) as caught:
        elasticache.delete_cache_cluster(CacheClusterId=node)

    assert code(caught) == "InvalidCacheClusterState"


def test_clusters_outside_of_groups_can_be_listed_alone(elasticache: Any, group: Create) -> None:
    """ShowCacheClustersNotInReplicationGroups."""
    group(NumCacheClusters=2)
    make(elasticache)

    listed = elasticache.describe_cache_clusters(ShowCacheClustersNotInReplicationGroups=True)["CacheClusters"]

    assert [item["CacheClusterId"] for item in listed] == ["cache"]
    assert len(elasticache.describe_cache_clusters()["CacheClusters"]) == 3


def test_a_single_node_becomes_the_primary_of_a_group_and_is_one_again(elasticache: Any, group: Create) -> None:
    """PrimaryClusterId takes it in, RetainPrimaryCluster leaves it."""
    redis(elasticache)
    at_rest(elasticache, "single")
    gone = dict.fromkeys(
        ("Engine", "EngineVersion", "CacheNodeType", "CacheSubnetGroupName", "TransitEncryptionEnabled")
    )

    group(PrimaryClusterId="single", NumCacheClusters=2, **gone)
    described = available(elasticache)
    elasticache.delete_replication_group(ReplicationGroupId="orders", RetainPrimaryCluster=True)

    assert described["MemberClusters"] == ["single", "orders-002"]
    until(lambda: len(elasticache.describe_replication_groups()["ReplicationGroups"]), lambda count: count == 0)
    until(
        lambda: [item["CacheClusterId"] for item in elasticache.describe_cache_clusters()["CacheClusters"]],
        lambda ids: ids == ["single"],
    )
    assert "ReplicationGroupId" not in at_rest(elasticache, "single")
