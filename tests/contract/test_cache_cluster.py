"""A cluster of Memcached, on the emulator and with --aws on AWS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.conftest import unique

if TYPE_CHECKING:
    from tests.contract.conftest import Place
    from tests.contract.network import Network


@pytest.fixture(scope="module")
def cluster(place: Place, elasticache: Any, network: Network) -> Iterator[str]:
    """The id of a cluster of two nodes across two zones."""
    cluster = unique()
    made = create(elasticache, network, cluster)
    assert made["CacheClusterStatus"] == "creating"
    place.wait("cache_cluster_available", CacheClusterId=cluster)
    yield cluster
    place.wait("cache_cluster_available", CacheClusterId=cluster)
    assert elasticache.delete_cache_cluster(CacheClusterId=cluster)["CacheCluster"]["CacheClusterStatus"] == "deleting"
    place.wait("cache_cluster_deleted", CacheClusterId=cluster)


def create(elasticache: Any, network: Network, cluster: str) -> dict[str, Any]:
    """Ask for a cluster."""
    return elasticache.create_cache_cluster(
        CacheClusterId=cluster,
        Engine="memcached",
        EngineVersion="1.6.22",
        CacheNodeType="cache.t4g.micro",
        NumCacheNodes=2,
        AZMode="cross-az",
        CacheSubnetGroupName=network.subnet_group,
        SecurityGroupIds=[network.security_group],
    )["CacheCluster"]


def show(place: Place, cluster: str) -> dict[str, Any]:
    """Wait for a cluster, and describe it with its nodes."""
    place.wait("cache_cluster_available", CacheClusterId=cluster)
    found = place.client("elasticache").describe_cache_clusters(CacheClusterId=cluster, ShowCacheNodeInfo=True)
    return found["CacheClusters"][0]


def nodes(described: dict[str, Any]) -> list[str]:
    """Return the ids of the nodes."""
    return sorted(node["CacheNodeId"] for node in described["CacheNodes"])


def test_nodes_and_endpoints(place: Place, elasticache: Any, cluster: str) -> None:
    """A configuration endpoint for all, an endpoint for each, which is shown where it is asked for."""
    found = show(place, cluster)
    (plain,) = elasticache.describe_cache_clusters(CacheClusterId=cluster.upper())["CacheClusters"]

    assert nodes(found) == ["0001", "0002"]
    assert {node["CacheNodeStatus"] for node in found["CacheNodes"]} == {"available"}
    assert len({node["CustomerAvailabilityZone"] for node in found["CacheNodes"]}) == 2
    assert {node["Endpoint"]["Port"] for node in found["CacheNodes"]} == {11211}
    assert found["ConfigurationEndpoint"]["Port"] == 11211
    assert found["ARN"].split(":")[5:] == ["cluster", cluster]
    assert (plain["CacheClusterId"], plain.get("CacheNodes", [])) == (cluster, [])


def test_a_cluster_is_there_once(place: Place, elasticache: Any, network: Network, cluster: str, name: str) -> None:
    """What never was is not found; each with boto3's class of error."""
    show(place, cluster)
    with pytest.raises(elasticache.exceptions.CacheClusterAlreadyExistsFault):
        create(elasticache, network, cluster)
    for call in (
        lambda: elasticache.describe_cache_clusters(CacheClusterId=name),
        lambda: elasticache.delete_cache_cluster(CacheClusterId=name),
        lambda: elasticache.modify_cache_cluster(CacheClusterId=name, NumCacheNodes=1),
        lambda: elasticache.reboot_cache_cluster(CacheClusterId=name, CacheNodeIdsToReboot=["0001"]),
    ):
        with pytest.raises(elasticache.exceptions.CacheClusterNotFoundFault):
            call()


def test_nodes_come_and_go(place: Place, elasticache: Any, cluster: str) -> None:
    """One more at once; the one that goes waits for the window, and stays where it is called back."""
    elasticache.modify_cache_cluster(CacheClusterId=cluster, NumCacheNodes=3, ApplyImmediately=True)
    more = show(place, cluster)
    elasticache.modify_cache_cluster(CacheClusterId=cluster, NumCacheNodes=2, CacheNodeIdsToRemove=["0003"])
    waiting = show(place, cluster)
    elasticache.modify_cache_cluster(CacheClusterId=cluster, NumCacheNodes=3)
    called_back = show(place, cluster)
    elasticache.modify_cache_cluster(
        CacheClusterId=cluster, NumCacheNodes=2, CacheNodeIdsToRemove=["0003"], ApplyImmediately=True
    )

    assert nodes(more) == nodes(waiting) == ["0001", "0002", "0003"]
    assert waiting["PendingModifiedValues"]["CacheNodeIdsToRemove"] == ["0003"]
    assert "CacheNodeIdsToRemove" not in called_back["PendingModifiedValues"]
    assert nodes(show(place, cluster)) == ["0001", "0002"]


def test_a_node_is_rebooted(place: Place, elasticache: Any, cluster: str) -> None:
    """The answer says so, and afterwards all nodes are there."""
    show(place, cluster)
    rebooted = elasticache.reboot_cache_cluster(CacheClusterId=cluster, CacheNodeIdsToReboot=["0002"])["CacheCluster"]

    assert rebooted["CacheClusterStatus"] == "rebooting cluster nodes"
    assert {node["CacheNodeStatus"] for node in show(place, cluster)["CacheNodes"]} == {"available"}


def test_there_is_no_snapshot_of_it(place: Place, elasticache: Any, cluster: str, name: str) -> None:
    """Memcached keeps nothing."""
    show(place, cluster)
    with pytest.raises(elasticache.exceptions.SnapshotFeatureNotSupportedFault):
        elasticache.create_snapshot(SnapshotName=name, CacheClusterId=cluster)
