"""Why a scheduled drill is refused at synth."""

from __future__ import annotations

from pathlib import Path

import pytest
from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_scheduler as scheduler
from aws_cdk.assertions import Template

from elasticache_kit.cdk import PasswordUser, ReplicationGroup, ShardedReplicationGroup
from tests.cdk.drilled import PROJECT, allowed, egress_vpc, made, refusal, two_nodes


@pytest.fixture
def vpc(stack: Stack) -> ec2.Vpc:
    """Isolated, private and public subnets."""
    return egress_vpc(stack)


@pytest.fixture
def cache(stack: Stack, vpc: ec2.Vpc) -> ReplicationGroup:
    """A group of two nodes."""
    return two_nodes(stack, vpc)


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
