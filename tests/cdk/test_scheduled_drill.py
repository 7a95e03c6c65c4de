"""ScheduledDrill: a schedule, a build, what it may do, and the alarms."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Annotations, Match, Template

from elasticache_kit import __version__
from elasticache_kit.cdk import Authentication, NodeType, PasswordUser, ReplicationGroup, ShardedReplicationGroup
from elasticache_kit.cdk.scheduled_drill import ScheduledDrill
from elasticache_kit.cdk.user_group import UserGroup
from elasticache_kit.errors import ValidationError
from elasticache_kit.model import permission
from tests.cdk.lint import findings

if TYPE_CHECKING:
    from elasticache_kit.cdk.reference import ReplicationGroupReference

TWICE_A_WEEK = scheduler.ScheduleExpression.cron(minute="0", hour="4", week_day="TUE,FRI")
PROJECT, ALARM = "AWS::CodeBuild::Project", "AWS::CloudWatch::Alarm"


@pytest.fixture
def vpc(stack: Stack) -> ec2.Vpc:
    """Isolated, private and public subnets."""
    kinds = ec2.SubnetType
    return ec2.Vpc(
        stack,
        "Vpc",
        max_azs=2,
        nat_gateways=1,
        restrict_default_security_group=False,
        subnet_configuration=[
            ec2.SubnetConfiguration(name="Cache", subnet_type=kinds.PRIVATE_ISOLATED),
            ec2.SubnetConfiguration(name="Egress", subnet_type=kinds.PRIVATE_WITH_EGRESS),
            ec2.SubnetConfiguration(name="Public", subnet_type=kinds.PUBLIC),
        ],
    )


@pytest.fixture
def cache(stack: Stack, vpc: ec2.Vpc) -> ReplicationGroup:
    """A group of two nodes."""
    return ReplicationGroup(
        stack, "Cache", vpc=vpc, num_cache_clusters=2, cache_node_type=NodeType.of("cache.m7g.large")
    )


def made(vpc: ec2.Vpc, cache: ReplicationGroupReference, stack: Stack | None = None, **more: Any) -> ScheduledDrill:
    """Make a drill in the stack of the VPC, or in another one."""
    options: dict[str, Any] = {"schedule": TWICE_A_WEEK, **more}
    return ScheduledDrill(stack or Stack.of(vpc), "Drill", cache=cache, vpc=vpc, **options)


def refusal(vpc: ec2.Vpc, cache: ReplicationGroupReference, **wrong: Any) -> str:
    """Return why a drill is refused; it leaves nothing behind."""
    with pytest.raises(ValidationError) as error:
        made(vpc, cache, **wrong)
    assert Stack.of(vpc).node.try_find_child("Drill") is None
    return str(error.value)


def only(stack: Stack, kind: str, **like: Any) -> dict[str, Any]:
    """Return the properties of the one resource of a type."""
    found = Template.from_stack(stack).find_resources(kind, {"Properties": like} if like else None)
    (resource,) = found.values()
    return resource["Properties"]


def commands(stack: Stack) -> tuple[str, str]:
    """Return the commands that a build runs: what it installs, and the drill."""
    told = json.loads(only(stack, PROJECT)["Source"]["BuildSpec"])
    (install,) = told["phases"]["install"]["commands"]
    (drill,) = told["phases"]["build"]["commands"]
    return install, drill


def allowed(stack: Stack) -> dict[str, list[str]]:
    """Return what the build may do: the resources of each action, an ARN from its type on."""
    role = only(stack, "AWS::IAM::Role", Policies=Match.any_value())
    documents = [policy["PolicyDocument"] for policy in role["Policies"] if policy["PolicyName"] == "Drill"]
    found: dict[str, list[str]] = {}
    for statement in (statement for document in documents for statement in document["Statement"]):
        for action in listed(statement["Action"]):
            found[action] = [text(resource) for resource in listed(statement["Resource"])]
    return found


def listed(value: Any) -> list[Any]:
    """Return a list, also of one."""
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def text(resource: Any) -> str:
    """Return the end of an ARN, its references by their logical id."""
    if isinstance(resource, str):
        return resource
    parts = resource["Fn::Join"][1]
    whole = "".join(part if isinstance(part, str) else str(next(iter(part.values()))) for part in parts)
    return whole.split("AWS::AccountId:")[-1].removeprefix("arn:AWS::Partition:s3:::")


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


def test_objectives_are_written_for_the_drill(
    stack: Stack, vpc: ec2.Vpc, cache: ReplicationGroup, tmp_path: Path
) -> None:
    """As the command reads them, whatever a shell makes of their text."""
    made(vpc, cache, objectives={"write_outage_p95": "15s", "lost_writes_max": 0}, trials=3)
    drill = commands(stack)[1]
    subprocess.run(["sh", "-c", drill.splitlines()[0]], cwd=tmp_path, check=True)  # noqa: S607 - the shell of a build

    assert (tmp_path / "objectives.yaml").read_text() == "write_outage_p95: 15s\nlost_writes_max: 0\n"
    assert "--trials 3 --slo objectives.yaml" in drill


def fake_kit(folder: Path, codes: dict[str, int]) -> dict[str, str]:
    """Make a Python that only notes what it is asked, and ends as it is told."""
    cases = "\n".join(f"  {word}) exit {code};;" for word, code in codes.items())
    (folder / "python").write_text(f'#!/bin/sh\necho "$@" >> calls\ncase $3 in\n{cases}\nesac\n')
    (folder / "python").chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin", "GROUP": "orders", "BUCKET": "reports", "PREFIX": "Drill/"}


@pytest.mark.parametrize(
    ("drill", "publish", "expected"),
    [(0, 0, 0), (1, 0, 1), (3, 0, 3), (4, 0, 4), (0, 4, 4), (1, 4, 1)],
)
def test_the_build_ends_as_the_drill_does(  # noqa: PLR0917 - fixtures and one case
    stack: Stack, vpc: ec2.Vpc, cache: ReplicationGroup, tmp_path: Path, drill: int, publish: int, expected: int
) -> None:
    """Its outcome is told however it ends, and what cannot be told fails the build."""
    made(vpc, cache)
    variables = fake_kit(tmp_path, {"drill": drill, "publish": publish})
    done = subprocess.run(["sh", "-c", commands(stack)[1]], cwd=tmp_path, env=variables, check=False)  # noqa: S607 - see above

    assert done.returncode == expected
    run, told = (tmp_path / "calls").read_text().splitlines()
    assert run == "-m elasticache_kit.cli drill run failover orders --apply --trials 1 --report report"
    assert told.startswith("-m elasticache_kit.cli publish report --drill failover --group orders ")
    assert told.endswith(f"--exit-code {drill} --bucket reports --prefix Drill/ --apply")


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


def signed_in(stack: Stack) -> dict[str, Any]:
    """Return the variables that the drill signs in with."""
    variables = only(stack, PROJECT)["Environment"]["EnvironmentVariables"]
    return {item["Name"]: item for item in variables if item["Name"].startswith("ELASTICACHE_KIT_")}


def test_an_auth_token_is_read_by_codebuild(stack: Stack, vpc: ec2.Vpc) -> None:
    """From its secret, into no template and no log."""
    secret = cast("secretsmanager.ISecret", secretsmanager.Secret(stack, "Token"))
    cache = ReplicationGroup(
        stack, "Signed", vpc=vpc, num_cache_clusters=2, authentication=Authentication.auth_token(secret=secret)
    )
    made(vpc, cache)
    found = signed_in(stack)

    assert found.keys() == {"ELASTICACHE_KIT_PASSWORD"}
    assert found["ELASTICACHE_KIT_PASSWORD"]["Type"] == "SECRETS_MANAGER"
    assert "secretsmanager:GetSecretValue" in json.dumps(Template.from_stack(stack).find_resources("AWS::IAM::Policy"))


def test_a_user_with_a_password_signs_in(stack: Stack, vpc: ec2.Vpc) -> None:
    """By name."""
    user = PasswordUser(stack, "User", user_name="drills")
    users = UserGroup(stack, "Users", users=[user])
    cache = ReplicationGroup(
        stack, "Signed", vpc=vpc, num_cache_clusters=2, authentication=Authentication.user_group(users)
    )
    made(vpc, cache)

    assert signed_in(stack)["ELASTICACHE_KIT_USER"]["Value"] == "drills"


def test_a_cache_with_iam_alone_is_refused(stack: Stack, vpc: ec2.Vpc) -> None:
    """A drill signs in with a password."""
    cache = ReplicationGroup(stack, "Iam", vpc=vpc, num_cache_clusters=2, authentication=Authentication.iam())

    assert "a drill signs in with a password" in refusal(vpc, cache)


def test_all_mistakes_at_once(vpc: ec2.Vpc, cache: ReplicationGroup) -> None:
    """Each with what is allowed."""
    message = refusal(
        vpc,
        cache,
        drill="fly",
        schedule=scheduler.ScheduleExpression.expression("every tuesday"),
        trials=0,
        objectives={"write_outage_p95": "soon", "joy_max": 1},
        clients=["curl"],
        fis_template_id="EXT1",
        vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC),
        user=PasswordUser(Stack.of(vpc), "User", user_name="drills"),
    )

    assert message.splitlines()[0] == "Stack/Drill: 8 problems"
    for part in (
        "drill = 'fly': there is no such drill that runs by the clock",
        "trials = 0",
        "write_outage_p95: 'soon' is not a duration such as 500ms, 15s or 2min",
        "joy_max: no such objective",
        "'curl' is no client that a build can install",
        "the drill fly starts no experiment",
        "the cache asks nobody to sign in",
        "a build has no public address",
    ):
        assert part in message, part


@pytest.mark.parametrize(
    ("expression", "part"),
    [
        ("every tuesday", "'every tuesday' is no schedule: it is cron(...), rate(...) or at(...)"),
        ("cron(0 25 * * ? *)", "hour must be in 0..23"),
        ("cron(0 4 * *)", "not enough values"),
        ("rate(90 minutes)", "AWS takes 15 calls of TestFailover in 24 hours, and this makes 16"),
    ],
)
def test_a_schedule_is_judged(vpc: ec2.Vpc, cache: ReplicationGroup, expression: str, part: str) -> None:
    """By its grammar, and by what AWS takes in a day."""
    assert part in refusal(vpc, cache, schedule=scheduler.ScheduleExpression.expression(expression))


def test_a_schedule_within_the_quota(stack: Stack, vpc: ec2.Vpc, cache: ReplicationGroup) -> None:
    """Fifteen failovers in 24 hours and no more."""
    made(vpc, cache, schedule=scheduler.ScheduleExpression.expression("rate(96 minutes)"))

    Template.from_stack(stack).resource_count_is(PROJECT, 1)


def test_each_shard_counts(stack: Stack, vpc: ec2.Vpc) -> None:
    """A rolling failover of eight shards twice a day is sixteen."""
    cache = ShardedReplicationGroup(stack, "Shards", vpc=vpc, num_node_groups=8, replicas_per_node_group=1)
    twice = scheduler.ScheduleExpression.cron(minute="0", hour="4,16")

    assert "this makes 16" in refusal(vpc, cache, drill="rolling-failover", schedule=twice)


@pytest.mark.parametrize(
    ("drill", "part"),
    [
        ("node-loss", "AWS has no call for it"),
        ("engine-upgrade", "there is no way back"),
        ("scale-out-in", "a run that is cut off leaves a replica more in every node group behind"),
        ("az-loss", "on AWS it is AWS FIS that takes the power from a zone"),
    ],
)
def test_a_drill_that_cannot_run_by_the_clock(vpc: ec2.Vpc, cache: ReplicationGroup, drill: str, part: str) -> None:
    """With the reason."""
    assert part in refusal(vpc, cache, drill=drill)


def test_a_group_in_cluster_mode_is_not_rebooted(stack: Stack, vpc: ec2.Vpc) -> None:
    """ElastiCache has no call for that."""
    cache = ShardedReplicationGroup(stack, "Shards", vpc=vpc, num_node_groups=2, replicas_per_node_group=1)

    assert "ElastiCache reboots no nodes of a group in cluster mode" in refusal(vpc, cache, drill="reboot")


def test_a_group_without_multi_az_is_refused(stack: Stack, vpc: ec2.Vpc) -> None:
    """And one without automatic failover: every run would be."""
    cache = ReplicationGroup(
        stack, "Alone", vpc=vpc, num_cache_clusters=1, multi_az_enabled=False, automatic_failover_enabled=False
    )
    message = refusal(vpc, cache)

    assert "has multi_az_enabled=False, and a drill is refused where no replica takes over" in message
    assert "has automatic_failover_enabled=False" in message


def test_an_import_must_let_the_build_in(stack: Stack, vpc: ec2.Vpc) -> None:
    """What it does not tell of Multi-AZ the guard rails will see."""
    closed = ReplicationGroup.from_replication_group_attributes(stack, "Closed", replication_group_id="orders")
    group = ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-12345678")
    opened = ReplicationGroup.from_replication_group_attributes(
        stack, "Open", replication_group_id="orders", security_groups=[group]
    )

    assert "is imported without security_groups" in refusal(vpc, closed)
    made(vpc, opened)
    assert allowed(stack)["elasticache:TestFailover"] == ["replicationgroup:orders"]


def test_isolated_subnets_need_wheels(vpc: ec2.Vpc, cache: ReplicationGroup) -> None:
    """The build reaches no package index from there."""
    isolated = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)

    assert "from an isolated subnet it reaches no index" in refusal(vpc, cache, vpc_subnets=isolated)


def test_a_folder_without_the_kit_is_refused(vpc: ec2.Vpc, cache: ReplicationGroup, tmp_path: Path) -> None:
    """With how to fill it."""
    message = refusal(vpc, cache, wheels=str(tmp_path))

    assert "there is no wheel of elasticache-kit in this folder" in message
    assert "pip download" in message


def test_a_vpc_without_a_way_out_is_refused(stack: Stack) -> None:
    """That of this repository is one, unless a schedule is asked for."""
    vpc = ec2.Vpc(
        stack,
        "Vpc",
        nat_gateways=0,
        restrict_default_security_group=False,
        subnet_configuration=[ec2.SubnetConfiguration(name="Cache", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)],
    )
    cache = ReplicationGroup(stack, "Cache", vpc=vpc, num_cache_clusters=2)

    assert "has no private subnet with egress" in refusal(vpc, cache)


def test_the_metric_is_there_for_dashboards(vpc: ec2.Vpc, cache: ReplicationGroup) -> None:
    """With a period of one's own; the alarms and the project are, too."""
    drill = made(vpc, cache)

    assert drill.metric_not_passed(period=Duration.hours(1)).period.to_hours() == 1
    assert len(drill.alarms) == 2
    assert drill.project.project_name
