"""Requests for cache clusters and for snapshots of node-based caches, from specs of the rulebook."""

from __future__ import annotations

from typing import Any

from elasticache_kit.model.cache_cluster import CacheClusterSpec
from tests.emulator.group_request import available, group_request, log, parameter_group_of
from tests.emulator.members import Wire, members_of
from tests.emulator.wire import until
from tests.model.case.cache_cluster import CLUSTER, REDIS
from tests.model.case.replication_group import REDIS as REDIS_GROUP
from tests.model.case.replication_group import SHARDS

_NODES = 4


def cache_cluster(wire: Wire, spec: Any) -> object:
    """Make a cache cluster, and remove it."""
    request = _cluster_request(wire, spec)
    answer = wire.elasticache.create_cache_cluster(**request)
    _removed(wire, request["CacheClusterId"])
    return answer


def cache_cluster_change(wire: Wire, change: Any) -> object:
    """Make the old cluster, and ask for what is different in the new one."""
    old, new = change
    cluster = _made(wire, old)
    try:
        before, wanted = (members_of(wire, "modify_cache_cluster", spec) for spec in (old, new))
        asked = {name: value for name, value in wanted.items() if before.get(name) != value}
        if (count := asked.get("NumCacheNodes", old.num_cache_nodes)) < old.num_cache_nodes:
            asked["CacheNodeIdsToRemove"] = [f"{number + 1:0{_NODES}}" for number in range(count, old.num_cache_nodes)]
        return wire.elasticache.modify_cache_cluster(**{**asked, "CacheClusterId": cluster, "ApplyImmediately": True})
    finally:
        _removed(wire, cluster)


def snapshot(wire: Wire, spec: Any) -> object:
    """Make what a snapshot is taken of, and ask for the snapshot."""
    request = members_of(wire, "create_snapshot", spec)
    if request.get("SnapshotName") == "monday":
        request["SnapshotName"] = wire.name()
    if "CacheClusterId" in request and "ReplicationGroupId" not in request and not spec.source_cluster_mode_enabled:
        request["CacheClusterId"] = _made(wire, _source(spec))
    else:
        group = group_request(wire, SHARDS if spec.source_cluster_mode_enabled else REDIS_GROUP)
        wire.elasticache.create_replication_group(**group)
        found = available(wire, group["ReplicationGroupId"])
        given = {"ReplicationGroupId": found["ReplicationGroupId"], "CacheClusterId": found["MemberClusters"][0]}
        request.update({name: value for name, value in given.items() if name in request})
    return wire.elasticache.create_snapshot(**request)


def _source(spec: Any) -> CacheClusterSpec:
    if spec.source_engine == "memcached":
        return CLUSTER
    return CacheClusterSpec(
        engine="redis",
        engine_version=REDIS.engine_version,
        cache_node_type=spec.source_cache_node_type or REDIS.cache_node_type,
        num_cache_nodes=1,
    )


def _cluster_request(wire: Wire, spec: Any) -> dict[str, Any]:
    request = members_of(wire, "create_cache_cluster", spec)
    if request.get("CacheClusterId", "pages") == "pages":
        request["CacheClusterId"] = wire.name()
    request["CacheSubnetGroupName"] = "private"
    if spec.log_delivery_configurations:
        request["LogDeliveryConfigurations"] = [log(item) for item in spec.log_delivery_configurations]
    if name := parameter_group_of(wire, spec):
        request["CacheParameterGroupName"] = name
    return request


def _made(wire: Wire, spec: Any) -> str:
    request = _cluster_request(wire, spec)
    wire.elasticache.create_cache_cluster(**request)
    _at_rest(wire, request["CacheClusterId"])
    return request["CacheClusterId"]


def _at_rest(wire: Wire, cluster: str) -> None:
    until(
        lambda: wire.elasticache.describe_cache_clusters(CacheClusterId=cluster),
        lambda found: found["CacheClusters"][0]["CacheClusterStatus"] == "available",
    )


def _removed(wire: Wire, cluster: str) -> None:
    """Remove a cluster, for a Region has a quota of nodes."""
    _at_rest(wire, cluster)
    wire.elasticache.delete_cache_cluster(CacheClusterId=cluster)
