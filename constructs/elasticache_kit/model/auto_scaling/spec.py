"""ScalableTargetSpec and ScalingPolicySpec: what is scaled, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elasticache_kit.model.cache_cluster.spec import CacheClusterSpec
    from elasticache_kit.model.replication_group.spec import ReplicationGroupSpec
    from elasticache_kit.model.unknown import Unknown

NODE_GROUPS = "elasticache:replication-group:NodeGroups"
REPLICAS = "elasticache:replication-group:Replicas"
NODES = "elasticache:cache-cluster:Nodes"
SCALE_OUT_COOLDOWN = 600
SCALE_IN_COOLDOWN = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingPolicySpec:
    """A scaling policy; None is a property that is omitted, UNKNOWN one that only a deployment knows.

    Args:
        policy_name: its name.
        policy_type: `TargetTrackingScaling` or `StepScaling`.
        predefined_metric_type: the metric to keep at the target; None where the metric is one of one's own.
        target_value: the value to keep it at.
        scale_out_cooldown: how long to wait after scaling out, in seconds. Default: 600.
        scale_in_cooldown: how long to wait after scaling in, in seconds. Default: 900.
    """

    policy_name: str | Unknown | None = None
    policy_type: str | Unknown | None = None
    predefined_metric_type: str | Unknown | None = None
    target_value: float | Unknown | None = None
    scale_out_cooldown: int | Unknown | None = None
    scale_in_cooldown: int | Unknown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalableTargetSpec:
    """A scalable target; None is a property that is omitted, UNKNOWN one that only a deployment knows.

    The fields are properties of AWS::ApplicationAutoScaling::ScalableTarget in snake_case, and these, which are none:

    Args:
        policies: its scaling policies.
        replication_group: the group that is scaled; None where nothing is known of it.
        cache_cluster: the Memcached cluster that is scaled; None where nothing is known of it.
    """

    resource_id: str | Unknown | None = None
    scalable_dimension: str | Unknown | None = None
    min_capacity: int | Unknown | None = None
    max_capacity: int | Unknown | None = None

    policies: tuple[ScalingPolicySpec, ...] | Unknown | None = None
    replication_group: ReplicationGroupSpec | Unknown | None = None
    cache_cluster: CacheClusterSpec | Unknown | None = None
