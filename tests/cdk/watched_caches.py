"""Caches of every kind that exist already, for the tests of what works on any of them."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from elasticache_kit.cdk import NodeType, ReplicationGroup, ShardedReplicationGroup
from elasticache_kit.cdk.imported_replication_group import ImportedReplicationGroup
from elasticache_kit.cdk.memcached.cluster import MemcachedCluster
from elasticache_kit.cdk.serverless.reference import ImportedServerlessCache, IServerlessCache
from elasticache_kit.model.serverless_cache import ServerlessCacheSpec

if TYPE_CHECKING:
    from aws_cdk import Stack

    from elasticache_kit.cdk import IReplicationGroup, IShardedReplicationGroup
    from elasticache_kit.cdk.memcached.reference import IMemcachedCluster
    from elasticache_kit.model.replication_group import ReplicationGroupSpec


def replication_group(stack: Stack, **told: Any) -> IReplicationGroup:
    """Import a group of two small nodes."""
    options: dict[str, Any] = {
        "replication_group_id": "orders",
        "cache_node_type": NodeType.of("cache.t4g.small"),
        "num_cache_clusters": 2,
        **told,
    }
    return ReplicationGroup.from_replication_group_attributes(stack, "Cache", **options)


def group_of(stack: Stack, spec: ReplicationGroupSpec) -> IReplicationGroup:
    """Import a group of which a test says what is known."""
    return ImportedReplicationGroup(
        stack,
        "Cache",
        replication_group_id="orders",
        primary_endpoint_address=None,
        reader_endpoint_address=None,
        port=6379,
        security_groups=(),
        spec=spec,
    )


def sharded(stack: Stack, **told: Any) -> IShardedReplicationGroup:
    """Import a group of two node groups of two large nodes."""
    options: dict[str, Any] = {
        "replication_group_id": "orders",
        "cache_node_type": NodeType.of("cache.r7g.xlarge"),
        "num_node_groups": 2,
        "replicas_per_node_group": 1,
        **told,
    }
    return ShardedReplicationGroup.from_sharded_replication_group_attributes(stack, "Sharded", **options)


def memcached(stack: Stack, **told: Any) -> IMemcachedCluster:
    """Import a Memcached cluster of two nodes."""
    options: dict[str, Any] = {
        "cluster_name": "pages",
        "cache_node_type": NodeType.of("cache.t4g.small"),
        "num_cache_nodes": 2,
        **told,
    }
    return MemcachedCluster.from_memcached_cluster_attributes(stack, "Memcached", **options)


class ServerlessCacheOf(ImportedServerlessCache):
    """A serverless cache of which a test says what is known."""

    def __init__(self, stack: Stack, spec: ServerlessCacheSpec) -> None:
        # Nothing else is told, whatever there is to tell.
        untold = dict.fromkeys(inspect.getfullargspec(ImportedServerlessCache.__init__).kwonlyargs)
        told: dict[str, Any] = {**untold, "serverless_cache_name": "baskets", "security_groups": ()}
        super().__init__(stack, "Serverless", **told)
        self._told = spec

    @property
    def spec(self) -> ServerlessCacheSpec:
        """What the test says."""
        return self._told


def serverless(stack: Stack, **told: Any) -> IServerlessCache:
    """Import a serverless cache; `told` are the fields of its spec."""
    options: dict[str, Any] = {"engine": "valkey", **told}
    return ServerlessCacheOf(stack, ServerlessCacheSpec(**options))
