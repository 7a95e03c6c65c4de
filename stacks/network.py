"""The network that the caches of this repository live in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs

from stacks.acknowledgement import acknowledge

if TYPE_CHECKING:
    from constructs import Construct

    from stacks.settings import Settings


class NetworkStack(Stack):
    """A VPC for the caches that live in the Region of the CLI."""

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(scope, construct_id, description="Network of the ElastiCache stacks")

        self.vpc = isolated_vpc(self, settings)


def isolated_vpc(scope: Construct, settings: Settings) -> ec2.Vpc:
    """Make a VPC of isolated subnets: a cache needs no way to the internet, so there is no NAT gateway to pay for.

    Its flow log says who talked to a cache, or tried to.
    """
    vpc = ec2.Vpc(
        scope,
        "Vpc",
        max_azs=settings.max_azs,
        nat_gateways=0,
        subnet_configuration=[
            ec2.SubnetConfiguration(name="Cache", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24)
        ],
        # Emptying the default security group takes a custom resource with a Lambda function and a role of its own. No
        # cache here uses that group, so the network stays plain CloudFormation.
        restrict_default_security_group=False,
    )
    acknowledge(
        vpc,
        "Nothing uses the default security group; emptying it takes a Lambda function that runs on each deployment",
        "VPCDefaultSecurityGroupClosed",
    )
    log_group = logs.LogGroup(
        scope, "FlowLogs", retention=logs.RetentionDays.ONE_MONTH, removal_policy=RemovalPolicy.DESTROY
    )
    vpc.add_flow_log("FlowLog", destination=ec2.FlowLogDestination.to_cloud_watch_logs(log_group))
    return vpc
