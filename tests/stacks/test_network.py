"""The network stack."""

from __future__ import annotations

import pytest
from aws_cdk import App
from aws_cdk.assertions import Template

from stacks.network import NetworkStack
from stacks.settings import Settings
from tests.stacks.conftest import CONTEXT


@pytest.fixture(scope="module")
def template() -> Template:
    """The network of a small environment."""
    settings = Settings.from_context(App(context=CONTEXT).node)
    return Template.from_stack(NetworkStack(App(), "network", settings=settings))


def test_isolated_subnets_in_two_zones(template: Template) -> None:
    """There is one subnet in each zone, and none gives its machines a public address."""
    template.resource_count_is("AWS::EC2::Subnet", 2)
    template.all_resources_properties("AWS::EC2::Subnet", {"MapPublicIpOnLaunch": False})


@pytest.mark.parametrize("kind", ["AWS::EC2::NatGateway", "AWS::EC2::InternetGateway", "AWS::EC2::Route"])
def test_no_way_out(template: Template, kind: str) -> None:
    """A cache needs no internet, and a NAT gateway costs by the hour."""
    template.resource_count_is(kind, 0)


@pytest.mark.parametrize("kind", ["AWS::Lambda::Function", "Custom::VpcRestrictDefaultSG"])
def test_no_custom_resource(template: Template, kind: str) -> None:
    """The network is plain CloudFormation, with no function that runs on each deployment."""
    template.resource_count_is(kind, 0)


def test_who_talked_to_a_cache_is_written_down(template: Template) -> None:
    """A flow log of all traffic goes to a log group, for which there is the one role."""
    (log_group,) = template.find_resources("AWS::Logs::LogGroup")

    template.has_resource_properties(
        "AWS::EC2::FlowLog", {"TrafficType": "ALL", "ResourceType": "VPC", "LogGroupName": {"Ref": log_group}}
    )
    template.has_resource_properties("AWS::Logs::LogGroup", {"RetentionInDays": 30})
    template.resource_count_is("AWS::IAM::Role", 1)
