"""What the processes of a Memcached cluster are told: threads, memory and options by node type and parameter group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.fleet import MemcachedPlan
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.node_type import NodeType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticache_kit.emulator.fleet import Fleet
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.cache_cluster import CacheCluster

MIB = 1024 * 1024
# Parameters that memcached takes as an option with a value; the others are of the service, or are not passed on.
OPTIONS: Mapping[str, str] = {
    "backlog_queue_limit": "-b",
    "chunk_size": "-n",
    "chunk_size_growth_factor": "-f",
    "max_item_size": "-I",
    "requests_per_event": "-R",
}
OVERHEAD = "memcached_connections_overhead"
DEFAULT_OVERHEAD_MB = 100
LEAST_MB = 64


def plan(region: Region, key: str, cluster: CacheCluster) -> MemcachedPlan:
    """Say which processes a cluster needs."""
    return MemcachedPlan(
        key=key,
        nodes=tuple(node.cache_node_id for node in cluster.nodes),
        tls=bool(cluster.spec.transit_encryption_enabled),
        names=runtime.current().names,
        port=cluster.port,
        threads=_threads(cluster),
        memory_mb=_memory_mb(region, cluster),
        options=_options(region, cluster),
    )


def set_options(region: Region, fleet: Fleet, key: str, cluster: CacheCluster) -> bool:
    """Give the processes other options for their next start; tell whether there is something to wait for."""
    found = fleet.memcached(key)
    before = found.plan
    found.set_options(_options(region, cluster), threads=_threads(cluster), memory_mb=_memory_mb(region, cluster))
    return found.plan != before


def resize(fleet: Fleet, key: str, cluster: CacheCluster) -> None:
    """Start the nodes that are not there yet, and end those that are there no longer."""
    found, wanted = fleet.memcached(key), [node.cache_node_id for node in cluster.nodes]
    present = found.addresses
    if coming := [name for name in wanted if name not in present]:
        found.add_nodes(coming)
    if leaving := [name for name in present if name not in wanted]:
        found.remove_nodes(leaving)


def _threads(cluster: CacheCluster) -> int:
    node_type = _node_type(cluster)
    return (node_type.vcpu if node_type else None) or 1


def _memory_mb(region: Region, cluster: CacheCluster) -> int:
    _, values = region.parameters(cluster.parameter_group_name)
    node_type = _node_type(cluster)
    whole = (node_type.maxmemory_bytes if node_type else None) or 0
    return max(LEAST_MB, whole // MIB - int(values.get(OVERHEAD, DEFAULT_OVERHEAD_MB)))


def _options(region: Region, cluster: CacheCluster) -> dict[str, str]:
    _, values = region.parameters(cluster.parameter_group_name)
    return {option: values[name] for name, option in OPTIONS.items() if name in values}


def _node_type(cluster: CacheCluster) -> NodeType | None:
    try:
        return NodeType.of(str(cluster.spec.cache_node_type))
    except ValidationError:
        return None
