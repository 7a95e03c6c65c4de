"""AWS::ApplicationAutoScaling::ScalableTarget and ScalingPolicy of caches."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from elasticache_kit.model.auto_scaling import ScalableTargetSpec, ScalingPolicySpec
from elasticache_kit.model.unknown import UNKNOWN, Unknown
from elasticache_kit.template import cache_cluster, name, replication_group
from elasticache_kit.template.properties import Properties

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticache_kit.model.replication_group import ReplicationGroupSpec
    from elasticache_kit.template.document import Resource
    from elasticache_kit.template.located import Path
    from elasticache_kit.template.scope import Scope

TYPE = "AWS::ApplicationAutoScaling::ScalableTarget"
POLICY_TYPE = "AWS::ApplicationAutoScaling::ScalingPolicy"

_NAMESPACE = "elasticache"
_CONFIGURATION = "TargetTrackingScalingPolicyConfiguration"
_POLICY_PATHS: Mapping[str, Path] = {
    "predefined_metric_type": (_CONFIGURATION, "PredefinedMetricSpecification", "PredefinedMetricType"),
    "target_value": (_CONFIGURATION, "TargetValue"),
    "scale_out_cooldown": (_CONFIGURATION, "ScaleOutCooldown"),
    "scale_in_cooldown": (_CONFIGURATION, "ScaleInCooldown"),
}


def is_of_cache(scope: Scope, resource: Resource) -> bool:
    """Tell whether a scalable target, or a scaling policy, is one of a cache."""
    written = resource.properties
    if resource.type == POLICY_TYPE and (target := scope.linked(written.get("ScalingTargetId"), TYPE)) is not None:
        written = target.properties
    namespace, dimension = (
        scope.resolve(written.get("ServiceNamespace")),
        scope.resolve(written.get("ScalableDimension")),
    )
    return namespace == _NAMESPACE or (isinstance(dimension, str) and dimension.startswith(f"{_NAMESPACE}:"))


def spec(scope: Scope, resource: Resource) -> ScalableTargetSpec:
    """Describe a scalable target to the rulebook, with its policies and what the template tells of the cache."""
    properties = Properties.of(scope, resource)
    cache = scope.linked(resource.properties.get("ResourceId"), replication_group.TYPE, cache_cluster.TYPE)
    return ScalableTargetSpec(
        resource_id=_resource_id(resource, properties),
        scalable_dimension=properties.text("ScalableDimension"),
        min_capacity=properties.integer("MinCapacity"),
        max_capacity=properties.integer("MaxCapacity"),
        policies=tuple(_policy(Properties.of(scope, item)) for item in policies(scope, resource)),
        replication_group=_group(scope, cache),
        cache_cluster=cache_cluster.named(scope, cache),
    )


def _group(scope: Scope, cache: Resource | None) -> ReplicationGroupSpec | None:
    """Describe the group that is scaled; its logical id stands for an id that only a deployment knows."""
    group = replication_group.named(scope, cache)
    if group is None or cache is None or isinstance(group.replication_group_id, str):
        return group
    return replace(group, replication_group_id=cache.logical_id)


def policies(scope: Scope, target: Resource) -> tuple[Resource, ...]:
    """Return the scaling policies of a target, in the order of the template."""
    return tuple(item for item in scope.of_types(POLICY_TYPE) if _belongs(scope, item, target))


def place(scope: Scope, target: Resource, named: str) -> tuple[Resource, Path]:
    """Return the resource that a property of a target's spec is written in, and its path there."""
    path = name.translate(target.type, named)
    match path:
        case ("policies", int(index), str(last)):
            policy = policies(scope, target)[index]
            return policy, _POLICY_PATHS.get(last) or name.translate(policy.type, last)
        case _:
            return target, path


def _belongs(scope: Scope, policy: Resource, target: Resource) -> bool:
    linked = scope.linked(policy.properties.get("ScalingTargetId"), TYPE)
    if linked is not None:
        return linked is target
    same = ("ResourceId", "ScalableDimension", "ServiceNamespace")
    return "ResourceId" in policy.properties and all(
        policy.properties.get(name) == target.properties.get(name) for name in same
    )


def _resource_id(resource: Resource, properties: Properties) -> str | Unknown | None:
    """Return the id of the resource; the part before what only a deployment knows tells its kind."""
    found = properties.text("ResourceId")
    if not isinstance(found, Unknown):
        return found
    written = resource.properties.get("ResourceId")
    match written:
        case {"Fn::Sub": str(text)} | {"Fn::Sub": [str(text), *_]} if not text.startswith("$"):
            return text
        case {"Fn::Join": [str(separator), [str(first), _, *_]]}:
            return f"{first}{separator}"
        case _:
            return UNKNOWN


def _policy(properties: Properties) -> ScalingPolicySpec:
    tracking = properties.inner(_CONFIGURATION)
    name, kind = properties.text("PolicyName"), properties.text("PolicyType")
    if tracking is None:
        return ScalingPolicySpec(policy_name=name, policy_type=kind)
    if isinstance(tracking, Unknown):
        return ScalingPolicySpec(
            policy_name=name, policy_type=kind, predefined_metric_type=UNKNOWN, target_value=UNKNOWN
        )
    metric = tracking.inner("PredefinedMetricSpecification")
    return ScalingPolicySpec(
        policy_name=name,
        policy_type=kind,
        predefined_metric_type=metric
        if metric is None or isinstance(metric, Unknown)
        else metric.text("PredefinedMetricType"),
        target_value=tracking.number("TargetValue"),
        scale_out_cooldown=tracking.integer("ScaleOutCooldown"),
        scale_in_cooldown=tracking.integer("ScaleInCooldown"),
    )
