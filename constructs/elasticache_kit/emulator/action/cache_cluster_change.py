"""ModifyCacheCluster: at once, or in the maintenance window."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator import notification, runtime
from elasticache_kit.emulator.action import cache_cluster_spec as specs
from elasticache_kit.emulator.action import replication_group_spec, room
from elasticache_kit.emulator.action.argument import names, texts
from elasticache_kit.emulator.action.cache_cluster import available, placed
from elasticache_kit.emulator.action.cache_cluster_view import describe_cluster
from elasticache_kit.emulator.action.turn import taking_turns
from elasticache_kit.emulator.fault import invalid_combination, invalid_value, refuse
from elasticache_kit.emulator.provision import cache_cluster as provision_cache_cluster
from elasticache_kit.emulator.state.cache_cluster import CacheNode
from elasticache_kit.emulator.state.moment import now
from elasticache_kit.model import cache_cluster as rulebook
from elasticache_kit.model.engine import Engine

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.cache_cluster import CacheCluster
    from elasticache_kit.model.cache_cluster import CacheClusterSpec

# What waits for the maintenance window where ApplyImmediately is not set; the rest never does.
_WAITING = ("cache_node_type", "engine_version", "num_cache_nodes")


@taking_turns
def modify_cache_cluster(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change a cache cluster that is available."""
    if found := region.member(request["CacheClusterId"]):
        raise invalid_combination(
            f"{found[1].cache_cluster_id} is a node of {found[0].replication_group_id}: use ModifyReplicationGroup."
        )
    cluster = available(region, request["CacheClusterId"])
    spec = specs.modified(region, cluster.spec, request)
    refuse((*rulebook.check_change(_running(cluster), spec), *rulebook.check(spec)))
    specs.refuse_not_yet(request)
    removing = _removing(cluster, request)
    new_zones = _new_zones(cluster, request)
    room.for_nodes(region, max(0, int(request.get("NumCacheNodes") or 0) - len(cluster.nodes)))
    if request.get("NotificationTopicArn"):
        cluster.topic = notification.topic(region.account_id, region.name, request["NotificationTopicArn"])
    if cluster.topic and request.get("NotificationTopicStatus"):
        cluster.topic.status = request["NotificationTopicStatus"]
    if request.get("NumCacheNodes") == len(cluster.nodes):
        # The number that there is cancels what waits.
        cluster.pending.pop("num_cache_nodes", None)
        cluster.removing, cluster.new_zones = (), ()
    if request.get("ApplyImmediately"):
        asked = {name for name in _WAITING if getattr(spec, name) != getattr(cluster.spec, name)}
        spec = dataclasses.replace(spec, **{k: v for k, v in cluster.pending.items() if k not in asked})
        cluster.pending, cluster.pending_since = {}, None
        removing, new_zones = removing or cluster.removing, new_zones or cluster.new_zones
        cluster.removing, cluster.new_zones = (), ()
    else:
        waiting = {k: getattr(spec, k) for k in _WAITING if getattr(spec, k) != getattr(cluster.spec, k)}
        if waiting:
            cluster.pending, cluster.pending_since = {**cluster.pending, **waiting}, now()
            cluster.removing, cluster.new_zones = removing or cluster.removing, new_zones or cluster.new_zones
        spec = dataclasses.replace(spec, **{name: getattr(cluster.spec, name) for name in waiting})
        removing, new_zones = (), ()
    cluster.status = "modifying"
    answer = {"CacheCluster": describe_cluster(region, cluster)}
    start(region, cluster, spec, removing, new_zones)
    return answer


def start(
    region: Region,
    cluster: CacheCluster,
    spec: CacheClusterSpec,
    removing: tuple[str, ...],
    new_zones: tuple[str, ...],
) -> None:
    """Begin a change that has been judged; afterwards the cluster is available again.

    Args:
        region: where the cluster is.
        cluster: the cluster as it is.
        spec: what it shall be.
        removing: the nodes that go; the last ones where none are named and fewer shall be.
        new_zones: where nodes that come are made; by the cluster's AZ mode where none are named.
    """
    cluster.status = "modifying"
    node_type = cluster.spec.cache_node_type
    if isinstance(spec.num_cache_nodes, int) and spec.num_cache_nodes > len(cluster.nodes):
        _tell(region, cluster, "Increasing number of requested nodes")

    def finish() -> None:
        cluster.spec = spec
        cluster.engine_version = specs.engine_version(spec).version
        cluster.parameter_group_name = specs.parameter_group_name(spec)
        cluster.snapshot_window = replication_group_spec.text(spec.snapshot_window, cluster.snapshot_window)
        window = spec.preferred_maintenance_window
        cluster.maintenance_window = replication_group_spec.text(window, cluster.maintenance_window)
        if removing:
            cluster.nodes = [item for item in cluster.nodes if item.cache_node_id not in removing]
            _tell(region, cluster, f"Removed cache nodes {', '.join(removing)}")
        present = len(cluster.nodes)
        wanted = spec.num_cache_nodes if isinstance(spec.num_cache_nodes, int) else present
        if wanted > present:
            _add(region, cluster, wanted - present, new_zones)
            _tell(region, cluster, f"Finished modifying number of nodes from {present} to {wanted}")
        if spec.cache_node_type != node_type:
            _tell(region, cluster, f"Succeeded applying modification to cache node type to {spec.cache_node_type}.")

    runtime.current().lifecycle.start(
        f"modify {cluster.cache_cluster_id}", lambda: provision_cache_cluster.change(region, cluster, finish)
    )


def _add(region: Region, cluster: CacheCluster, count: int, new_zones: tuple[str, ...]) -> None:
    present = [node.availability_zone for node in cluster.nodes]
    for zone in new_zones or placed(region, cluster.spec, count, present):
        number = max((int(node.cache_node_id) for node in cluster.nodes), default=0) + 1
        cluster.nodes.append(CacheNode(f"{number:04}", zone, status="available"))
        _tell(region, cluster, f"Added cache node {number:04} in availability zone {zone}")


def _tell(region: Region, cluster: CacheCluster, message: str) -> None:
    region.record(provision_cache_cluster.SOURCE, cluster.cache_cluster_id, message)


def _running(cluster: CacheCluster) -> CacheClusterSpec:
    """Return the spec with the version that runs, also where none was asked for."""
    return dataclasses.replace(cluster.spec, engine_version=cluster.engine_version)


def _removing(cluster: CacheCluster, request: Mapping[str, Any]) -> tuple[str, ...]:
    named, wanted = names(request, "CacheNodeIdsToRemove"), request.get("NumCacheNodes")
    present = [node.cache_node_id for node in cluster.nodes]
    fewer = len(present) - int(wanted) if wanted is not None else 0
    if unknown := [item for item in named if item not in present]:
        raise invalid_value(f"No such cache nodes: {', '.join(unknown)}; there are {', '.join(present)}.")
    if max(0, fewer) != len(named):
        raise invalid_combination(
            f"CacheNodeIdsToRemove names {len(named)} nodes, and {max(0, fewer)} go: name each that goes."
        )
    return named


def _new_zones(cluster: CacheCluster, request: Mapping[str, Any]) -> tuple[str, ...]:
    zones, wanted = texts(request, "NewAvailabilityZones"), request.get("NumCacheNodes")
    if not zones:
        return ()
    if cluster.engine != Engine.MEMCACHED:
        raise invalid_combination("NewAvailabilityZones is for clusters of memcached.")
    more = max(0, int(wanted) - len(cluster.nodes)) if wanted is not None else 0
    if more != len(zones):
        raise invalid_combination(f"NewAvailabilityZones names {len(zones)} zones, and {more} nodes come.")
    return zones
