"""The alarms of a scheduled drill: a run that has not passed, and a schedule that is silent."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from elasticache_kit.cdk.alarm import allow_alarms, topic_action
from elasticache_kit.model.drill import OUTCOMES
from elasticache_kit.model.permission import NAMESPACE

if TYPE_CHECKING:
    from aws_cdk import aws_codebuild as codebuild
    from aws_cdk import aws_scheduler as scheduler
    from aws_cdk.interfaces.aws_sns import ITopicRef
    from constructs import Construct

_PASSED = OUTCOMES[0]


class DrillAlarms:
    """Makes the alarms.

    Args:
        scope: the construct that they are part of.
        drill: the drill.
        replication_group_id: the group that it is run on.
        path: what the group is called in the app.
        project: the project that runs it.
        schedules: the group of its schedule.
        silent_hours: after how many hours without a run the schedule has failed. Default: an alarm cannot tell.
        topic: who hears of them. Default: nobody.
    """

    def __init__(
        self,
        scope: Construct,
        *,
        drill: str,
        replication_group_id: str,
        path: str,
        project: codebuild.Project,
        schedules: scheduler.ScheduleGroup,
        silent_hours: int | None,
        topic: ITopicRef | None,
    ) -> None:
        self._dimensions = {"Drill": drill, "ReplicationGroupId": replication_group_id}
        self._project, self._schedules = project, schedules
        not_passed = cloudwatch.Alarm(
            scope,
            "NotPassed",
            metric=self.metric_not_passed(None),
            threshold=0,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=f"Drill {drill} on {path} has not passed, or did not run; its report and the log of "
            "the build say why.",
        )
        self.silence = None if silent_hours is None else self._silence(scope, path, silent_hours)
        self.alarms = tuple(
            cast("cloudwatch.IAlarm", alarm) for alarm in (not_passed, self.silence) if alarm is not None
        )
        if topic is not None:
            allow_alarms(topic)
            action = topic_action(scope, topic)
            for alarm in (not_passed, *([self.silence] if self.silence else [])):
                alarm.add_alarm_action(action)

    def metric_not_passed(self, period: Duration | None) -> cloudwatch.MathExpression:
        """Count the runs that have failed or could not tell, builds that failed, and starts that failed."""
        counted = {
            **{name.lower(): self._outcome(name) for name in OUTCOMES if name != _PASSED},
            "broken": self._project.metric_failed_builds(),
            "unstarted": self._schedules.metric_target_errors(statistic="Sum"),
            "dropped": self._schedules.metric_dropped(statistic="Sum"),
        }
        return cloudwatch.MathExpression(
            expression=" + ".join(f"FILL({name}, 0)" for name in counted),
            label="Drills that have not passed",
            period=period,
            using_metrics=cast("dict[str, cloudwatch.IMetric]", counted),
        )

    def _outcome(self, name: str) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace=NAMESPACE, metric_name=name, dimensions_map=self._dimensions, statistic="Sum"
        )

    def _silence(self, scope: Construct, path: str, hours: int) -> cloudwatch.Alarm:
        ran = self._outcome(_PASSED).with_(statistic="SampleCount", period=Duration.hours(1))
        return cloudwatch.Alarm(
            scope,
            "Silent",
            metric=cast("cloudwatch.IMetric", ran),
            threshold=1,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            evaluation_periods=hours,
            datapoints_to_alarm=hours,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
            alarm_description=f"No drill on {path} has ended for {hours} hours; one should have.",
        )
