"""AWS::ApplicationAutoScaling::ScalableTarget and AWS::ApplicationAutoScaling::ScalingPolicy."""

from __future__ import annotations

from typing import Any, cast

from moto.core.common_models import CloudFormationModel

from elasticache_kit.emulator.cloudformation.service_resource import Properties, ServiceResource

SERVICE = "application-autoscaling"
IDENTITY = ("ServiceNamespace", "ResourceId", "ScalableDimension")
POLICY_MEMBERS = ("PolicyType", "StepScalingPolicyConfiguration", "TargetTrackingScalingPolicyConfiguration")


class ScalableTargetResource(ServiceResource, CloudFormationModel):
    """What may be scaled, between which bounds, and its scheduled actions."""

    ATTRIBUTES = frozenset({"Id"})
    REPLACED_BY = frozenset(IDENTITY)

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::ApplicationAutoScaling::ScalableTarget"

    def create(self) -> None:
        """Call RegisterScalableTarget and PutScheduledAction; Ref is the three names in one."""
        identity = _identity(self.properties)
        self.physical_resource_id = "|".join(
            identity[name] for name in ("ResourceId", "ScalableDimension", "ServiceNamespace")
        )
        self.attributes = {"Id": self.physical_resource_id}
        self.place.call(
            SERVICE,
            "register_scalable_target",
            **identity,
            MinCapacity=int(self.properties["MinCapacity"]),
            MaxCapacity=int(self.properties["MaxCapacity"]),
            **{name: self.properties.get(name) for name in ("RoleARN", "SuspendedState")},
        )
        for action in self.properties.get("ScheduledActions", []):
            self.place.call(SERVICE, "put_scheduled_action", **identity, **_scheduled(action))

    def update(self, old: Properties) -> None:
        """Register anew, which changes the bounds, and drop scheduled actions that are gone."""
        kept = {action["ScheduledActionName"] for action in self.properties.get("ScheduledActions", [])}
        for action in old.get("ScheduledActions", []):
            if action["ScheduledActionName"] not in kept:
                name = action["ScheduledActionName"]
                identity = _identity(self.properties)
                self.place.call(SERVICE, "delete_scheduled_action", **identity, ScheduledActionName=name)
        self.create()

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DeregisterScalableTarget."""
        del account_id, region_name
        self.place.call(SERVICE, "deregister_scalable_target", **_identity(self.properties))


class ScalingPolicyResource(ServiceResource, CloudFormationModel):
    """When a scalable target scales."""

    NAME = "PolicyName"
    ATTRIBUTES = frozenset({"Arn"})
    REPLACED_BY = frozenset({"PolicyName", "ScalingTargetId", *IDENTITY})

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::ApplicationAutoScaling::ScalingPolicy"

    def create(self) -> None:
        """Call PutScalingPolicy; Ref is the ARN."""
        made = self.place.call(
            SERVICE,
            "put_scaling_policy",
            PolicyName=self.name,
            **self._identity(),
            **{name: _numbers(self.properties.get(name)) for name in POLICY_MEMBERS},
        )
        self.physical_resource_id = made["PolicyARN"]
        self.attributes = {"Arn": made["PolicyARN"]}

    def update(self, old: Properties) -> None:
        """Call PutScalingPolicy, which replaces the policy."""
        del old
        self.create()

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DeleteScalingPolicy."""
        del account_id, region_name
        self.place.call(SERVICE, "delete_scaling_policy", PolicyName=self.name, **self._identity())

    def _identity(self) -> dict[str, str]:
        target: str | None = self.properties.get("ScalingTargetId")
        if target is None:
            return _identity(self.properties)
        resource, dimension, namespace = target.split("|")
        return {"ServiceNamespace": namespace, "ResourceId": resource, "ScalableDimension": dimension}


def _identity(properties: Properties) -> dict[str, str]:
    return {name: str(properties[name]) for name in IDENTITY}


def _scheduled(action: dict[str, Any]) -> dict[str, Any]:
    bounds = {name: int(value) for name, value in action.get("ScalableTargetAction", {}).items()}
    return {**action, "ScalableTargetAction": bounds} if bounds else action


def _numbers(value: Any) -> Any:
    """Give the numbers and booleans of a configuration their type: a template may write them as text."""
    if isinstance(value, dict):
        return {key: _number(key, item) for key, item in cast("dict[str, Any]", value).items()}
    return value


def _number(key: str, value: Any) -> Any:
    if key == "TargetValue":
        return float(value)
    if key.endswith("Cooldown"):
        return int(value)
    return str(value).lower() == "true" if key == "DisableScaleIn" else _numbers(value)
