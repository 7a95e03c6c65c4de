"""ReplicationGroupMetrics: the metrics of Valkey and Redis OSS nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from elasticache_kit.cdk.argument import typed
from elasticache_kit.cdk.host_metrics import HostMetrics
from elasticache_kit.cdk.metric import NamedMetric
from elasticache_kit.cdk.token import is_token
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.metric import NAMESPACE, Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticache_kit.cdk.reference import ReplicationGroupReference

# A node of a replication group is a cache cluster of one node, which always has this id.
_CACHE_NODE_ID = "0001"


class ReplicationGroupMetrics(HostMetrics):
    """The metrics of the nodes of a replication group, of either cluster mode.

    CloudWatch has them for each node. Those of the whole group or of a node group are taken together with metric math;
    an alarm takes at most ten nodes in such an expression, so alarms are better set on each node.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.html

    Args:
        cache: the replication group, made in this app or imported.
        cache_cluster_ids: the nodes that are meant. Default: all.
    """

    def __init__(self, cache: ReplicationGroupReference, cache_cluster_ids: tuple[str, ...] | None = None) -> None:
        super().__init__(cache)
        self._group = cache
        self._ids = cache_cluster_ids

    @property
    def scope(self) -> Scope:
        """Nodes."""
        return Scope.NODE

    @property
    def dimensions(self) -> tuple[Mapping[str, str], ...]:
        """The dimensions of each node.

        Raises:
            ValidationError: the number of the nodes is not known at synth.
        """
        return tuple(
            {"CacheClusterId": cache_cluster_id, "CacheNodeId": _CACHE_NODE_ID}
            for cache_cluster_id in self.cache_cluster_ids
        )

    @property
    def cache_cluster_ids(self) -> tuple[str, ...]:
        """The ids of the nodes that are meant.

        Raises:
            ValidationError: the number of the nodes is not known at synth.
        """
        return self._group.cache_cluster_ids if self._ids is None else self._ids

    @typed
    def node(self, cache_cluster_id: str) -> ReplicationGroupMetrics:
        """Return the metrics of one node.

        Args:
            cache_cluster_id: its id, one of `cache_cluster_ids` or any other where their number is not known, or where
                auto scaling adds nodes.

        Raises:
            ValidationError: there is no such node.
        """
        try:
            known = self.cache_cluster_ids
        except ValidationError:
            known = ()
        if known and not self._may_be(cache_cluster_id, known):
            self._refuse_node(cache_cluster_id, known)
        return ReplicationGroupMetrics(self._group, (cache_cluster_id,))

    def _may_be(self, name: str, known: tuple[str, ...]) -> bool:
        """Tell whether a name is that of a node; of a group without a known id its end alone can tell."""
        begin = f"{self._group.replication_group_id}-"
        if name in known or name.startswith(begin) or not is_token(begin):
            return name in known
        return is_token(name) or any(name.endswith(f"-{one.removeprefix(begin)}") for one in known)

    @typed
    def node_group(self, node_group_id: str) -> ReplicationGroupMetrics:
        """Return the metrics of the nodes of one node group (shard).

        Args:
            node_group_id: its id, for example `0001`.

        Raises:
            ValidationError: there is no such node group, or the number of the nodes is not known at synth.
        """
        # orders-0001-001: with cluster mode disabled there is no such part, and the one node group is 0001.
        begin = f"{self._group.replication_group_id}-"
        of = {
            name: name.removeprefix(begin).partition("-")[0] if "-" in name.removeprefix(begin) else "0001"
            for name in self._group.cache_cluster_ids
        }
        found = tuple(name for name, group in of.items() if group == node_group_id)
        if not found:
            raise ValidationError(
                f"{self._group.node.path} has no node group {node_group_id!r}; "
                f"its node groups are {', '.join(sorted(set(of.values())))}"
            )
        return ReplicationGroupMetrics(self._group, found)

    @typed
    def engine_cpu_utilization_of_role(
        self,
        role: Literal["Primary", "Replica"],
        *,
        statistic: str = "Average",
        period: Duration | None = None,
        label: str | None = None,
    ) -> cloudwatch.Metric:
        """Return the engine's CPU utilization of all primaries or all replicas, whoever they are at the time.

        It is what target tracking scales on, and it works where the number of the nodes is not known.

        Args:
            role: whose.
            statistic: how the values are taken together. Default: `Average`.
            period: the length of a period. Default: one minute.
            label: what a graph calls it. Default: its name.
        """
        metric = cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name="EngineCPUUtilization",
            dimensions_map={"ReplicationGroupId": self._group.replication_group_id, "Role": role},
            statistic=statistic,
            period=period or Duration.minutes(1),
            label=label,
        )
        return metric.attach_to(self._group)

    active_defrag_hits = NamedMetric("ActiveDefragHits")
    authentication_failures = NamedMetric("AuthenticationFailures")
    database_authorization_failures = NamedMetric("DatabaseAuthorizationFailures")
    bytes_used_for_cache = NamedMetric("BytesUsedForCache")
    bytes_read_from_disk = NamedMetric("BytesReadFromDisk")
    bytes_written_to_disk = NamedMetric("BytesWrittenToDisk")
    cache_hits = NamedMetric("CacheHits")
    cache_misses = NamedMetric("CacheMisses")
    command_authorization_failures = NamedMetric("CommandAuthorizationFailures")
    cache_hit_rate = NamedMetric("CacheHitRate")
    channel_authorization_failures = NamedMetric("ChannelAuthorizationFailures")
    curr_connections = NamedMetric("CurrConnections")
    curr_items = NamedMetric("CurrItems")
    curr_volatile_items = NamedMetric("CurrVolatileItems")
    curr_items_with_volatile_fields = NamedMetric("CurrItemsWithVolatileFields")
    reclaimed_fields = NamedMetric("ReclaimedFields")
    database_capacity_usage_percentage = NamedMetric("DatabaseCapacityUsagePercentage")
    database_capacity_usage_counted_for_evict_percentage = NamedMetric("DatabaseCapacityUsageCountedForEvictPercentage")
    database_memory_usage_percentage = NamedMetric("DatabaseMemoryUsagePercentage")
    database_memory_usage_counted_for_evict_percentage = NamedMetric("DatabaseMemoryUsageCountedForEvictPercentage")
    db0_average_ttl = NamedMetric("DB0AverageTTL")
    engine_cpu_utilization = NamedMetric("EngineCPUUtilization")
    evictions = NamedMetric("Evictions")
    global_datastore_replication_lag = NamedMetric("GlobalDatastoreReplicationLag")
    iam_authentication_expirations = NamedMetric("IamAuthenticationExpirations")
    iam_authentication_throttling = NamedMetric("IamAuthenticationThrottling")
    is_master = NamedMetric("IsMaster")
    key_authorization_failures = NamedMetric("KeyAuthorizationFailures")
    keys_tracked = NamedMetric("KeysTracked")
    memory_fragmentation_ratio = NamedMetric("MemoryFragmentationRatio")
    new_connections = NamedMetric("NewConnections")
    num_items_read_from_disk = NamedMetric("NumItemsReadFromDisk")
    num_items_written_to_disk = NamedMetric("NumItemsWrittenToDisk")
    master_link_health_status = NamedMetric("MasterLinkHealthStatus")
    reclaimed = NamedMetric("Reclaimed")
    replication_bytes = NamedMetric("ReplicationBytes")
    replication_lag = NamedMetric("ReplicationLag")
    save_in_progress = NamedMetric("SaveInProgress")
    traffic_management_active = NamedMetric("TrafficManagementActive")
    successful_write_request_latency = NamedMetric("SuccessfulWriteRequestLatency")
    successful_read_request_latency = NamedMetric("SuccessfulReadRequestLatency")
    error_count = NamedMetric("ErrorCount")
    search_number_of_indexes = NamedMetric("SearchNumberOfIndexes")
    search_total_indexed_documents = NamedMetric("SearchTotalIndexedDocuments")
    search_used_memory_bytes = NamedMetric("SearchUsedMemoryBytes")
    blocked_connections = NamedMetric("BlockedConnections")
    rejected_connections = NamedMetric("RejectedConnections")
    pubsub_channels = NamedMetric("PubSubChannels")
    pubsub_shard_channels = NamedMetric("PubSubShardChannels")
    used_memory_dataset = NamedMetric("UsedMemoryDataset")
    allocator_fragmentation_bytes = NamedMetric("AllocatorFragmentationBytes")
    allocator_fragmentation_ratio = NamedMetric("AllocatorFragmentationRatio")
    processed_commands = NamedMetric("ProcessedCommands")
    durability_lag = NamedMetric("DurabilityLag")
    durability_buffer_exceeded_error_count = NamedMetric("DurabilityBufferExceededErrorCount")
    cluster_based_cmds = NamedMetric("ClusterBasedCmds")
    cluster_based_cmds_latency = NamedMetric("ClusterBasedCmdsLatency")
    eval_based_cmds = NamedMetric("EvalBasedCmds")
    eval_based_cmds_latency = NamedMetric("EvalBasedCmdsLatency")
    geospatial_based_cmds = NamedMetric("GeoSpatialBasedCmds")
    geospatial_based_cmds_latency = NamedMetric("GeoSpatialBasedCmdsLatency")
    get_type_cmds = NamedMetric("GetTypeCmds")
    get_type_cmds_latency = NamedMetric("GetTypeCmdsLatency")
    hash_based_cmds = NamedMetric("HashBasedCmds")
    hash_based_cmds_latency = NamedMetric("HashBasedCmdsLatency")
    hyperloglog_based_cmds = NamedMetric("HyperLogLogBasedCmds")
    hyperloglog_based_cmds_latency = NamedMetric("HyperLogLogBasedCmdsLatency")
    json_based_cmds = NamedMetric("JsonBasedCmds")
    json_based_cmds_latency = NamedMetric("JsonBasedCmdsLatency")
    json_based_get_cmds = NamedMetric("JsonBasedGetCmds")
    json_based_get_cmds_latency = NamedMetric("JsonBasedGetCmdsLatency")
    json_based_set_cmds = NamedMetric("JsonBasedSetCmds")
    json_based_set_cmds_latency = NamedMetric("JsonBasedSetCmdsLatency")
    key_based_cmds = NamedMetric("KeyBasedCmds")
    key_based_cmds_latency = NamedMetric("KeyBasedCmdsLatency")
    list_based_cmds = NamedMetric("ListBasedCmds")
    list_based_cmds_latency = NamedMetric("ListBasedCmdsLatency")
    non_key_type_cmds = NamedMetric("NonKeyTypeCmds")
    non_key_type_cmds_latency = NamedMetric("NonKeyTypeCmdsLatency")
    pubsub_based_cmds = NamedMetric("PubSubBasedCmds")
    pubsub_based_cmds_latency = NamedMetric("PubSubBasedCmdsLatency")
    set_based_cmds = NamedMetric("SetBasedCmds")
    set_based_cmds_latency = NamedMetric("SetBasedCmdsLatency")
    set_type_cmds = NamedMetric("SetTypeCmds")
    set_type_cmds_latency = NamedMetric("SetTypeCmdsLatency")
    sorted_set_based_cmds = NamedMetric("SortedSetBasedCmds")
    sorted_set_based_cmds_latency = NamedMetric("SortedSetBasedCmdsLatency")
    string_based_cmds = NamedMetric("StringBasedCmds")
    string_based_cmds_latency = NamedMetric("StringBasedCmdsLatency")
    stream_based_cmds = NamedMetric("StreamBasedCmds")
    stream_based_cmds_latency = NamedMetric("StreamBasedCmdsLatency")
    search_based_cmds = NamedMetric("SearchBasedCmds")
    search_based_cmds_latency = NamedMetric("SearchBasedCmdsLatency")
    search_based_get_cmds = NamedMetric("SearchBasedGetCmds")
    search_based_get_cmds_latency = NamedMetric("SearchBasedGetCmdsLatency")
    search_based_set_cmds = NamedMetric("SearchBasedSetCmds")
    search_based_set_cmds_latency = NamedMetric("SearchBasedSetCmdsLatency")
