"""Drills by the clock on the replication groups of other stacks: real failovers, under load, held against objectives.

Nothing of it is there unless `drill_schedule` says when, because it fails primaries over, and because the build needs a
way out of the VPC, which costs money: `cdk deploy --all -c "drill_schedule=cron(0 4 ? * TUE,FRI *)"`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_scheduler as scheduler

from elasticache_kit.cdk.scheduled_drill.drill import ScheduledDrill
from stacks.access_log import access_log_bucket, acknowledge_buckets
from stacks.acknowledgement import acknowledge, skip_checkov

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_sns as sns
    from constructs import Construct

    from elasticache_kit.cdk.reference import ReplicationGroupReference
    from stacks.settings import Settings

# What applications in front of these caches can live with.
OBJECTIVES = {"write_outage_p95": "60s", "read_outage_p95": "60s"}
REPORTS_KEPT = Duration.days(400)


class ScheduledDrillStack(Stack):
    """A failover of each cache by the clock, its report in S3, and alarms.

    Args:
        scope: the app.
        construct_id: the name of the stack.
        settings: when.
        vpc: the VPC of the caches, with private subnets that have a way out.
        caches: the caches by what they are called here.
        topic: who hears of a drill that has not passed, and of a schedule that is silent. Default: nobody.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        vpc: ec2.IVpc,
        caches: Mapping[str, ReplicationGroupReference],
        topic: sns.ITopic | None = None,
    ) -> None:
        super().__init__(scope, construct_id, description="Scheduled drills on the ElastiCache stacks")

        access_logs = access_log_bucket(self)
        for name, cache in caches.items():
            drill = ScheduledDrill(
                self,
                f"{name}Drill",
                cache=cache,
                vpc=vpc,
                schedule=scheduler.ScheduleExpression.expression(settings.drill_schedule),
                objectives=OBJECTIVES,
                report_expiration=REPORTS_KEPT,
                server_access_logs_bucket=access_logs,
                notification_topic=topic,
            )
            project = cast("Construct", drill.project)
            why = "The build has no artifacts; reports go to the bucket"
            acknowledge(project, why, "AwsSolutions-CB4")
            skip_checkov(project, why, "CKV_AWS_147")
            open_role = "Metrics have no resource; a condition binds them to one namespace"
            skip_checkov(drill.node.find_child("Role"), open_role, "CKV_AWS_111")
            acknowledge(project, "The build has no source to clone", "CodeBuildProjectSourceRepoUrl")
            CfnOutput(self, f"{name}ReportBucket", value=drill.report_bucket.bucket_name)
        acknowledge_buckets(
            self, "A report can be made again by another drill", "A report holds times and ids, no data"
        )
