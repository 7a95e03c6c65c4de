"""Auto scaling: node groups, replicas, or nodes of Memcached, come and go with the load or by the clock.

Application Auto Scaling does it with a role of its own, which it makes when it is first used. CloudFormation goes on
knowing the number that the cache is made with: leave that number alone, for a change of it undoes the scaling.
"""

from collections.abc import Iterator
from dataclasses import replace

from constructs import Construct

from elasticache_kit.cdk.argument import at_synth, typed, violation
from elasticache_kit.cdk.membership import add_scaled, member_scaled
from elasticache_kit.cdk.memcached.reference import IMemcachedCluster
from elasticache_kit.cdk.reference import IShardedReplicationGroup
from elasticache_kit.cdk.scalable_target import ScalableTarget, TargetTracking
from elasticache_kit.cdk.token import is_token
from elasticache_kit.model.auto_scaling import NODE_GROUPS, NODES, REPLICAS, ScalableTargetSpec
from elasticache_kit.model.replication_group import ReplicationGroupSpec
from elasticache_kit.model.rule import Violation
from elasticache_kit.model.topology import replica_counts
from elasticache_kit.model.unknown import UndecidedError, Unknown

_PRIMARY_CPU = "ElastiCachePrimaryEngineCPUUtilization"
_MEMORY = "ElastiCacheDatabaseMemoryUsageCountedForEvictPercentage"
_CAPACITY = "ElastiCacheDatabaseCapacityUsageCountedForEvictPercentage"
_REPLICA_CPU = "ElastiCacheReplicaEngineCPUUtilization"
_NODE_CPU = "ElastiCacheEngineCPUUtilization"
_BURSTABLE = ("cache.t2.", "cache.t3.", "cache.t4g.")
_MOST_NODES = 90


class NodeGroupScaling(ScalableTarget):
    """Scales the number of node groups (shards) of a replication group with cluster mode enabled.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoScaling-Scaling-Policies-Target.html

    Args:
        scope: the construct that this one is part of.
        construct_id: its id in that scope.
        replication_group: the group, made here or imported.
        max_capacity: the most node groups, at most 250.
        min_capacity: the fewest node groups, at least 1; the group is scaled into these bounds at once. Default: as
            many as the group is made with, and 1 where that is not known.

    Raises:
        ValidationError: an argument has the wrong type, or Application Auto Scaling would refuse the target.
    """

    @typed
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        replication_group: IShardedReplicationGroup,
        max_capacity: int,
        min_capacity: int | None = None,
    ) -> None:
        group = replication_group
        fewest = _or_one(group.spec.num_node_groups) if min_capacity is None else min_capacity
        super().__init__(
            scope,
            construct_id,
            resource_id=f"replication-group/{group.replication_group_id}",
            min_capacity=fewest,
            max_capacity=max_capacity,
            spec=_of_group(group, NODE_GROUPS, fewest, max_capacity),
            mistakes=tuple(member_scaled(group)),
        )
        add_scaled(group)

    @typed
    def scale_on_primary_engine_cpu_utilization(
        self, construct_id: str, target_utilization_percent: int, tracking: TargetTracking | None = None
    ) -> None:
        """Keep the engines of the primaries as busy as asked, in percent of their CPU, on average.

        Args:
            construct_id: the id of the policy.
            target_utilization_percent: the percentage to keep.
            tracking: how fast, and whether down too. Default: ElastiCache's own pace, down too.

        Raises:
            ValidationError: Application Auto Scaling would refuse the policy.
        """
        self.track(construct_id, _PRIMARY_CPU, target_utilization_percent, tracking)

    @typed
    def scale_on_database_memory_usage(
        self, construct_id: str, target_utilization_percent: int, tracking: TargetTracking | None = None
    ) -> None:
        """Keep the memory of the primaries as full as asked, in percent; not with data tiering.

        Args:
            construct_id: the id of the policy.
            target_utilization_percent: the percentage to keep.
            tracking: how fast, and whether down too. Default: ElastiCache's own pace, down too.

        Raises:
            ValidationError: Application Auto Scaling would refuse the policy.
        """
        self.track(construct_id, _MEMORY, target_utilization_percent, tracking)

    @typed
    def scale_on_database_capacity_usage(
        self, construct_id: str, target_utilization_percent: int, tracking: TargetTracking | None = None
    ) -> None:
        """Keep what the primaries can hold, SSD included with data tiering, as full as asked, in percent.

        Args:
            construct_id: the id of the policy.
            target_utilization_percent: the percentage to keep.
            tracking: how fast, and whether down too. Default: ElastiCache's own pace, down too.

        Raises:
            ValidationError: Application Auto Scaling would refuse the policy.
        """
        self.track(construct_id, _CAPACITY, target_utilization_percent, tracking)


class ReplicaScaling(ScalableTarget):
    """Scales the number of replicas in every node group of a replication group with cluster mode enabled.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoScaling-Scaling-Policies-Replicas-Replicas.html

    Args:
        scope: the construct that this one is part of.
        construct_id: its id in that scope.
        replication_group: the group, made here or imported.
        max_capacity: the most replicas of a node group, at most 5.
        min_capacity: the fewest replicas of a node group, at least 1; the group is scaled into these bounds at once.
            Default: as many as the group is made with, and 1 where that is not known; of node groups that differ, as
            many as the smallest has.

    Raises:
        ValidationError: an argument has the wrong type, or Application Auto Scaling would refuse the target.
    """

    @typed
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        replication_group: IShardedReplicationGroup,
        max_capacity: int,
        min_capacity: int | None = None,
    ) -> None:
        group = replication_group
        fewest = _fewest_replicas(group.spec) if min_capacity is None else min_capacity
        super().__init__(
            scope,
            construct_id,
            resource_id=f"replication-group/{group.replication_group_id}",
            min_capacity=fewest,
            max_capacity=max_capacity,
            spec=_of_group(group, REPLICAS, fewest, max_capacity),
            mistakes=tuple(member_scaled(group)),
        )
        add_scaled(group)

    @typed
    def scale_on_replica_engine_cpu_utilization(
        self, construct_id: str, target_utilization_percent: int, tracking: TargetTracking | None = None
    ) -> None:
        """Keep the engines of the replicas as busy as asked, in percent of their CPU, on average.

        Args:
            construct_id: the id of the policy.
            target_utilization_percent: the percentage to keep, 35 to 70.
            tracking: how fast, and whether down too. Default: ElastiCache's own pace, down too.

        Raises:
            ValidationError: Application Auto Scaling would refuse the policy.
        """
        self.track(construct_id, _REPLICA_CPU, target_utilization_percent, tracking)


class NodeScaling(ScalableTarget):
    """Scales the number of nodes of a Memcached cluster; what a node held is lost with it.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Scaling-self-designed.mem-heading.html

    Args:
        scope: the construct that this one is part of.
        construct_id: its id in that scope.
        cluster: the cluster, made here or imported.
        max_capacity: the most nodes, at most 90; your quota of nodes may be smaller.
        min_capacity: the fewest nodes; the cluster is scaled into these bounds at once. Default: as many as the cluster
            is made with, and 1 where that is not known.

    Raises:
        ValidationError: an argument has the wrong type, or Application Auto Scaling would refuse the target.
    """

    @typed
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        cluster: IMemcachedCluster,
        max_capacity: int,
        min_capacity: int | None = None,
    ) -> None:
        fewest = _or_one(cluster.spec.num_cache_nodes) if min_capacity is None else min_capacity
        add_scaled(cluster)
        super().__init__(
            scope,
            construct_id,
            resource_id=f"cache-cluster/{cluster.cluster_name}",
            min_capacity=fewest,
            max_capacity=max_capacity,
            spec=ScalableTargetSpec(
                scalable_dimension=NODES,
                min_capacity=at_synth(fewest),
                max_capacity=at_synth(max_capacity),
                cache_cluster=cluster.spec,
            ),
            mistakes=tuple(_unsupported(cluster, max_capacity)),
        )

    @typed
    def scale_on_engine_cpu_utilization(
        self, construct_id: str, target_utilization_percent: int, tracking: TargetTracking | None = None
    ) -> None:
        """Keep the nodes as busy as asked, in percent of their CPU, on average.

        The page names the metric ElastiCacheCPUUtilization, which the API does not know; its enumeration has this one.

        Args:
            construct_id: the id of the policy.
            target_utilization_percent: the percentage to keep.
            tracking: how fast, and whether down too. Default: Application Auto Scaling's own pace, down too.

        Raises:
            ValidationError: Application Auto Scaling would refuse the policy.
        """
        self.track(construct_id, _NODE_CPU, target_utilization_percent, tracking)


def _of_group(group: IShardedReplicationGroup, dimension: str, fewest: int, most: int) -> ScalableTargetSpec:
    return ScalableTargetSpec(
        scalable_dimension=dimension,
        min_capacity=at_synth(fewest),
        max_capacity=at_synth(most),
        # A reader knows the path better than an id that only a deployment knows.
        replication_group=replace(group.spec, replication_group_id=group.node.path),
    )


def _unsupported(cluster: IMemcachedCluster, max_capacity: int) -> Iterator[Violation]:
    """Yield what Application Auto Scaling refuses of Memcached, in its own words; no page of AWS says so."""
    node_type = cluster.spec.cache_node_type
    if isinstance(node_type, str) and node_type.startswith(_BURSTABLE):
        yield violation(
            "cdk-memcached-scaling-node-type",
            "cluster",
            node_type,
            f"the following instance: {node_type} is not supported for AutoScaling",
            "take nodes that are not burstable, for example cache.m7g.large",
        )
    if not is_token(max_capacity) and max_capacity > _MOST_NODES:
        yield violation(
            "cdk-memcached-scaling-range",
            "max_capacity",
            max_capacity,
            f"maximum capacity cannot be greater than {_MOST_NODES}",
            f"take {_MOST_NODES} or less",
        )


def _fewest_replicas(spec: ReplicationGroupSpec) -> int:
    """Return the replicas of the node group that has the fewest, 1 where that is not known."""
    try:
        return min(replica_counts(spec))
    except UndecidedError:
        return 1


def _or_one(number: int | Unknown | None) -> int:
    return 1 if number is None or isinstance(number, Unknown) else number
