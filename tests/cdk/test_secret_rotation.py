"""Rotation and the function that does it."""

from __future__ import annotations

from typing import Any, cast

import pytest
from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Match, Template

from elasticache_kit.cdk.password_user import PasswordUser
from elasticache_kit.cdk.rotation import index
from elasticache_kit.cdk.secret_rotation import Rotation
from elasticache_kit.errors import ValidationError


@pytest.mark.parametrize("days", [1, 30, 1000])
def test_days_in_range(days: int) -> None:
    """A rotation is due after one day at the earliest and after a thousand at the latest."""
    assert Rotation(automatically_after_days=days).enabled


def test_never() -> None:
    """Zero days mean that nothing is rotated."""
    assert not Rotation.never().enabled


@pytest.mark.parametrize("days", [-1, 1001])
def test_days_out_of_range(days: int) -> None:
    """What Secrets Manager would refuse is refused here, with the range."""
    with pytest.raises(ValidationError, match=f"automatically_after_days = {days}: .* 1 to 1000"):
        Rotation(automatically_after_days=days)


def test_a_wrong_type() -> None:
    """A text is no number of days."""
    days: Any = "30 days"
    with pytest.raises(ValidationError, match="automatically_after_days = '30 days': must be an int, not a str"):
        Rotation(automatically_after_days=days)


def test_subnets_without_their_vpc() -> None:
    """Subnets alone do not say where the function runs."""
    with pytest.raises(ValidationError, match="vpc_subnets"):
        Rotation(vpc_subnets=ec2.SubnetSelection(subnet_group_name="Cache"))


def test_subnets_that_reach_nothing(stack: Stack, vpc: ec2.Vpc) -> None:
    """A VPC without egress, subnets that are public and subnets that do not exist are refused where they are named."""
    public = ec2.Vpc(stack, "Public", nat_gateways=0, restrict_default_security_group=False)
    with pytest.raises(ValidationError, match="vpc_subnets is not given: the VPC Stack/Vpc has no private subnet"):
        Rotation(vpc=cast("ec2.IVpc", vpc))
    with pytest.raises(ValidationError, match="a function in a public subnet reaches nothing"):
        Rotation(vpc=cast("ec2.IVpc", public), vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC))
    with pytest.raises(ValidationError, match="vpc_subnets selects nothing"):
        Rotation(vpc=cast("ec2.IVpc", vpc), vpc_subnets=ec2.SubnetSelection(subnet_group_name="Nowhere"))


def test_the_function_may_do_nothing_else(stack: Stack) -> None:
    """Its role writes to its own log group, and takes no policy of AWS that grants more."""
    PasswordUser(stack, "User")
    (role,) = dict(Template.from_stack(stack).find_resources("AWS::IAM::Role")).values()
    (policy,) = dict(Template.from_stack(stack).find_resources("AWS::IAM::Policy")).values()
    everywhere = [
        statement["Action"]
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement["Resource"] == "*"
    ]

    assert "ManagedPolicyArns" not in role["Properties"]
    assert everywhere == ["secretsmanager:GetRandomPassword"]


def test_the_function_runs_in_a_vpc(stack: Stack, vpc: ec2.Vpc) -> None:
    """Where a VPC is given the function runs in the subnets that are asked for."""
    subnets = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    PasswordUser(stack, "User", rotation=Rotation(vpc=vpc, vpc_subnets=subnets))

    Template.from_stack(stack).has_resource_properties(
        "AWS::Lambda::Function", {"VpcConfig": {"SubnetIds": [Match.any_value(), Match.any_value()]}}
    )


def test_the_logs_end(stack: Stack) -> None:
    """The function writes to a log group that forgets."""
    PasswordUser(stack, "User")

    Template.from_stack(stack).has_resource_properties("AWS::Logs::LogGroup", {"RetentionInDays": 30})


def test_the_longest_wait_fits_the_function(stack: Stack) -> None:
    """Lambda ends the function after its timeout, which leaves room for many looks at ElastiCache."""
    PasswordUser(stack, "User")
    (function,) = dict(Template.from_stack(stack).find_resources("AWS::Lambda::Function")).values()

    assert function["Properties"]["Timeout"] > 10 * (index.POLL_SECONDS + index.RESERVE_SECONDS)


def test_secrets_manager_starts_it_for_this_account_alone(stack: Stack) -> None:
    """The service could be made to rotate with it for a secret of somebody else."""
    PasswordUser(stack, "Operator")

    Template.from_stack(stack).has_resource_properties(
        "AWS::Lambda::Permission",
        {"Principal": "secretsmanager.amazonaws.com", "SourceAccount": {"Ref": "AWS::AccountId"}},
    )
