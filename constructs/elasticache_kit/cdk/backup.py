"""ScheduledBackup: snapshots by the clock, exported to a bucket where asked, the oldest deleted."""

import json
import re
from collections.abc import Iterator
from typing import cast

from aws_cdk import ArnFormat, Aws, CfnResource, Duration, RemovalPolicy, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk.interfaces.aws_sns import ITopicRef
from constructs import Construct

from elasticache_kit.cdk.alarm import allow_alarms, topic_action
from elasticache_kit.cdk.argument import construct_path, typed, violation, warn
from elasticache_kit.cdk.backup_permission import (
    export,
    node_based_backup,
    observability,
    serverless_backup,
    why_wildcards,
)
from elasticache_kit.cdk.backup_workflow import BackupWorkflow
from elasticache_kit.cdk.name import lower_case, unique_name
from elasticache_kit.cdk.reference import ReplicationGroupReference
from elasticache_kit.cdk.serverless.reference import IServerlessCache
from elasticache_kit.cdk.snapshot_api import NODE_BASED, SERVERLESS
from elasticache_kit.cdk.token import is_token
from elasticache_kit.cdk.wildcard import acknowledge_wildcards
from elasticache_kit.model.identifier import REMEDY, replication_group_id
from elasticache_kit.model.node_type import NodeType
from elasticache_kit.model.rule import Violation, refuse

# A snapshot is called by its prefix, a hyphen and 14 digits, and ElastiCache takes 40 characters.
_LONGEST_PREFIX = 25
# The quota of manual snapshots: 20 of one node in 24 hours.
_MOST_A_DAY = 20
_LONGEST_DESCRIPTION = 512
_MINUTES = {"minute": 1, "hour": 60, "day": 24 * 60}

BackedUpCache = ReplicationGroupReference | IServerlessCache


class ScheduledBackup(Construct):
    """Takes a snapshot of a cache by the clock, beside the automatic daily ones, which end with their retention.

    EventBridge Scheduler starts a state machine that calls ElastiCache itself: it takes the snapshot (of a replica
    where there is one), waits until it is available, copies it to a bucket and waits for the files, and deletes its
    oldest snapshots. The cache may be made in this app or imported.

    Each step goes to a log and to X-Ray. An execution that fails says why in its history, and `metric_failed` counts it
    for an alarm.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups.html

    Args:
        scope: the construct that this one is part of.
        construct_id: its id in that scope.
        cache: a replication group or a serverless cache.
        schedule: when, for example `ScheduleExpression.cron(hour="3", minute="0")`, in UTC unless it says otherwise.
        retained_snapshots: how many of these snapshots stay in ElastiCache, known at synth. 0 keeps the exports only.
            Default: 7.
        export_bucket: the bucket that they are copied to as RDB files, in the Region of the cache; an ExportBucket, or
            one whose policy lets ElastiCache in. Default: they are not exported.
        snapshot_name_prefix: what the names begin with, 1 to 25 letters, digits and hyphens, known at synth. Only
            snapshots with this prefix and a time are ever deleted. Default: one of the path of the construct.
        notification_topic: who hears that a backup failed, by an alarm on `metric_failed`. Default: nobody.
        enabled: whether the schedule starts anything. Default: yes.

    Raises:
        ValidationError: an argument has the wrong type, or ElastiCache would refuse the snapshots.
    """

    @typed
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        cache: BackedUpCache,
        schedule: scheduler.ScheduleExpression,
        retained_snapshots: int = 7,
        export_bucket: s3.IBucket | None = None,
        snapshot_name_prefix: str | None = None,
        notification_topic: ITopicRef | None = None,
        enabled: bool = True,
    ) -> None:
        mistakes = [
            *_prefix(snapshot_name_prefix),
            *_retention(retained_snapshots, exported=export_bucket is not None),
            *_too_often(schedule),
            *(_exportable(cache) if export_bucket is not None else ()),
        ]
        warnings = refuse(construct_path(scope, construct_id), mistakes)

        super().__init__(scope, construct_id)
        # Of two backups none may delete the snapshots of the other.
        prefix = lower_case(snapshot_name_prefix or unique_name(self, _LONGEST_PREFIX))
        stack = Stack.of(self)
        if isinstance(cache, IServerlessCache):
            api, name = SERVERLESS, cache.serverless_cache_name
            statements = serverless_backup(stack, name, prefix)
        else:
            api, name = NODE_BASED, cache.replication_group_id
            statements = node_based_backup(stack, name, prefix)
        if export_bucket is not None:
            statements += export(stack, export_bucket, prefix, serverless=api is SERVERLESS)
        workflow = BackupWorkflow(
            api=api,
            partition=Aws.PARTITION,
            retained_snapshots=retained_snapshots,
            exports=export_bucket is not None,
        )

        self._prefix = prefix
        self._state_machine = sfn.StateMachine(
            self,
            "StateMachine",
            definition_body=sfn.DefinitionBody.from_string(json.dumps(workflow.definition(), indent=1)),
            definition_substitutions={
                "Cache": name,
                "Prefix": prefix,
                **({"Bucket": export_bucket.bucket_name} if export_bucket is not None else {}),
            },
            role=_role(self, statements).without_policy_updates(),
            logs=sfn.LogOptions(
                destination=cast("logs.ILogGroup", _log_group(self)),
                level=sfn.LogLevel.ALL,
                include_execution_data=False,
            ),
            tracing_enabled=True,
        )
        _drop_dependency(self._state_machine)
        scheduler.Schedule(
            self,
            "Schedule",
            schedule=schedule,
            target=cast("scheduler.IScheduleTarget", targets.StepFunctionsStartExecution(self._state_machine)),
            enabled=enabled,
            description=f"Backup of {cache.node.path}"[:_LONGEST_DESCRIPTION],
        )
        if notification_topic is not None:
            self._alarm(notification_topic, cache.node.path)
        warn(self, warnings)

    @property
    def state_machine(self) -> sfn.IStateMachine:
        """The state machine; an execution of it, with any input, takes one more snapshot."""
        return self._state_machine

    @property
    def snapshot_name_prefix(self) -> str:
        """What the names of the snapshots and of the exported files begin with."""
        return self._prefix

    @typed
    def metric_failed(self, *, period: Duration | None = None) -> cloudwatch.MathExpression:
        """Count the executions that failed, ran out of time or were stopped.

        Args:
            period: the length of a data point. Default: 5 minutes.
        """
        machine = self._state_machine
        counts = (
            machine.metric_failed(statistic="Sum"),
            machine.metric_timed_out(statistic="Sum"),
            machine.metric_aborted(statistic="Sum"),
        )
        names = ("failed", "timedOut", "aborted")
        return cloudwatch.MathExpression(
            expression=" + ".join(f"FILL({name}, 0)" for name in names),
            label="Backups that failed",
            period=period,
            using_metrics=dict(zip(names, counts, strict=True)),
        )

    def _alarm(self, topic: ITopicRef, path: str) -> None:
        """Raise an alarm on each failure; silence is none, because there are hours between two executions."""
        alarm = cloudwatch.Alarm(
            self,
            "Failed",
            metric=self.metric_failed(),
            threshold=0,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=f"A backup of {path} failed; the executions of the state machine say why.",
        )
        allow_alarms(topic)
        alarm.add_alarm_action(topic_action(self, topic))


def _role(scope: Construct, statements: list[iam.PolicyStatement]) -> iam.Role:
    """Make the role of the state machine, which only state machines of this account may take."""
    stack = Stack.of(scope)
    machines = stack.format_arn(
        service="states", resource="stateMachine", resource_name="*", arn_format=ArnFormat.COLON_RESOURCE_NAME
    )
    principal = iam.PrincipalWithConditions(
        cast("iam.IPrincipal", iam.ServicePrincipal("states.amazonaws.com")),
        {"StringEquals": {"aws:SourceAccount": stack.account}, "ArnLike": {"aws:SourceArn": machines}},
    )
    watched = observability()
    role = iam.Role(
        scope,
        "Role",
        assumed_by=cast("iam.IPrincipal", principal),
        inline_policies={
            "Backup": iam.PolicyDocument(statements=statements),
            "Observability": iam.PolicyDocument(statements=watched),
        },
    )
    acknowledge_wildcards(role, why_wildcards([*statements, *watched]))
    return role


def _log_group(scope: Construct) -> logs.LogGroup:
    return logs.LogGroup(
        scope, "LogGroup", retention=logs.RetentionDays.ONE_MONTH, removal_policy=RemovalPolicy.DESTROY
    )


def _drop_dependency(state_machine: sfn.StateMachine) -> None:
    """Drop the dependency on the role, which the reference to its ARN says already."""
    cast("CfnResource", state_machine.node.default_child).add_deletion_override("DependsOn")


def _prefix(prefix: str | None) -> Iterator[Violation]:
    if prefix is None:
        return
    if is_token(prefix):
        problems: tuple[str, ...] = ("is known to a deployment only",)
    else:
        problems = replication_group_id(prefix)
        if len(prefix) > _LONGEST_PREFIX:
            problems = (*problems, f"is longer than {_LONGEST_PREFIX} characters")
    for problem in problems:
        yield violation("cdk-backup-prefix", "snapshot_name_prefix", prefix, f"the prefix {problem}", REMEDY)


def _retention(retained_snapshots: int, *, exported: bool) -> Iterator[Violation]:
    if is_token(retained_snapshots):
        message = "the number must be known at synth, because the state machine holds it"
        yield violation("cdk-backup-retention", "retained_snapshots", None, message, "write the number")
    elif retained_snapshots < 0:
        message = "a number of snapshots is 0 or more"
        yield violation(
            "cdk-backup-retention", "retained_snapshots", retained_snapshots, message, "set it to 1 or more"
        )
    elif retained_snapshots == 0 and not exported:
        message = "each snapshot would be deleted once it is available, and nothing is left"
        remedy = "set it to 1 or more, or give an export_bucket"
        yield violation("cdk-backup-retention", "retained_snapshots", 0, message, remedy)


def _too_often(schedule: scheduler.ScheduleExpression) -> Iterator[Violation]:
    """Refuse a rate that is above the quota; of a cron expression nobody can tell in a line."""
    text = schedule.expression_string
    rate = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", text)
    if rate is None or int(rate[1]) * _MINUTES[rate[2]] * _MOST_A_DAY >= _MINUTES["day"]:
        return
    message = f"ElastiCache takes {_MOST_A_DAY} manual snapshots of a node in 24 hours, and this asks for more"
    yield violation("cdk-backup-rate", "schedule", text, message, "take one every 72 minutes or less often")


def _exportable(cache: BackedUpCache) -> Iterator[Violation]:
    """Yield what keeps the snapshots of a cache out of a bucket, as far as it is known at synth."""
    if not isinstance(cache, IServerlessCache):
        name = cache.spec.cache_node_type
        if isinstance(name, str) and NodeType.of(name).supports("data_tiering"):
            message = f"ElastiCache exports no snapshot of {name}, because the node type has data tiering"
            remedy = "leave out export_bucket, or take a node type without data tiering"
            yield violation("cdk-backup-export-tiering", "export_bucket", cache.node.path, message, remedy)
    if cache.spec.kms_key_id is not None:
        yield Violation(
            rule_id="cdk-backup-export-key",
            level="warn",
            property="export_bucket",
            value=cache.node.path,
            message="the cache has a KMS key of your own, and ElastiCache uses no such key for an export",
            remedy="expect the exported files to be encrypted with keys of S3, and test one export",
            source=("https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/at-rest-encryption.html",),
            aws_code=None,
            aws_message=None,
        )
