"""ScheduledBackup: a schedule, a state machine and what it may do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_cdk import App, CfnParameter, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Annotations, Match, Template

from elasticache_kit.cdk import NodeType, ReplicationGroup, ShardedReplicationGroup
from elasticache_kit.cdk.backup import ScheduledBackup
from elasticache_kit.cdk.export_bucket import ExportBucket
from elasticache_kit.cdk.serverless.cache import ServerlessCache
from elasticache_kit.errors import ValidationError
from tests.cdk.conftest import isolated_vpc
from tests.cdk.lint import findings

if TYPE_CHECKING:
    from aws_cdk import aws_ec2 as ec2

    from elasticache_kit.cdk.backup import BackedUpCache

MACHINE = "AWS::StepFunctions::StateMachine"
SCHEDULE = "AWS::Scheduler::Schedule"
NIGHTLY = scheduler.ScheduleExpression.cron(minute="0", hour="3")


def _imported(stack: Stack) -> BackedUpCache:
    return ReplicationGroup.from_replication_group_attributes(stack, "Cache", replication_group_id="orders")


def _sharded(stack: Stack) -> BackedUpCache:
    return ShardedReplicationGroup.from_sharded_replication_group_attributes(
        stack, "Cache", replication_group_id="orders"
    )


def _serverless(stack: Stack) -> BackedUpCache:
    return ServerlessCache.from_serverless_cache_attributes(stack, "Cache", serverless_cache_name="orders")


def _machine(stack: Stack) -> dict[str, Any]:
    return next(iter(Template.from_stack(stack).find_resources(MACHINE).values()))["Properties"]


def _states(stack: Stack) -> dict[str, Any]:
    parts = _machine(stack)["DefinitionString"]["Fn::Join"][1]
    return json.loads("".join(part if isinstance(part, str) else "aws" for part in parts))["States"]


def _permissions(stack: Stack) -> dict[str, Any]:
    """Return for each action of the state machine's role the resources, an ARN without account and Region."""
    roles = Template.from_stack(stack).find_resources("AWS::IAM::Role", {"Properties": {"Policies": Match.any_value()}})
    (role,) = roles.values()
    (policy,) = (policy for policy in role["Properties"]["Policies"] if policy["PolicyName"] == "Backup")
    found: dict[str, Any] = {}
    for statement in policy["PolicyDocument"]["Statement"]:
        assert set(statement) == {"Action", "Effect", "Resource"}
        for action in _listed(statement["Action"]):
            found[action] = [_short(resource) for resource in _listed(statement["Resource"])]
    return found


def _listed(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _short(resource: Any) -> str:
    """Shorten an ARN to what follows the account, and leave its references out."""
    if isinstance(resource, str):
        return resource
    if "Fn::GetAtt" in resource:
        return resource["Fn::GetAtt"][0]
    parts = resource["Fn::Join"][1]
    named = [part if isinstance(part, str) else next(iter(part.values())) for part in parts]
    text = "".join(name if isinstance(name, str) else name[0] for name in named)
    return text.split(":elasticache:AWS::Region:AWS::AccountId:")[-1]


def _refusal(stack: Stack, **wrong: Any) -> str:
    options: dict[str, Any] = {"cache": _imported(stack), "schedule": NIGHTLY, **wrong}
    with pytest.raises(ValidationError) as error:
        ScheduledBackup(stack, "Backup", **options)
    assert stack.node.try_find_child("Backup") is None, "a refused construct leaves nothing behind"
    return str(error.value)


def test_each_step_is_logged_and_traced(stack: Stack) -> None:
    """Every event goes to a log group of its own, without what was passed on, and each execution has a trace."""
    ScheduledBackup(stack, "Backup", cache=_imported(stack), schedule=NIGHTLY)
    machine = _machine(stack)
    (log_group,) = Template.from_stack(stack).find_resources("AWS::Logs::LogGroup").items()
    (delivery,) = machine["LoggingConfiguration"]["Destinations"]

    assert machine["TracingConfiguration"] == {"Enabled": True}
    assert machine["LoggingConfiguration"]["Level"] == "ALL"
    assert machine["LoggingConfiguration"]["IncludeExecutionData"] is False
    assert delivery["CloudWatchLogsLogGroup"]["LogGroupArn"] == {"Fn::GetAtt": [log_group[0], "Arn"]}
    assert log_group[1]["Properties"]["RetentionInDays"] == 30


def test_a_schedule_starts_the_state_machine(stack: Stack) -> None:
    """Scheduler may start this state machine and do nothing else."""
    ScheduledBackup(stack, "Backup", cache=_imported(stack), schedule=NIGHTLY)
    template = Template.from_stack(stack)
    (machine,) = template.find_resources(MACHINE)

    template.has_resource_properties(
        SCHEDULE,
        {
            "ScheduleExpression": "cron(0 3 * * ? *)",
            "ScheduleExpressionTimezone": "Etc/UTC",
            "State": "ENABLED",
            "Target": {"Arn": {"Ref": machine}},
        },
    )
    template.has_resource_properties(
        "AWS::IAM::Policy",
        {
            "PolicyDocument": {
                "Statement": [{"Action": "states:StartExecution", "Effect": "Allow", "Resource": {"Ref": machine}}]
            }
        },
    )
    template.resource_count_is("AWS::Lambda::Function", 0)
    assert findings(stack) == []


def test_only_this_account_s_state_machines_take_the_role(stack: Stack) -> None:
    """The service could be made to act for somebody else's state machine."""
    ScheduledBackup(stack, "Backup", cache=_imported(stack), schedule=NIGHTLY)

    Template.from_stack(stack).has_resource_properties(
        "AWS::IAM::Role",
        {
            "AssumeRolePolicyDocument": {
                "Statement": [
                    {
                        "Principal": {"Service": "states.amazonaws.com"},
                        "Condition": {
                            "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
                            "ArnLike": {"aws:SourceArn": Match.any_value()},
                        },
                    }
                ]
            }
        },
    )


@pytest.mark.parametrize("imported", [_imported, _sharded])
def test_permissions_without_export(stack: Stack, imported: Any) -> None:
    """It may take snapshots of this group, see snapshots, and delete its own."""
    ScheduledBackup(stack, "Backup", cache=imported(stack), schedule=NIGHTLY, snapshot_name_prefix="nightly")

    assert _permissions(stack) == {
        "elasticache:DescribeReplicationGroups": ["replicationgroup:orders"],
        "elasticache:CreateSnapshot": ["replicationgroup:orders", "cluster:orders-*", "snapshot:nightly-*"],
        "elasticache:DescribeSnapshots": ["snapshot:*"],
        "elasticache:DeleteSnapshot": ["snapshot:nightly-*"],
    }


def test_permissions_with_export(stack: Stack) -> None:
    """An export asks for access to the bucket as well, and for the one action that cannot be narrowed."""
    bucket = ExportBucket(stack, "Bucket")
    ScheduledBackup(
        stack,
        "Backup",
        cache=_imported(stack),
        schedule=NIGHTLY,
        export_bucket=bucket,
        snapshot_name_prefix="nightly",
    )
    name = stack.resolve(bucket.bucket_name)["Ref"]
    permissions = _permissions(stack)

    assert permissions["elasticache:CopySnapshot"] == ["snapshot:nightly-*"]
    assert {action: where for action, where in permissions.items() if action.startswith("s3:")} == {
        "s3:GetBucketLocation": [name],
        "s3:ListBucket": [name],
        "s3:DeleteObject": [f"{name}/*"],
        "s3:GetObject": [f"{name}/*"],
        "s3:PutObject": [f"{name}/*"],
        "s3:ListAllMyBuckets": ["*"],
    }
    assert findings(stack) == []


def test_serverless_cache(stack: Stack) -> None:
    """A serverless cache has its own operations, and the role has those and no other."""
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "exports")
    ScheduledBackup(
        stack,
        "Backup",
        cache=_serverless(stack),
        schedule=NIGHTLY,
        export_bucket=bucket,
        snapshot_name_prefix="nightly",
    )
    permissions = _permissions(stack)

    assert {action: where for action, where in permissions.items() if action.startswith("elasticache:")} == {
        "elasticache:CreateServerlessCacheSnapshot": ["serverlesscache:orders", "serverlesscachesnapshot:nightly-*"],
        "elasticache:DescribeServerlessCacheSnapshots": ["serverlesscache:orders", "serverlesscachesnapshot:*"],
        "elasticache:DeleteServerlessCacheSnapshot": ["serverlesscachesnapshot:nightly-*"],
        "elasticache:ExportServerlessCacheSnapshot": ["serverlesscachesnapshot:nightly-*"],
    }
    assert _states(stack)["CreateSnapshot"]["Resource"] == (
        "arn:aws:states:::aws-sdk:elasticache:createServerlessCacheSnapshot"
    )
    assert findings(stack) == []


@pytest.mark.parametrize("kind", [_imported, _sharded, _serverless])
@pytest.mark.parametrize("exports", [False, True])
def test_every_call_is_permitted(stack: Stack, kind: Any, *, exports: bool) -> None:
    """Each operation that a state calls is one that the role allows."""
    bucket = ExportBucket(stack, "Bucket") if exports else None
    ScheduledBackup(stack, "Backup", cache=kind(stack), schedule=NIGHTLY, export_bucket=bucket)
    states = _states(stack)
    states.update(states["DeleteOldest"]["ItemProcessor"]["States"])
    called = {state["Resource"].split("aws-sdk:")[1] for state in states.values() if "Resource" in state}
    # The permission for ListObjectsV2 is called otherwise.
    needed = {"s3:ListBucket" if call == "s3:listObjectsV2" else call for call in called}

    allowed = {action.lower() for action in _permissions(stack)}
    assert {call.lower() for call in needed} <= allowed
    assert {action for action in allowed if action.startswith("elasticache:")} <= {call.lower() for call in needed}


def test_what_only_a_deployment_knows(stack: Stack, vpc: ec2.Vpc) -> None:
    """The id of an owned group and the name of the bucket are filled in by CloudFormation."""
    cache = ReplicationGroup(stack, "Cache", vpc=vpc)
    bucket = ExportBucket(stack, "Bucket")
    backup = ScheduledBackup(stack, "Backup", cache=cache, schedule=NIGHTLY, export_bucket=bucket)

    assert _machine(stack)["DefinitionSubstitutions"] == {
        "Cache": stack.resolve(cache.replication_group_id),
        "Bucket": stack.resolve(bucket.bucket_name),
        "Prefix": backup.snapshot_name_prefix,
    }
    assert findings(stack) == []


def test_over_a_cache_of_another_stack() -> None:
    """The backup may live in a stack of its own."""
    app = App()
    maker, user = Stack(app, "Maker"), Stack(app, "User")
    cache = ShardedReplicationGroup(maker, "Cache", vpc=isolated_vpc(maker))
    ScheduledBackup(user, "Backup", cache=cache, schedule=NIGHTLY)

    assert list(_machine(user)["DefinitionSubstitutions"]["Cache"]) == ["Fn::ImportValue"]
    assert findings(user) == []


def test_two_backups_have_prefixes_of_their_own(stack: Stack) -> None:
    """Neither deletes the snapshots of the other, and both leave room for the time in 40 characters."""
    cache = _imported(stack)
    prefixes = [
        ScheduledBackup(stack, name, cache=cache, schedule=NIGHTLY).snapshot_name_prefix
        for name in ("Nightly", "Weekly", "AVeryLongNameOfABackupThatGoesOnAndOn")
    ]

    assert len(set(prefixes)) == 3
    assert all(prefix == prefix.lower() and prefix[0].isalpha() and len(prefix) <= 25 for prefix in prefixes)


def test_a_prefix_is_kept_in_lower_case(stack: Stack) -> None:
    """ElastiCache keeps names in lower case, and the state machine looks for what ElastiCache keeps."""
    backup = ScheduledBackup(
        stack, "Backup", cache=_imported(stack), schedule=NIGHTLY, snapshot_name_prefix="Orders-Nightly"
    )

    assert backup.snapshot_name_prefix == "orders-nightly"
    assert _machine(stack)["DefinitionSubstitutions"]["Prefix"] == "orders-nightly"


def test_disabled(stack: Stack) -> None:
    """A disabled schedule leaves the state machine to be started by hand."""
    ScheduledBackup(stack, "Backup", cache=_imported(stack), schedule=NIGHTLY, enabled=False)

    Template.from_stack(stack).has_resource_properties(SCHEDULE, {"State": "DISABLED"})


def test_alarm_on_failure(stack: Stack) -> None:
    """An execution that fails, runs out of time or is stopped counts, and silence is no failure."""
    backup = ScheduledBackup(stack, "Backup", cache=_imported(stack), schedule=NIGHTLY)
    cloudwatch.Alarm(stack, "Alarm", metric=backup.metric_failed(), threshold=1, evaluation_periods=1)
    template = Template.from_stack(stack)
    (alarm,) = template.find_resources("AWS::CloudWatch::Alarm").values()
    metrics = {metric["Id"]: metric for metric in alarm["Properties"]["Metrics"]}

    assert {
        name: metric["MetricStat"]["Metric"]["MetricName"] for name, metric in metrics.items() if "MetricStat" in metric
    } == {"failed": "ExecutionsFailed", "timedOut": "ExecutionsTimedOut", "aborted": "ExecutionsAborted"}
    assert findings(stack) == []


def test_somebody_hears_of_a_failure(stack: Stack) -> None:
    """With a topic there is an alarm that is raised on the first failure, and that the topic lets in."""
    topic = sns.Topic(stack, "Topic")
    ScheduledBackup(stack, "Backup", cache=_imported(stack), schedule=NIGHTLY, notification_topic=topic)
    template = Template.from_stack(stack)

    template.has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {
            "AlarmActions": [stack.resolve(topic.topic_arn)],
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 0,
            "TreatMissingData": "notBreaching",
        },
    )
    template.resource_count_is("AWS::SNS::TopicPolicy", 1)
    assert findings(stack) == []


def test_data_tiering_has_no_export(stack: Stack) -> None:
    """ElastiCache exports nothing of such a node type; snapshots by themselves are fine."""
    cache = ReplicationGroup.from_replication_group_attributes(
        stack, "Tiered", replication_group_id="tiered", cache_node_type=NodeType.of("cache.r6gd.xlarge")
    )
    text = _refusal(stack, cache=cache, export_bucket=ExportBucket(stack, "Bucket"))
    ScheduledBackup(stack, "Backup", cache=cache, schedule=NIGHTLY)

    assert "ElastiCache exports no snapshot of cache.r6gd.xlarge, because the node type has data tiering" in text


def test_a_key_of_one_s_own_is_not_used_for_exports(stack: Stack, vpc: ec2.Vpc) -> None:
    """The files in the bucket are encrypted otherwise than the cache is, which somebody should know."""
    cache = ReplicationGroup(stack, "Cache", vpc=vpc, kms_key=kms.Key(stack, "Key"))
    ScheduledBackup(stack, "Snapshots", cache=cache, schedule=NIGHTLY)
    ScheduledBackup(stack, "Exports", cache=cache, schedule=NIGHTLY, export_bucket=ExportBucket(stack, "Bucket"))
    warnings = Annotations.from_stack(stack)

    warnings.has_warning("/Stack/Exports", Match.string_like_regexp("ElastiCache uses no such key for an export"))
    warnings.has_no_warning("/Stack/Snapshots", Match.any_value())


@pytest.mark.parametrize("rate", [Duration.hours(1), Duration.minutes(71)])
def test_more_than_elasticache_takes(stack: Stack, rate: Duration) -> None:
    """A rate above the quota of manual snapshots would fail every few hours."""
    text = _refusal(stack, schedule=scheduler.ScheduleExpression.rate(rate))

    assert "ElastiCache takes 20 manual snapshots of a node in 24 hours, and this asks for more" in text
    assert "take one every 72 minutes or less often   [cdk-backup-rate]" in text


def test_as_many_as_elasticache_takes(stack: Stack) -> None:
    """Every 72 minutes is 20 a day."""
    schedule = scheduler.ScheduleExpression.rate(Duration.minutes(72))
    ScheduledBackup(stack, "Backup", cache=_imported(stack), schedule=schedule)

    Template.from_stack(stack).has_resource_properties(SCHEDULE, {"ScheduleExpression": "rate(72 minutes)"})


def test_all_mistakes_at_once(stack: Stack) -> None:
    """One message has every mistake, with the value and the remedy."""
    text = _refusal(stack, snapshot_name_prefix="orders--of-the-northern-branch", retained_snapshots=0)

    assert text.splitlines() == [
        "Stack/Backup: 3 problems",
        "  snapshot_name_prefix = 'orders--of-the-northern-branch': the prefix holds two hyphens in a row",
        "    take ASCII letters, digits and single hyphens, a letter first and no hyphen last   [cdk-backup-prefix]",
        "  snapshot_name_prefix = 'orders--of-the-northern-branch': the prefix is longer than 25 characters",
        "    take ASCII letters, digits and single hyphens, a letter first and no hyphen last   [cdk-backup-prefix]",
        "  retained_snapshots = 0: each snapshot would be deleted once it is available, and nothing is left",
        "    set it to 1 or more, or give an export_bucket   [cdk-backup-retention]",
    ]


def test_tokens_that_the_state_machine_would_have_to_know(stack: Stack) -> None:
    """A number and a prefix are part of the definition, so they must be known at synth."""
    number: Any = CfnParameter(stack, "Number", type="Number").value_as_number
    text = _refusal(stack, retained_snapshots=number, snapshot_name_prefix=CfnParameter(stack, "Text").value_as_string)

    assert "the prefix is known to a deployment only" in text
    assert "the number must be known at synth" in text


def test_a_negative_number(stack: Stack) -> None:
    """Less than none is no number of snapshots."""
    assert "retained_snapshots = -1: a number of snapshots is 0 or more" in _refusal(stack, retained_snapshots=-1)


def test_wrong_types(stack: Stack) -> None:
    """The id of a group is no cache, and text is no schedule."""
    text = _refusal(stack, cache="orders", schedule="cron(0 3 * * ? *)")

    assert "cache = 'orders': must be a ReplicationGroupReference or an IServerlessCache, not a str" in text
    assert "schedule = 'cron(0 3 * * ? *)': must be a ScheduleExpression, not a str" in text
