"""AWS::ElastiCache::Snapshot and AWS::ElastiCache::ServerlessCacheSnapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model import topology
from elasticache_kit.model.serverless_cache_snapshot import ServerlessCacheSnapshotSpec
from elasticache_kit.model.snapshot import SnapshotSpec
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
    written = resource.properties
    group = replication_group.named(scope, scope.linked(written.get("ReplicationGroupId"), replication_group.TYPE))
    cluster = cache_cluster.named(scope, scope.linked(written.get("CacheClusterId"), cache_cluster.TYPE))
    source = group if group is not None else cluster
    return SnapshotSpec(
        snapshot_name=properties.text("SnapshotName"),
        replication_group_id=properties.text("ReplicationGroupId"),
        cache_cluster_id=properties.text("CacheClusterId"),
        kms_key_id=properties.text("KmsKeyId"),
        source_engine=source.engine if source is not None else None,
        source_cache_node_type=source.cache_node_type if source is not None else None,
        source_cluster_mode_enabled=topology.cluster_mode_enabled(group) if group is not None else None,
    )


def serverless_spec(scope: Scope, resource: Resource) -> ServerlessCacheSnapshotSpec:
    """Describe a snapshot of a serverless cache to the rulebook."""
    properties = Properties.of(scope, resource)
    return ServerlessCacheSnapshotSpec(
        serverless_cache_snapshot_name=properties.text("ServerlessCacheSnapshotName"),
        serverless_cache_name=properties.text("ServerlessCacheName"),
        kms_key_id=properties.text("KmsKeyId"),
    )
