"""Scalable targets: of each rule one that breaks it, and one that keeps to it by a hair."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from elasticache_kit.model.auto_scaling import NODE_GROUPS, NODES, REPLICAS, ScalableTargetSpec, ScalingPolicySpec
from elasticache_kit.model.auto_scaling.policy import CAPACITY, MEMORY, PRIMARY_CPU, REPLICA_CPU
from elasticache_kit.model.replication_group import NodeGroupSpec
from tests.model.case.replication_group import GROUP, SHARDS, shards

if TYPE_CHECKING:
    from elasticache_kit.model.replication_group import ReplicationGroupSpec

SCALED = replace(SHARDS, cache_node_type="cache.r7g.large")
OLD = replace(SCALED, engine="redis", cache_node_type="cache.r5.large")
TRACKING = ScalingPolicySpec(
    policy_type="TargetTrackingScaling",
    predefined_metric_type=PRIMARY_CPU,
    target_value=60,
    scale_in_cooldown=900,
)
TARGET = ScalableTargetSpec(
    resource_id="replication-group/orders",
    scalable_dimension=NODE_GROUPS,
    min_capacity=3,
    max_capacity=250,
    policies=(TRACKING,),
    replication_group=SCALED,
)
REPLICA_TARGET = replace(
    TARGET,
    scalable_dimension=REPLICAS,
    min_capacity=1,
    max_capacity=5,
    policies=(ScalingPolicySpec(predefined_metric_type=REPLICA_CPU, target_value=70),),
)
MEMCACHED = ScalableTargetSpec(
    resource_id="cache-cluster/pages", scalable_dimension=NODES, min_capacity=2, max_capacity=20
)


def by(*metrics: str, target: ScalableTargetSpec = TARGET) -> ScalableTargetSpec:
    """Return a target with a policy for each of some metrics."""
    return replace(target, policies=tuple(ScalingPolicySpec(predefined_metric_type=name) for name in metrics))


def of(group: ReplicationGroupSpec, target: ScalableTargetSpec = TARGET) -> ScalableTargetSpec:
    """Return a target that is another group."""
    return replace(target, replication_group=group)


def replicas(*counts: int) -> ReplicationGroupSpec:
    """Return a group whose shards have some numbers of replicas."""
    return shards(*(NodeGroupSpec(replica_count=count) for count in counts), cache_node_type="cache.r7g.large")


CASES: dict[str, tuple[ScalableTargetSpec, ScalableTargetSpec]] = {
    "as-dimension": (replace(TARGET, scalable_dimension="elasticache:replication-group:Shards"), TARGET),
    "as-resource-id": (replace(MEMCACHED, resource_id="replication-group/pages"), MEMCACHED),
    "as-shards-range": (replace(TARGET, max_capacity=251), TARGET),
    "as-replicas-range": (replace(REPLICA_TARGET, min_capacity=0), REPLICA_TARGET),
    "as-min-max": (replace(TARGET, max_capacity=2), replace(TARGET, max_capacity=3)),
    "as-min-max-moves-now": (replace(TARGET, min_capacity=4), TARGET),
    "as-metrics-shards": (by(REPLICA_CPU), by(PRIMARY_CPU, MEMORY, CAPACITY)),
    "as-metrics-replicas": (
        by(PRIMARY_CPU, target=REPLICA_TARGET),
        by(REPLICA_CPU, target=REPLICA_TARGET),
    ),
    "as-memory-metric-not-r6gd": (
        of(replace(SCALED, cache_node_type="cache.r6gd.xlarge"), by(MEMORY)),
        of(replace(SCALED, cache_node_type="cache.r6gd.xlarge"), by(CAPACITY)),
    ),
    "as-target-range": (
        replace(REPLICA_TARGET, policies=(ScalingPolicySpec(predefined_metric_type=REPLICA_CPU, target_value=70.5),)),
        REPLICA_TARGET,
    ),
    "as-one-policy-per-metric": (by(MEMORY, MEMORY), by(MEMORY, CAPACITY)),
    "as-step-scaling": (replace(TARGET, policies=(replace(TRACKING, policy_type="StepScaling"),)), TARGET),
    "as-cme-only": (
        of(replace(GROUP, cache_node_type="cache.r7g.large"), REPLICA_TARGET),
        of(replace(SCALED, num_node_groups=1), REPLICA_TARGET),
    ),
    "as-engine": (
        of(replace(OLD, engine_version="5.0.6")),
        of(replace(OLD, engine_version="6.0")),
    ),
    "as-size": (
        of(replace(SCALED, cache_node_type="cache.r7g.4xlarge")),
        of(replace(SCALED, cache_node_type="cache.r7g.2xlarge")),
    ),
    "as-family": (
        of(replace(SCALED, cache_node_type="cache.r4.large")),
        of(replace(SCALED, cache_node_type="cache.r5.large")),
    ),
    "as-not-in": (of(replace(SCALED, global_replication_group_id="ldgnf-orders")), of(SCALED)),
    "as-reserved-memory": (
        of(replace(SCALED, parameter_group_parameters={"reserved-memory-percent": "24"}), REPLICA_TARGET),
        of(replace(SCALED, parameter_group_parameters={"reserved-memory-percent": "25"}), REPLICA_TARGET),
    ),
    "as-single-dimension": (
        of(replicas(1, 2), REPLICA_TARGET),
        of(replicas(2, 2), REPLICA_TARGET),
    ),
}
