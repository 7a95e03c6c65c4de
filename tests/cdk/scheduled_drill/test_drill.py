"""ScheduledDrill: a schedule, a build, what it may do, and the alarms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Annotations, Match, Template

from elasticache_kit import __version__
from elasticache_kit.model import permission
from tests.cdk.drilled import ALARM, PROJECT, allowed, commands, egress_vpc, made, only, two_nodes
from tests.cdk.lint import findings

if TYPE_CHECKING:
    from elasticache_kit.cdk import ReplicationGroup


@pytest.fixture
def vpc(stack: Stack) -> ec2.Vpc:
    """Isolated, private and public subnets."""
    return egress_vpc(stack)


@pytest.fixture
def cache(stack: Stack, vpc: ec2.Vpc) -> ReplicationGroup:
    """A group of two nodes."""
    return two_nodes(stack, vpc)


def test_cfn_lint_has_nothing_to_say(stack: Stack, vpc: ec2.Vpc, cache: ReplicationGroup) -> None:
    """With every option."""
    alarm = cloudwatch.Alarm(
        stack, "Busy", metric=cloudwatch.Metric(namespace="n", metric_name="m"), threshold=1, evaluation_periods=1
    )
    made(
        vpc,
        cache,
        drill="az-loss",
        fis_template_id="EXT123",
        trials=2,
        objectives={"write_outage_p95": "15s", "lost_writes_max": 0},
        clients=["valkey-py", "redis-py-defaults"],
        stop_alarms=[alarm],
        report_expiration=Duration.days(30),
        server_access_logs_bucket=s3.Bucket.from_bucket_name(stack, "Logs", "access-logs"),
        timeout=Duration.hours(1),
        notification_topic=sns.Topic(stack, "Topic"),
    )

    assert findings(stack) == []


def test_the_scheduler_starts_the_build(stack: Stack, vpc: ec2.Vpc, cache: ReplicationGroup) -> None:
    """This project and no other; a drill that is an hour late is not made up for."""
    made(vpc, cache)
    (project,) = Template.from_stack(stack).find_resources(PROJECT)
    schedule = only(stack, "AWS::Scheduler::Schedule")

    assert schedule["ScheduleExpression"] == "cron(0 4 ? * TUE,FRI *)"
    assert schedule["State"] == "ENABLED"
    assert schedule["Target"]["Arn"] == {"Fn::GetAtt": [project, "Arn"]}
    assert schedule["Target"]["RetryPolicy"] == {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 3}
    starts = only(stack, "AWS::IAM::Policy", PolicyDocument={"Statement": [{"Action": "codebuild:StartBuild"}]})
    assert starts["PolicyDocument"]["Statement"][0]["Resource"] == {"Fn::GetAtt": [project, "Arn"]}


def test_one_build_at_a_time_in_the_private_subnets(stack: Stack, vpc: ec2.Vpc, cache: ReplicationGroup) -> None:
    """Two drills on one group would tell nothing of either."""
    made(vpc, cache)
    project = only(stack, PROJECT)

    assert project["ConcurrentBuildLimit"] == 1
    assert [subnet["Ref"] for subnet in project["VpcConfig"]["Subnets"]] == [
        stack.get_logical_id(cast("Any", subnet.node.default_child)) for subnet in vpc.private_subnets
    ]
    assert project["Environment"]["PrivilegedMode"] is False


def test_the_build_is_let_in_to_the_cache(stack: Stack, vpc: ec2.Vpc, cache: ReplicationGroup) -> None:
    """By the rule of a stack of its own, so that the stack of the cache does not depend on it."""
    beside = Stack(cast("App", stack.node.root), "Beside")
    made(vpc, cache, beside)
    rule = only(beside, "AWS::EC2::SecurityGroupIngress")

    assert (rule["FromPort"], rule["ToPort"]) == (6379, 6379)
    assert "SourceSecurityGroupId" in rule
    assert [item.stack_name for item in stack.dependencies] == []


def test_the_group_is_tagged_for_drills(stack: Stack, vpc: ec2.Vpc, cache: ReplicationGroup) -> None:
    """And nothing else of the cache is."""
    made(vpc, cache)
    tags = {"Tags": Match.array_with([{"Key": "elasticache-kit:drill", "Value": "allowed"}])}
    found = [
        kind
        for kind in ("AWS::ElastiCache::ReplicationGroup", "AWS::ElastiCache::SubnetGroup", "AWS::EC2::SecurityGroup")
        if Template.from_stack(stack).find_resources(kind, {"Properties": tags})
    ]

    assert found == ["AWS::ElastiCache::ReplicationGroup"]


@pytest.mark.parametrize("drill", ["failover", "rolling-failover", "reboot", "none"])
def test_the_role_is_that_of_the_commands(stack: Stack, vpc: ec2.Vpc, cache: ReplicationGroup, drill: str) -> None:
    """The actions of the table, without that of alarms where none is named."""
    made(vpc, cache, drill=drill)
    needed = {*permission.actions(f"drill run {drill}"), *permission.actions("publish")} - {permission.STOP_ALARM}

    assert set(allowed(stack)) == needed


def test_the_role_is_narrowed_down(stack: Stack, vpc: ec2.Vpc, cache: ReplicationGroup) -> None:
    """To this group and to where its reports go."""
    made(vpc, cache)
    found = allowed(stack)
    group = stack.get_logical_id(cast("Any", cache.node.default_child))

    assert found["elasticache:TestFailover"] == [f"replicationgroup:{group}"]
    (objects,) = found["s3:PutObject"]
    assert objects.startswith("DrillReports")
    assert objects.endswith("/Drill/*")


def test_metrics_go_to_one_namespace(stack: Stack, vpc: ec2.Vpc, cache: ReplicationGroup) -> None:
    """IAM knows no resource of a metric."""
    made(vpc, cache)
    role = json.dumps(only(stack, "AWS::IAM::Role", Policies=Match.any_value()))

    assert '{"cloudwatch:namespace": "elasticache-kit/drills"}' in role


def test_the_build_installs_this_version(stack: Stack, vpc: ec2.Vpc, cache: ReplicationGroup) -> None:
    """With the extras of the clients under test."""
    made(vpc, cache, clients=["valkey-glide", "valkey-py-defaults"])
    install, drill = commands(stack)

    assert install.endswith(f"'elasticache-kit[cache,glide,ops]=={__version__}'")
    assert "--client valkey-glide --client valkey-py-defaults" in drill


def test_wheels_come_with_the_build(stack: Stack, vpc: ec2.Vpc, cache: ReplicationGroup, tmp_path: Path) -> None:
    """Then isolated subnets will do, and no index is asked."""
    (tmp_path / f"elasticache_kit-{__version__}-py3-none-any.whl").write_bytes(b"")
    isolated = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    made(vpc, cache, wheels=str(tmp_path), vpc_subnets=isolated)

    assert '--no-index --find-links "$CODEBUILD_SRC_DIR"' in commands(stack)[0]
    assert only(stack, PROJECT)["Source"]["Type"] == "S3"


def test_an_alarm_tells_of_each_run_that_has_not_passed(stack: Stack, vpc: ec2.Vpc, cache: ReplicationGroup) -> None:
    """A verdict, a build that broke off, and a start that failed; silence between two runs is none of it."""
    topic = sns.Topic(stack, "Topic")
    made(vpc, cache, notification_topic=topic)
    alarm = only(stack, ALARM, TreatMissingData="notBreaching")
    names = {
        item["MetricStat"]["Metric"]["MetricName"]: item["MetricStat"]["Metric"]["Namespace"]
        for item in alarm["Metrics"]
        if "MetricStat" in item
    }

    assert names == {
        "Failed": "elasticache-kit/drills",
        "Unknown": "elasticache-kit/drills",
        "FailedBuilds": "AWS/CodeBuild",
        "TargetErrorCount": "AWS/Scheduler",
        "InvocationDroppedCount": "AWS/Scheduler",
    }
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")
    assert alarm["AlarmActions"] == [{"Ref": stack.get_logical_id(cast("Any", topic.node.default_child))}]


def test_another_alarm_tells_of_silence(stack: Stack, vpc: ec2.Vpc, cache: ReplicationGroup) -> None:
    """From Friday to Tuesday are four days; the run may take two hours, and a day have 25."""
    made(vpc, cache)
    alarm = only(stack, ALARM, TreatMissingData="breaching")

    assert alarm["Period"] == 3600
    assert alarm["EvaluationPeriods"] == alarm["DatapointsToAlarm"] == 4 * 24 + 2 + 1
    assert (alarm["MetricName"], alarm["Statistic"], alarm["Threshold"]) == ("Passed", "SampleCount", 1)


def test_a_schedule_that_is_off_is_silent_on_purpose(stack: Stack, vpc: ec2.Vpc, cache: ReplicationGroup) -> None:
    """No alarm and no warning."""
    made(vpc, cache, enabled=False)

    Template.from_stack(stack).resource_properties_count_is(ALARM, {"TreatMissingData": "breaching"}, 0)
    Annotations.from_stack(stack).has_no_warning("*", Match.any_value())
    assert only(stack, "AWS::Scheduler::Schedule")["State"] == "DISABLED"


@pytest.mark.parametrize("day", ["MON", "2#1"])
def test_a_schedule_too_rare_for_an_alarm_warns(stack: Stack, vpc: ec2.Vpc, cache: ReplicationGroup, day: str) -> None:
    """CloudWatch looks back seven days."""
    made(vpc, cache, schedule=scheduler.ScheduleExpression.cron(minute="0", hour="4", week_day=day))

    Annotations.from_stack(stack).has_warning(
        "/Stack/Drill", Match.string_like_regexp("an alarm looks back seven days")
    )
    Template.from_stack(stack).resource_count_is(ALARM, 1)


def test_the_reports_are_closed_encrypted_and_expire(stack: Stack, vpc: ec2.Vpc, cache: ReplicationGroup) -> None:
    """And the bucket stays when the stack goes."""
    made(vpc, cache, report_expiration=Duration.days(30))
    bucket = only(stack, "AWS::S3::Bucket")
    policy = only(stack, "AWS::S3::BucketPolicy")["PolicyDocument"]["Statement"]

    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["BucketEncryption"]
    assert bucket["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] == 30
    assert {"Bool": {"aws:SecureTransport": "false"}} in [item["Condition"] for item in policy]
    Template.from_stack(stack).has_resource("AWS::S3::Bucket", {"DeletionPolicy": "Retain"})


def test_a_bucket_that_exists_is_taken(stack: Stack, vpc: ec2.Vpc, cache: ReplicationGroup) -> None:
    """Then none is made."""
    drill = made(vpc, cache, report_bucket=s3.Bucket.from_bucket_name(stack, "Bucket", "reports"))

    Template.from_stack(stack).resource_count_is("AWS::S3::Bucket", 0)
    assert allowed(stack)["s3:PutObject"] == ["reports/Drill/*"]
    assert drill.report_bucket.bucket_name == "reports"


def test_a_stop_alarm_may_be_asked_for(stack: Stack, vpc: ec2.Vpc, cache: ReplicationGroup) -> None:
    """By name, which stands in a variable."""
    alarm = cloudwatch.Alarm.from_alarm_arn(stack, "Busy", "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:busy")
    made(vpc, cache, stop_alarms=[alarm])

    assert '--stop-alarm "$STOP_ALARM_1"' in commands(stack)[1]
    assert {"Name": "STOP_ALARM_1", "Type": "PLAINTEXT", "Value": "busy"} in only(stack, PROJECT)["Environment"][
        "EnvironmentVariables"
    ]
    assert "cloudwatch:DescribeAlarms" in allowed(stack)


def test_the_metric_is_there_for_dashboards(vpc: ec2.Vpc, cache: ReplicationGroup) -> None:
    """With a period of one's own; the alarms and the project are, too."""
    drill = made(vpc, cache)

    assert drill.metric_not_passed(period=Duration.hours(1)).period.to_hours() == 1
    assert len(drill.alarms) == 2
    assert drill.project.project_name
