"""What the tests of the constructs build on: a stack, and a VPC that has isolated subnets only."""

from __future__ import annotations

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2


@pytest.fixture
def stack() -> Stack:
    """A stack without a fixed Region, so that its zones are tokens."""
    return Stack(App(), "Stack")


@pytest.fixture
def vpc(stack: Stack) -> ec2.Vpc:
    """Two isolated subnets and nothing else."""
    return isolated_vpc(stack)


@pytest.fixture
def regional_stack() -> Stack:
    """A stack in a Region, whose zones are known at synth."""
    app = App(context={"availability-zones:account=123456789012:region=eu-west-1": ["eu-west-1a", "eu-west-1b"]})
    return Stack(app, "Stack", env={"account": "123456789012", "region": "eu-west-1"})


@pytest.fixture
def regional_vpc(regional_stack: Stack) -> ec2.Vpc:
    """Isolated subnets in eu-west-1a and eu-west-1b."""
    return isolated_vpc(regional_stack)


def isolated_vpc(stack: Stack, max_azs: int = 2) -> ec2.Vpc:
    """Make a VPC of isolated subnets."""
    return ec2.Vpc(
        stack,
        "Vpc",
        max_azs=max_azs,
        nat_gateways=0,
        subnet_configuration=[ec2.SubnetConfiguration(name="Cache", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)],
        restrict_default_security_group=False,
    )
