"""How a cache cluster comes to be, changes and goes: the slow half of each operation.

No engine stands behind a cache cluster yet; what starts one belongs here, as in `provision` for replication groups.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator import runtime

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.cache_cluster import CacheCluster, CacheNode

SOURCE = "cache-cluster"


def create(region: Region, cluster: CacheCluster) -> None:
    """Make a new cluster available."""
    running = runtime.current().lifecycle
    running.pause(running.timing.create)
    with region.lock:
        for node in cluster.nodes:
            node.status = "available"
            zone = node.availability_zone
            region.record(
                SOURCE, cluster.cache_cluster_id, f"Added cache node {node.cache_node_id} in availability zone {zone}"
            )
        cluster.status = "available"
        region.record(SOURCE, cluster.cache_cluster_id, "Cache cluster created")


def change(region: Region, cluster: CacheCluster, job: Callable[[], None]) -> None:
    """Do what a change asks for when its time has passed; afterwards the cluster is available."""
    running = runtime.current().lifecycle
    running.pause(running.timing.modify)
    with region.lock:
        job()
        cluster.status = "available"


def delete(region: Region, cluster: CacheCluster) -> None:
    """Forget a cluster."""
    running = runtime.current().lifecycle
    running.pause(running.timing.delete)
    with region.lock:
        region.record(SOURCE, cluster.cache_cluster_id, "Cache cluster deleted")
        region.cache_clusters.forget(cluster.cache_cluster_id)


def configuration_endpoint(region: Region, cluster: CacheCluster) -> dict[str, Any]:
    """Give the address that Memcached clients ask for the nodes; it leads nowhere."""
    return {"Address": f"{cluster.cache_cluster_id}.cfg.{_domain(region)}", "Port": cluster.port}


def node_endpoint(region: Region, cluster: CacheCluster, node: CacheNode) -> dict[str, Any]:
    """Give the address of a node; it leads nowhere."""
    return {"Address": f"{cluster.cache_cluster_id}.{node.cache_node_id}.{_domain(region)}", "Port": cluster.port}


def _domain(region: Region) -> str:
    # `.invalid` never resolves (RFC 6761): nobody can take such an endpoint for one on AWS.
    return f"{region.name}.cache.invalid"
