"""Rules of scaling policies."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from elasticache_kit.model.auto_scaling.spec import NODE_GROUPS, REPLICAS
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.auto_scaling.spec import ScalableTargetSpec, ScalingPolicySpec

PRIMARY_CPU = "ElastiCachePrimaryEngineCPUUtilization"
REPLICA_CPU = "ElastiCacheReplicaEngineCPUUtilization"
MEMORY = "ElastiCacheDatabaseMemoryUsageCountedForEvictPercentage"
CAPACITY = "ElastiCacheDatabaseCapacityUsageCountedForEvictPercentage"
METRICS = {NODE_GROUPS: (PRIMARY_CPU, CAPACITY, MEMORY), REPLICAS: (REPLICA_CPU,)}
_TARGET_TRACKING = "TargetTrackingScaling"
_REPLICA_TARGET = (35, 70)
_TIERED = "cache.r6gd."


def shard_metrics(spec: ScalableTargetSpec) -> Iterator[Finding]:
    """as-metrics-shards."""
    yield from _metrics(spec, NODE_GROUPS, "shards")


def replica_metrics(spec: ScalableTargetSpec) -> Iterator[Finding]:
    """as-metrics-replicas."""
    yield from _metrics(spec, REPLICAS, "replicas")


def memory_metric(spec: ScalableTargetSpec) -> Iterator[Finding]:
    """as-memory-metric-not-r6gd."""
    group = known(spec.replication_group)
    if group is None or not (known(group.cache_node_type) or "").startswith(_TIERED):
        return
    for index, policy in _policies(spec):
        if policy.predefined_metric_type == MEMORY:
            yield Finding(
                f"policies[{index}].predefined_metric_type",
                MEMORY,
                "nodes with data tiering cannot be scaled by it",
                f"take {CAPACITY}",
            )


def target_range(spec: ScalableTargetSpec) -> Iterator[Finding]:
    """as-target-range."""
    least, most = _REPLICA_TARGET
    for index, policy in _policies(spec):
        value = policy.target_value
        if (
            policy.predefined_metric_type == REPLICA_CPU
            and isinstance(value, int | float)
            and not least <= value <= most
        ):
            yield Finding(
                f"policies[{index}].target_value",
                value,
                f"it is {least} to {most} percent",
                "take a number in this range",
            )


def one_per_metric(spec: ScalableTargetSpec) -> Iterator[Finding]:
    """as-one-policy-per-metric."""
    names = [policy.predefined_metric_type for _, policy in _policies(spec)]
    for name, times in Counter(name for name in names if isinstance(name, str)).items():
        if times > 1:
            yield Finding("policies", name, f"{times} policies follow this metric", "keep one of them")


def step_scaling(spec: ScalableTargetSpec) -> Iterator[Finding]:
    """as-step-scaling."""
    for index, policy in _policies(spec):
        if isinstance(policy.policy_type, str) and policy.policy_type != _TARGET_TRACKING:
            yield Finding(
                f"policies[{index}].policy_type",
                policy.policy_type,
                "ElastiCache scales to a target or by schedule",
                f"take {_TARGET_TRACKING}",
            )


def _metrics(spec: ScalableTargetSpec, dimension: str, what: str) -> Iterator[Finding]:
    if known(spec.scalable_dimension) != dimension:
        return
    for index, policy in _policies(spec):
        name = policy.predefined_metric_type
        if isinstance(name, str) and name not in METRICS[dimension]:
            yield Finding(
                f"policies[{index}].predefined_metric_type",
                name,
                f"{what} scale by {' or '.join(METRICS[dimension])}",
                "take one of them, or a metric of your own",
            )


def _policies(spec: ScalableTargetSpec) -> Iterator[tuple[int, ScalingPolicySpec]]:
    yield from enumerate(known(spec.policies) or ())


CHECKS = {
    "as-metrics-shards": shard_metrics,
    "as-metrics-replicas": replica_metrics,
    "as-memory-metric-not-r6gd": memory_metric,
    "as-target-range": target_range,
    "as-one-policy-per-metric": one_per_metric,
    "as-step-scaling": step_scaling,
}
