"""AWS::ElastiCache::Snapshot and AWS::ElastiCache::ServerlessCacheSnapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model import topology
from elasticache_kit.model.serverless_cache_snapshot import ServerlessCacheSnapshotSpec
from elasticache_kit.model.snapshot import SnapshotSpec
from elasticache_kit.model.unknown import Unknown
from elasticache_kit.template import cache_cluster, replication_group
from elasticache_kit.template.properties import Properties

if TYPE_CHECKING:
    from elasticache_kit.template.document import Resource
    from elasticache_kit.template.scope import Scope

TYPE = "AWS::ElastiCache::Snapshot"
SERVERLESS_TYPE = "AWS::ElastiCache::ServerlessCacheSnapshot"


def spec(scope: Scope, resource: Resource) -> SnapshotSpec:
    """Describe a snapshot to the rulebook, with what the template tells of the cache that it is taken of."""
    properties = Properties.of(scope, resource)
    linked_group = scope.linked(resource.properties.get("ReplicationGroupId"), replication_group.TYPE)
    linked_cluster = scope.linked(resource.properties.get("CacheClusterId"), cache_cluster.TYPE)
    group = replication_group.named(scope, linked_group)
    source = group if group is not None else cache_cluster.named(scope, linked_cluster)
    return SnapshotSpec(
        snapshot_name=properties.text("SnapshotName"),
        replication_group_id=_id(linked_group, properties.text("ReplicationGroupId")),
        cache_cluster_id=_id(linked_cluster, properties.text("CacheClusterId")),
        kms_key_id=properties.text("KmsKeyId"),
        source_engine=source.engine if source is not None else None,
        source_cache_node_type=source.cache_node_type if source is not None else None,
        source_cluster_mode_enabled=topology.cluster_mode_enabled(group) if group is not None else None,
    )


def _id(linked: Resource | None, written: str | Unknown | None) -> str | Unknown | None:
    """Return the id of a source; the logical id stands for one that only a deployment knows."""
    return linked.logical_id if linked is not None and isinstance(written, Unknown) else written


def serverless_spec(scope: Scope, resource: Resource) -> ServerlessCacheSnapshotSpec:
    """Describe a snapshot of a serverless cache to the rulebook."""
    properties = Properties.of(scope, resource)
    return ServerlessCacheSnapshotSpec(
        serverless_cache_snapshot_name=properties.text("ServerlessCacheSnapshotName"),
        serverless_cache_name=properties.text("ServerlessCacheName"),
        kms_key_id=properties.text("KmsKeyId"),
    )
