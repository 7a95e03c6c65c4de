"""What the tests of scheduled drills build on: a network with a way out, a group, a drill, and what it became."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import pytest
from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_scheduler as scheduler
from aws_cdk.assertions import Match, Template

from elasticache_kit.cdk import NodeType, ReplicationGroup
from elasticache_kit.cdk.scheduled_drill.drill import ScheduledDrill
from elasticache_kit.errors import ValidationError

if TYPE_CHECKING:
    from elasticache_kit.cdk.reference import ReplicationGroupReference

TWICE_A_WEEK = scheduler.ScheduleExpression.cron(minute="0", hour="4", week_day="TUE,FRI")
PROJECT, ALARM = "AWS::CodeBuild::Project", "AWS::CloudWatch::Alarm"


def egress_vpc(stack: Stack) -> ec2.Vpc:
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


def two_nodes(stack: Stack, vpc: ec2.Vpc) -> ReplicationGroup:
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


def signed_in(stack: Stack) -> dict[str, Any]:
    """Return the variables that the drill signs in with."""
    variables = only(stack, PROJECT)["Environment"]["EnvironmentVariables"]
    return {item["Name"]: item for item in variables if item["Name"].startswith("ELASTICACHE_KIT_")}
