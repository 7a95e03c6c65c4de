"""Requests to Application Auto Scaling, from specs of the rulebook: the group that is scaled is made before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from elasticache_kit.model import topology
from tests.emulator.group_request import available, group_request, removed
from tests.emulator.members import HOME, Wire, members_of

_SERVICE = "application-autoscaling"
_GROUP = "replication-group/"


def scalable_target(wire: Wire, spec: Any) -> object:
    """Register a target with its policies, and take all of it back."""
    api = wire.client(_SERVICE, HOME)
    request = {**members_of(wire, "register_scalable_target", spec, api), "ServiceNamespace": "elasticache"}
    scaled: Any = spec.replication_group
    group = ""
    if scaled is not None and request["ResourceId"].startswith(_GROUP):
        group = _group(wire, scaled)
        request["ResourceId"] = f"{_GROUP}{group}"
    identity = {name: request[name] for name in ("ServiceNamespace", "ResourceId", "ScalableDimension")}
    answer = api.register_scalable_target(**request)
    for number, policy in enumerate(spec.policies or ()):
        api.put_scaling_policy(
            PolicyName=f"p{number}",
            PolicyType=policy.policy_type or "TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": policy.target_value or 50,
                "PredefinedMetricSpecification": {"PredefinedMetricType": policy.predefined_metric_type},
            },
            **identity,
        )
    api.deregister_scalable_target(**identity)
    if scaled is not None and group and not scaled.global_replication_group_id:
        removed(wire, group)
    return answer


def _group(wire: Wire, spec: Any) -> str:
    """Make a group as the spec describes it, with all else that such a group has to have."""
    whole = replace(spec, global_replication_group_id=None)
    if topology.cluster_mode_enabled(spec):
        whole = replace(whole, parameter_group_cluster_enabled=True)
    if spec.cache_node_type.startswith("cache.r6gd."):
        whole = replace(whole, data_tiering_enabled=True)
    request = group_request(wire, whole)
    wire.elasticache.create_replication_group(**request)
    group = available(wire, request["ReplicationGroupId"])["ReplicationGroupId"]
    if spec.global_replication_group_id:
        wire.elasticache.create_global_replication_group(
            GlobalReplicationGroupIdSuffix=wire.name(), PrimaryReplicationGroupId=group
        )
    return group
