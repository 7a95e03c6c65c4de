"""What Application Auto Scaling asks of a cache before it scales it: the rulebook judges, and moto keeps the records.

See https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from moto.applicationautoscaling.exceptions import AWSValidationException
from moto.core.exceptions import JsonRESTError
from moto.elasticache.models import elasticache_backends

from elasticache_kit.emulator.fault import Fault, refuse
from elasticache_kit.model import auto_scaling as rulebook

if TYPE_CHECKING:
    from moto.applicationautoscaling.models import ApplicationAutoscalingBackend

    from elasticache_kit.model.replication_group import ReplicationGroupSpec

NAMESPACE = "elasticache"
_GROUP = "replication-group/"


def register_with(stock: Callable[..., Any]) -> Callable[..., Any]:
    """Return what takes the place of moto's own registration, and leaves to it what the rulebook lets pass."""

    def register_scalable_target(
        backend: ApplicationAutoscalingBackend, namespace: str, r_id: str, dimension: str, **settings: Any
    ) -> Any:
        if namespace == NAMESPACE:
            present = backend.targets.get(dimension, {}).get(r_id)
            least, most = (
                settings.get(name) if settings.get(name) is not None else getattr(present, name, None)
                for name in ("min_capacity", "max_capacity")
            )
            _judge(backend, r_id, dimension, (least, most), _policies(backend, r_id, dimension))
        return stock(backend, namespace, r_id, dimension, **settings)

    return register_scalable_target


def put_policy_with(stock: Callable[..., Any]) -> Callable[..., Any]:
    """Return what takes the place of moto's own policies, likewise."""

    def put_scaling_policy(backend: ApplicationAutoscalingBackend, **request: Any) -> Any:
        if request["service_namespace"] == NAMESPACE:
            r_id, dimension = request["resource_id"], request["scalable_dimension"]
            target = backend.targets.get(dimension, {}).get(r_id)
            if target is None:
                raise JsonRESTError(
                    "ObjectNotFoundException",
                    f"No scalable target registered for service namespace: {NAMESPACE}, resource ID: {r_id}, "
                    f"scalable dimension: {dimension}",
                )
            name = request["policy_name"]
            policies = _policies(backend, r_id, dimension)
            policies[name] = _policy(name, request["policy_type"], request["policy_body"])
            _judge(backend, r_id, dimension, (target.min_capacity, target.max_capacity), policies)
        return stock(backend, **request)

    return put_scaling_policy


def _judge(
    backend: ApplicationAutoscalingBackend,
    r_id: str,
    dimension: str,
    bounds: tuple[int | None, int | None],
    policies: dict[str, rulebook.ScalingPolicySpec],
) -> None:
    """Refuse what ElastiCache does not scale.

    Raises:
        AWSValidationException: with all that the rulebook says.
    """
    spec = rulebook.ScalableTargetSpec(
        resource_id=r_id,
        scalable_dimension=dimension,
        min_capacity=bounds[0],
        max_capacity=bounds[1],
        policies=tuple(policies.values()),
        replication_group=_group(backend, r_id),
    )
    try:
        refuse(rulebook.check(spec))
    except Fault as fault:
        raise AWSValidationException(str(fault.message)) from fault


def _group(backend: ApplicationAutoscalingBackend, r_id: str) -> ReplicationGroupSpec | None:
    """Return the replication group that is scaled, None where it is no group or not there."""
    local: Any = elasticache_backends[backend.account_id][backend.region_name]
    group = local.region.replication_groups.get(r_id.removeprefix(_GROUP).lower()) if r_id.startswith(_GROUP) else None
    if group is None:
        return None
    # What tells of the datastore is the group, not the request that made it.
    return dataclasses.replace(group.spec, global_replication_group_id=group.global_replication_group_id)


def _policies(
    backend: ApplicationAutoscalingBackend, r_id: str, dimension: str
) -> dict[str, rulebook.ScalingPolicySpec]:
    """Return the policies of a target by name."""
    return {
        item.policy_name: _policy(item.policy_name, item.policy_type, item.target_tracking_scaling_policy_configuration)
        for item in backend.policies.values()
        if (item.service_namespace, item.resource_id, item.scalable_dimension) == (NAMESPACE, r_id, dimension)
    }


def _policy(name: str, kind: str | None, body: dict[str, Any] | None) -> rulebook.ScalingPolicySpec:
    given = body or {}
    return rulebook.ScalingPolicySpec(
        policy_name=name,
        policy_type=kind,
        predefined_metric_type=given.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType"),
        target_value=given.get("TargetValue"),
        scale_out_cooldown=given.get("ScaleOutCooldown"),
        scale_in_cooldown=given.get("ScaleInCooldown"),
    )
