"""DescribeCacheEngineVersions and ListAllowedNodeTypeModifications: what there is to choose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator.action import page
from elasticache_kit.emulator.fault import Fault, invalid_combination, invalid_value
from elasticache_kit.model.engine import Engine, EngineVersion, default_version, versions
from elasticache_kit.model.node_type import NodeType, node_types

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region

_NAMES = {Engine.VALKEY: "Valkey", Engine.REDIS: "Redis", Engine.MEMCACHED: "memcached"}


def describe_cache_engine_versions(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the versions that a new cache can run: of one engine, one version, one family, or the defaults alone."""
    del region
    engine, version, family = (request.get(name) for name in ("Engine", "EngineVersion", "CacheParameterGroupFamily"))
    if engine and engine not in tuple(Engine):
        raise invalid_value(f"Engine {engine} is not one of {', '.join(Engine)}.")
    chosen = [
        item
        for name in Engine
        for item in versions(name)
        if engine in (None, "", name)
        and version in (None, "", item.version)
        and family in (None, "", item.family)
        and (not request.get("DefaultOnly") or item == default_version(name))
    ]
    items, marker = page.cut(chosen, request, key=str)
    return {"CacheEngineVersions": [_describe(item) for item in items], "Marker": marker}


def list_allowed_node_type_modifications(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the node types that a cache can change to: larger ones, and smaller ones."""
    group_id, cluster_id = request.get("ReplicationGroupId"), request.get("CacheClusterId")
    if bool(group_id) == bool(cluster_id):
        raise invalid_combination("Give either CacheClusterId or ReplicationGroupId.")
    now, version = _of_group(region, group_id) if group_id else _of_cluster(region, str(cluster_id))
    present = NodeType.of(now)
    larger: list[str] = []
    smaller: list[str] = []
    for item in node_types().values():
        first = item.min_version(version.engine)
        if (
            item.name == now
            or not item.supports("create_new")
            or first is None
            or version < first
            or region.name in item.regions_missing
            or item.supports("data_tiering") != present.supports("data_tiering")
        ):
            continue
        (larger if _memory(item) >= _memory(present) else smaller).append(item.name)
    # Memcached never changes its node type; what has no smaller type lists none.
    if version.engine is Engine.MEMCACHED:
        return {"ScaleUpModifications": [], "ScaleDownModifications": []}
    return {"ScaleUpModifications": sorted(larger), "ScaleDownModifications": sorted(smaller)}


def _describe(item: EngineVersion) -> dict[str, Any]:
    name = _NAMES[item.engine]
    return {
        "Engine": str(item.engine),
        "EngineVersion": item.version,
        "CacheParameterGroupFamily": item.family,
        "CacheEngineDescription": name,
        "CacheEngineVersionDescription": f"{name} version {item.version}",
    }


def _of_group(region: Region, group_id: str) -> tuple[str, EngineVersion]:
    group = region.replication_group(group_id)
    return str(group.spec.cache_node_type), EngineVersion.of(str(group.spec.engine or "redis"), group.engine_version)


def _of_cluster(region: Region, cluster_id: str) -> tuple[str, EngineVersion]:
    if found := region.member(cluster_id):
        return _of_group(region, found[0].replication_group_id)
    cluster = region.cache_clusters.get(cluster_id.lower())
    if cluster is None:
        raise Fault("CacheClusterNotFound", f"CacheCluster not found: {cluster_id}")
    return str(cluster.spec.cache_node_type), EngineVersion.of(cluster.engine, cluster.engine_version)


def _memory(item: NodeType) -> float:
    return item.memory_gib or 0
