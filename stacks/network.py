"""The network that the caches of this repository live in."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs

from stacks.acknowledgement import acknowledge
from stacks.settings import NONE

if TYPE_CHECKING:
    from constructs import Construct

    from stacks.settings import Settings


class NetworkStack(Stack):
    """A VPC for the caches that live in the Region of the CLI."""

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(scope, construct_id, description="Network of the ElastiCache stacks")

        self.vpc = isolated_vpc(self, settings, egress=settings.drill_schedule != NONE)


def isolated_vpc(scope: Construct, settings: Settings, *, egress: bool = False) -> ec2.Vpc:
    """Make a VPC of isolated subnets: a cache needs no way to the internet, so there is no NAT gateway to pay for.

    Its flow log says who talked to a cache, or tried to.

    Args:
        scope: the stack.
        settings: how many zones.
        egress: whether there are private subnets beside them, with a way out through one NAT gateway.
    """
    subnets = [ec2.SubnetConfiguration(name="Cache", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24)]
    if egress:
        # Behind those of the caches, whose addresses stay what they are.
        subnets += [
            ec2.SubnetConfiguration(name="Egress", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=26),
            ec2.SubnetConfiguration(
                name="Public", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=28, map_public_ip_on_launch=False
            ),
        ]
    vpc = ec2.Vpc(
        scope,
        "Vpc",
        max_azs=settings.max_azs,
        nat_gateways=1 if egress else 0,
        subnet_configuration=subnets,
        # Emptying the default security group takes a custom resource with a Lambda function and a role of its own. No
        # cache here uses that group, so the network stays plain CloudFormation.
        restrict_default_security_group=False,
    )
    acknowledge(
        vpc,
        "Nothing uses the default security group; emptying it takes a Lambda function that runs on each deployment",
        "VPCDefaultSecurityGroupClosed",
    )
    for subnet in vpc.public_subnets:
        acknowledge(
            cast("Construct", subnet), "Only the NAT gateway is in a public subnet", "VPCNoUnrestrictedRouteToIGW"
        )
    log_group = logs.LogGroup(
        scope, "FlowLogs", retention=logs.RetentionDays.ONE_MONTH, removal_policy=RemovalPolicy.DESTROY
    )
    vpc.add_flow_log("FlowLog", destination=ec2.FlowLogDestination.to_cloud_watch_logs(log_group))
    return vpc
