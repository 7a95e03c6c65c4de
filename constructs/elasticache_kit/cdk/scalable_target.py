"""ScalableTarget: what Application Auto Scaling moves, between which bounds, by which policies and at which hours."""

import datetime as dt
from dataclasses import dataclass, fields, replace
from typing import get_type_hints

from aws_cdk import Duration, TimeZone
from aws_cdk import aws_applicationautoscaling as appscaling
from constructs import Construct

from elasticache_kit.cdk.argument import at_synth, construct_path, refuse_types, typed, violation, warn
from elasticache_kit.cdk.name import unique_name
from elasticache_kit.model.auto_scaling import ScalableTargetSpec, ScalingPolicySpec, check
from elasticache_kit.model.rule import Violation, refuse

_NAMESPACE = "elasticache"
_TARGET_TRACKING = "TargetTrackingScaling"
_LONGEST_NAME = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetTracking:
    """How a policy goes after its target.

    Args:
        scale_out_cooldown: how long to wait after scaling out. Default: 600 seconds.
        scale_in_cooldown: how long to wait after scaling in. Default: 900 seconds.
        disable_scale_in: whether the policy only ever scales out. Default: no.

    Raises:
        ValidationError: a value has the wrong type.
    """

    scale_out_cooldown: Duration | None = None
    scale_in_cooldown: Duration | None = None
    disable_scale_in: bool = False

    def __post_init__(self) -> None:
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        refuse_types("TargetTracking", given, get_type_hints(type(self)))


class ScalableTarget(Construct):
    """What NodeGroupScaling, ReplicaScaling and NodeScaling have in common; make one of these."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        resource_id: str,
        min_capacity: int,
        max_capacity: int,
        spec: ScalableTargetSpec,
        mistakes: tuple[Violation, ...] = (),
    ) -> None:
        self._spec = replace(spec, resource_id=at_synth(resource_id))
        self._warnings = refuse(construct_path(scope, construct_id), (*mistakes, *check(self._spec)))
        self._scheduled: list[appscaling.CfnScalableTarget.ScheduledActionProperty] = []

        super().__init__(scope, construct_id)
        self._resource = appscaling.CfnScalableTarget(
            self,
            "Resource",
            service_namespace=_NAMESPACE,
            scalable_dimension=str(spec.scalable_dimension),
            resource_id=resource_id,
            min_capacity=min_capacity,
            max_capacity=max_capacity,
        )
        warn(self, self._warnings)

    @typed
    def track(
        self, construct_id: str, metric: str, target_value: float, tracking: TargetTracking | None = None
    ) -> None:
        """Add a policy that keeps a predefined metric at a target.

        Args:
            construct_id: the id of the policy.
            metric: a predefined metric type of Application Auto Scaling.
            target_value: the value to keep.
            tracking: how fast, and whether down too. Default: ElastiCache's own pace, down too.

        Raises:
            ValidationError: Application Auto Scaling would refuse the policy, for example a second one of the metric.
        """
        pace = tracking or TargetTracking()
        scale_out, scale_in = _seconds(pace.scale_out_cooldown), _seconds(pace.scale_in_cooldown)
        policy = ScalingPolicySpec(
            policy_type=_TARGET_TRACKING,
            predefined_metric_type=metric,
            target_value=at_synth(target_value),
            scale_out_cooldown=at_synth(scale_out),
            scale_in_cooldown=at_synth(scale_in),
        )
        known = self._spec.policies
        policies = (*(known if isinstance(known, tuple) else ()), policy)
        self._check(construct_id, replace(self._spec, policies=policies))

        place = Construct(self, construct_id)
        configuration = appscaling.CfnScalingPolicy.TargetTrackingScalingPolicyConfigurationProperty(
            target_value=target_value,
            predefined_metric_specification=appscaling.CfnScalingPolicy.PredefinedMetricSpecificationProperty(
                predefined_metric_type=metric
            ),
            scale_out_cooldown=scale_out,
            scale_in_cooldown=scale_in,
            disable_scale_in=pace.disable_scale_in or None,
        )
        appscaling.CfnScalingPolicy(
            place,
            "Resource",
            policy_name=unique_name(place, _LONGEST_NAME),
            policy_type=_TARGET_TRACKING,
            scaling_target_id=self._resource.ref,
            target_tracking_scaling_policy_configuration=configuration,
        )

    @typed
    def scale_on_schedule(
        self,
        construct_id: str,
        schedule: appscaling.Schedule,
        *,
        min_capacity: int | None = None,
        max_capacity: int | None = None,
        start_time: dt.datetime | None = None,
        end_time: dt.datetime | None = None,
        time_zone: TimeZone | None = None,
    ) -> None:
        """Move the bounds at certain times; the cache is scaled into them at once.

        Args:
            construct_id: the name of the scheduled action.
            schedule: when.
            min_capacity: the new lower bound. Default: it stays.
            max_capacity: the new upper bound. Default: it stays.
            start_time: the first time that counts. Default: from now on.
            end_time: the last time that counts. Default: for good.
            time_zone: the time zone of the schedule. Default: UTC.

        Raises:
            ValidationError: an argument has the wrong type, or Application Auto Scaling would refuse the action.
        """
        mistakes = () if (min_capacity, max_capacity) != (None, None) else (_NOTHING_SCHEDULED,)
        lower = self._spec.min_capacity if min_capacity is None else at_synth(min_capacity)
        upper = self._spec.max_capacity if max_capacity is None else at_synth(max_capacity)
        self._check(construct_id, replace(self._spec, min_capacity=lower, max_capacity=upper), mistakes, keep=False)

        self._scheduled.append(
            appscaling.CfnScalableTarget.ScheduledActionProperty(
                scheduled_action_name=construct_id,
                schedule=schedule.expression_string,
                scalable_target_action=appscaling.CfnScalableTarget.ScalableTargetActionProperty(
                    min_capacity=min_capacity, max_capacity=max_capacity
                ),
                start_time=start_time,
                end_time=end_time,
                timezone=time_zone.timezone_name if time_zone else None,
            )
        )
        self._resource.scheduled_actions = list(self._scheduled)

    def _check(
        self, construct_id: str, spec: ScalableTargetSpec, mistakes: tuple[Violation, ...] = (), *, keep: bool = True
    ) -> None:
        """Ask the rulebook about the target with something more to it, and warn of what is new."""
        warnings = refuse(construct_path(self, construct_id), (*mistakes, *check(spec)))
        warn(self, [warning for warning in warnings if warning not in self._warnings])
        self._warnings = (*self._warnings, *warnings)
        if keep:
            self._spec = spec


_NOTHING_SCHEDULED = violation(
    "cdk-schedule-without-bounds",
    "min_capacity",
    None,
    "the action moves no bound",
    "give min_capacity, max_capacity or both",
)


def _seconds(duration: Duration | None) -> int | None:
    return None if duration is None else int(duration.to_seconds())
