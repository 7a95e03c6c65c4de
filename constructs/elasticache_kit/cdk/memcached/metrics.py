"""MemcachedMetrics: the metrics of a Memcached cluster and its nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.cdk.argument import typed
from elasticache_kit.cdk.host_metrics import HostMetrics
from elasticache_kit.cdk.metric import NamedMetric
from elasticache_kit.cdk.token import is_token
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.metric import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticache_kit.cdk.memcached.reference import IMemcachedCluster


class MemcachedMetrics(HostMetrics):
    """The metrics of a Memcached cluster; CloudWatch has them for the cluster and for each node.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Memcached.html

    Args:
        cache: the cluster, made in this app or imported.
        cache_node_id: the node that is meant. Default: all.
    """

    def __init__(self, cache: IMemcachedCluster, cache_node_id: str | None = None) -> None:
        super().__init__(cache)
        self._cluster = cache
        self._node_id = cache_node_id

    @property
    def scope(self) -> Scope:
        """Memcached."""
        return Scope.MEMCACHED

    @property
    def dimensions(self) -> tuple[Mapping[str, str], ...]:
        """The dimensions of the cluster, or of the one node that is meant."""
        cluster = {"CacheClusterId": self._cluster.cluster_name}
        return (cluster if self._node_id is None else {**cluster, "CacheNodeId": self._node_id},)

    @typed
    def node(self, cache_node_id: str) -> MemcachedMetrics:
        """Return the metrics of one node.

        Args:
            cache_node_id: its id, for example `0001`.

        Raises:
            ValidationError: there is no such node.
        """
        try:
            known = self._cluster.cache_node_ids
        except ValidationError:
            known = ()
        if known and cache_node_id not in known and not is_token(cache_node_id):
            self._refuse_node(cache_node_id, known)
        return MemcachedMetrics(self._cluster, cache_node_id)

    bytes_read_into_memcached = NamedMetric("BytesReadIntoMemcached")
    bytes_used_for_cache_items = NamedMetric("BytesUsedForCacheItems")
    bytes_written_out_from_memcached = NamedMetric("BytesWrittenOutFromMemcached")
    cas_badval = NamedMetric("CasBadval")
    cas_hits = NamedMetric("CasHits")
    cas_misses = NamedMetric("CasMisses")
    cmd_flush = NamedMetric("CmdFlush")
    cmd_get = NamedMetric("CmdGet")
    cmd_set = NamedMetric("CmdSet")
    curr_connections = NamedMetric("CurrConnections")
    curr_items = NamedMetric("CurrItems")
    decr_hits = NamedMetric("DecrHits")
    decr_misses = NamedMetric("DecrMisses")
    delete_hits = NamedMetric("DeleteHits")
    delete_misses = NamedMetric("DeleteMisses")
    evictions = NamedMetric("Evictions")
    get_hits = NamedMetric("GetHits")
    get_misses = NamedMetric("GetMisses")
    incr_hits = NamedMetric("IncrHits")
    incr_misses = NamedMetric("IncrMisses")
    reclaimed = NamedMetric("Reclaimed")
    bytes_used_for_hash = NamedMetric("BytesUsedForHash")
    cmd_config_get = NamedMetric("CmdConfigGet")
    cmd_config_set = NamedMetric("CmdConfigSet")
    cmd_touch = NamedMetric("CmdTouch")
    curr_config = NamedMetric("CurrConfig")
    evicted_unfetched = NamedMetric("EvictedUnfetched")
    expired_unfetched = NamedMetric("ExpiredUnfetched")
    slabs_moved = NamedMetric("SlabsMoved")
    touch_hits = NamedMetric("TouchHits")
    touch_misses = NamedMetric("TouchMisses")
    new_connections = NamedMetric("NewConnections")
    new_items = NamedMetric("NewItems")
    unused_memory = NamedMetric("UnusedMemory")
