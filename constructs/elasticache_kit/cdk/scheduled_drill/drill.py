"""ScheduledDrill: a drill by the clock, whose report is stored and whose verdict raises an alarm."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import cast

from aws_cdk import Duration, RemovalPolicy, Tags
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as assets
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from aws_cdk.interfaces.aws_sns import ITopicRef
from constructs import Construct

from elasticache_kit.cdk.argument import construct_path, typed, violation, warn
from elasticache_kit.cdk.imported_replication_group import ImportedReplicationGroup, ImportedShardedReplicationGroup
from elasticache_kit.cdk.reference import ReplicationGroupReference
from elasticache_kit.cdk.report_bucket import make_report_bucket
from elasticache_kit.cdk.scheduled_drill.alarm import DrillAlarms
from elasticache_kit.cdk.scheduled_drill.build import DrillBuild
from elasticache_kit.cdk.scheduled_drill.permission import role
from elasticache_kit.cdk.scheduled_drill.refusal import refusals, subnets_of
from elasticache_kit.cdk.scheduled_drill.schedule import silent_hours
from elasticache_kit.cdk.scheduled_drill.sign_in import sign_in
from elasticache_kit.cdk.user import IUser
from elasticache_kit.model.drill import ALLOWED, TAG
from elasticache_kit.model.rule import Violation, refuse

_GROUP_TYPE = "AWS::ElastiCache::ReplicationGroup"
_LONGEST_DESCRIPTION = 255


class ScheduledDrill(Construct):
    """Runs a drill on a replication group by the clock: real failovers, under load, held against objectives.

    EventBridge Scheduler starts a CodeBuild project in the VPC of the cache. It installs elasticache-kit, runs
    `drill run DRILL GROUP --apply`, stores the report in a bucket, and tells CloudWatch whether the drill has passed,
    failed, or could not tell. An alarm tells of each run that has not passed, of each build that fails before that, and
    of a schedule that could not start one; another one of a schedule that is silent. Only one build runs at a time, and
    the guard rails of drills hold: a group that is not fit for a drill is left alone, which counts as not passed.

    The group is tagged `elasticache-kit:drill` = `allowed` where it is made in this app; an imported one must be.

    The subnets need a way to the APIs of AWS (ElastiCache, S3, CloudWatch, CloudWatch Logs) and to a package index: a
    NAT gateway, or VPC endpoints and `wheels`.

    See https://docs.aws.amazon.com/codebuild/latest/userguide/vpc-support.html

    Args:
        scope: the construct that this one is part of.
        construct_id: its id in that scope.
        cache: a replication group with Multi-AZ, made in this app or imported with its security groups.
        vpc: the VPC of the cache.
        schedule: when, for example `ScheduleExpression.cron(minute="0", hour="4", week_day="TUE,FRI")`, in UTC unless
            it says otherwise.
        drill: `failover`, `rolling-failover`, `reboot`, `az-loss` or `none`, known at synth. Default: `failover`.
        trials: how often the drill is run each time, known at synth. Default: 1.
        objectives: what the trials are held against, for example `{"write_outage_p95": "15s"}`, see docs/drills.md.
            Default: the limits of `drill run`.
        clients: the clients under test beside the reference: `valkey-py`, `redis-py`, `valkey-glide` or the first two
            with `-defaults`, known at synth. Default: none.
        user: the user with a password or with IAM whom the drill signs in as. Default: the AUTH token of the cache, or
            the only user that has a password, or the only one with IAM.
        stop_alarms: alarms that keep a drill from beginning, and end one that runs. Default: none.
        fis_template_id: the experiment template of AWS FIS that takes the power from a zone; `az-loss` needs it.
        vpc_subnets: where the build runs. Default: the private subnets with egress.
        wheels: a folder, there at synth, with the wheels of elasticache-kit and all that it needs, for subnets that
            reach no package index. Default: they come from the index.
        report_bucket: where reports go. Default: a bucket of its own, which is kept when the stack goes.
        report_expiration: how long reports are kept in a bucket of its own. Default: 400 days.
        server_access_logs_bucket: where S3 writes down who read a report of a bucket of its own. Default: nowhere.
        timeout: how long a build may take. Default: 2 hours.
        notification_topic: who hears of the alarms. Default: nobody.
        enabled: whether the schedule starts anything. Default: yes.

    Raises:
        ValidationError: an argument has the wrong type, or the drill could not run; the message says all that is wrong.
    """

    @typed
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        cache: ReplicationGroupReference,
        vpc: ec2.IVpc,
        schedule: scheduler.ScheduleExpression,
        drill: str = "failover",
        trials: int = 1,
        objectives: Mapping[str, str | int] | None = None,
        clients: Sequence[str] = (),
        user: IUser | None = None,
        stop_alarms: Sequence[cloudwatch.IAlarm] = (),
        fis_template_id: str | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        wheels: str | None = None,
        report_bucket: s3.IBucket | None = None,
        report_expiration: Duration | None = None,
        server_access_logs_bucket: s3.IBucket | None = None,
        timeout: Duration | None = None,
        notification_topic: ITopicRef | None = None,
        enabled: bool = True,
    ) -> None:
        build = DrillBuild(
            drill=drill,
            trials=trials,
            objectives=objectives or {},
            clients=tuple(clients),
            stop_alarms=len(stop_alarms),
            wheels=wheels is not None,
        )
        path = construct_path(scope, construct_id)
        mistakes = refusals(
            build, cache, schedule, vpc=vpc, vpc_subnets=vpc_subnets, user=user, fis_template_id=fis_template_id,
            wheels=wheels,
        )  # fmt: skip
        warnings = refuse(path, mistakes)

        super().__init__(scope, construct_id)
        longest = timeout or Duration.hours(2)
        group = cache.replication_group_id
        self._bucket = report_bucket or make_report_bucket(self, report_expiration, server_access_logs_bucket)
        self._prefix = f"{self.node.id}/"
        subnets = subnets_of(vpc, vpc_subnets)
        log_group = logs.LogGroup(
            self, "LogGroup", retention=logs.RetentionDays.ONE_MONTH, removal_policy=RemovalPolicy.DESTROY
        )
        names = {
            "group": (group,),
            "bucket": (self._bucket.bucket_name,),
            **({"fis-template": (fis_template_id,)} if fis_template_id else {}),
            **({"alarm": tuple(alarm.alarm_name for alarm in stop_alarms)} if stop_alarms else {}),
        }
        own_role = role(
            self,
            commands=(f"drill run {drill}", "publish"),
            names=names,
            prefix=self._prefix,
            log_group=log_group,
            subnets=subnets.subnets,
        )
        variables = {"GROUP": group, "BUCKET": self._bucket.bucket_name, "PREFIX": self._prefix}
        variables |= {f"STOP_ALARM_{place}": alarm.alarm_name for place, alarm in enumerate(stop_alarms, 1)}
        variables |= {"FIS_TEMPLATE": fis_template_id} if fis_template_id else {}
        self._project = codebuild.Project(
            self,
            "Project",
            description=f"Drill {drill} on {cache.node.path}"[:_LONGEST_DESCRIPTION],
            build_spec=codebuild.BuildSpec.from_object(build.document()),
            source=_source(self, wheels, own_role),
            environment=codebuild.BuildEnvironment(
                build_image=codebuild.LinuxBuildImage.AMAZON_LINUX_2023_5,
                compute_type=codebuild.ComputeType.SMALL,
            ),
            environment_variables={
                **{name: codebuild.BuildEnvironmentVariable(value=value) for name, value in variables.items()},
                **sign_in(cache, user, own_role),
            },
            role=own_role.without_policy_updates(),
            vpc=vpc,
            security_groups=[_security_group(self, vpc)],
            subnet_selection=ec2.SubnetSelection(subnets=subnets.subnets),
            timeout=longest,
            queued_timeout=Duration.hours(1),
            concurrent_build_limit=1,
            grant_report_group_permissions=False,
            logging=codebuild.LoggingOptions(
                cloud_watch=codebuild.CloudWatchLoggingOptions(log_group=cast("logs.ILogGroup", log_group))
            ),
        )
        # What the CDK would have let the role do in the VPC; the role is done.
        self._project.node.try_remove_child("PolicyDocument")
        # Asked from this side, the CDK puts the rules of both sides into this stack.
        self._project.connections.allow_to_default_port(cache.connections, f"Drill {drill}")
        if not isinstance(cache, ImportedReplicationGroup | ImportedShardedReplicationGroup):
            Tags.of(cache).add(TAG, ALLOWED, include_resource_types=[_GROUP_TYPE])
        schedules = scheduler.ScheduleGroup(self, "ScheduleGroup", removal_policy=RemovalPolicy.DESTROY)
        scheduler.Schedule(
            self,
            "Schedule",
            schedule=schedule,
            schedule_group=schedules,
            target=cast(
                "scheduler.IScheduleTarget",
                # A drill that is late by more is not the one that was asked for.
                targets.CodeBuildStartBuild(self._project, retry_attempts=3, max_event_age=Duration.hours(1)),
            ),
            enabled=enabled,
            description=f"Drill {drill} on {cache.node.path}"[:_LONGEST_DESCRIPTION],
        )
        self._alarms = DrillAlarms(
            self,
            drill=drill,
            replication_group_id=group,
            path=cache.node.path,
            project=self._project,
            schedules=schedules,
            silent_hours=silent_hours(schedule.expression_string, timedelta(minutes=longest.to_minutes()))
            if enabled
            else None,
            topic=notification_topic,
        )
        warn(self, [*warnings, *_unheard(self._alarms, schedule, enabled=enabled)])

    @property
    def project(self) -> codebuild.IProject:
        """The CodeBuild project; a build of it is one more run."""
        return cast("codebuild.IProject", self._project)

    @property
    def report_bucket(self) -> s3.IBucket:
        """Where the reports are."""
        return self._bucket

    @property
    def alarms(self) -> tuple[cloudwatch.IAlarm, ...]:
        """The alarm of runs that have not passed, and where an alarm can look back so far, that of silence."""
        return self._alarms.alarms

    @typed
    def metric_not_passed(self, *, period: Duration | None = None) -> cloudwatch.MathExpression:
        """Count the runs that have failed, that could not tell, that broke off, or that could not be started.

        Args:
            period: the length of a data point. Default: 5 minutes.
        """
        return self._alarms.metric_not_passed(period)


def _security_group(scope: Construct, vpc: ec2.IVpc) -> ec2.ISecurityGroup:
    """Make a security group that lets a build out to APIs and to a package index, and nobody in."""
    made = ec2.SecurityGroup(scope, "SecurityGroup", vpc=vpc, allow_all_outbound=False, description="Scheduled drill")
    made.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "APIs of AWS, packages")
    return cast("ec2.ISecurityGroup", made)


def _source(scope: Construct, wheels: str | None, grantee: iam.Role) -> codebuild.ISource | None:
    """Return the wheels that a build is given, if any."""
    if wheels is None:
        return None
    asset = assets.Asset(scope, "Wheels", path=wheels)
    asset.grant_read(grantee)
    return codebuild.Source.s3(bucket=asset.bucket, path=asset.s3_object_key)


def _unheard(alarms: DrillAlarms, schedule: scheduler.ScheduleExpression, *, enabled: bool) -> Iterator[Violation]:
    if not enabled or alarms.silence is not None:
        return
    message = "an alarm looks back seven days, so nothing tells of a schedule this rare that is silent"
    remedy = "run it at least every six days; that it could not start a build is told in any case"
    yield violation("cdk-drill-silence", "schedule", schedule.expression_string, message, remedy)
