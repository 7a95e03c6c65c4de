"""Auto scaling: a cache that Application Auto Scaling gives shards, replicas or nodes to, and takes them away.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoScaling.html
"""

from __future__ import annotations

from elasticache_kit.model.auto_scaling import capacity, group, policy
from elasticache_kit.model.auto_scaling.spec import (
    NODE_GROUPS,
    NODES,
    REPLICAS,
    SCALE_IN_COOLDOWN,
    SCALE_OUT_COOLDOWN,
    ScalableTargetSpec,
    ScalingPolicySpec,
)
from elasticache_kit.model.rule import Rule, Violation, apply, join

__all__ = [
    "NODES",
    "NODE_GROUPS",
    "REPLICAS",
    "RULES",
    "SCALE_IN_COOLDOWN",
    "SCALE_OUT_COOLDOWN",
    "ScalableTargetSpec",
    "ScalingPolicySpec",
    "check",
]

RULES: tuple[Rule[ScalableTargetSpec], ...] = join(
    "scalable_target", {**capacity.CHECKS, **policy.CHECKS, **group.CHECKS}
)


def check(spec: ScalableTargetSpec) -> tuple[Violation, ...]:
    """Return everything that ElastiCache refuses or warns of in a scalable target and its policies, errors first."""
    return apply(RULES, spec)
