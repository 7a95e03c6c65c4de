"""What the build of a scheduled drill may do, and on which resources."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aws_cdk import ArnFormat, Aws, Stack
from aws_cdk import aws_iam as iam

from elasticache_kit.cdk.wildcard import acknowledge_wildcards
from elasticache_kit.model.permission import STOP_ALARM, Scope, statements

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_logs as logs
    from constructs import Construct

# See https://docs.aws.amazon.com/codebuild/latest/userguide/auth-and-access-control-iam-identity-based-access-control.html
_LOOKS = (
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
)
_LISTS = "A call that lists is allowed to list all or nothing"
_NO_RESOURCE = (
    "CodeBuild asks for its network by actions that IAM knows no resource of; events, metrics and lists have none"
)


def role(
    scope: Construct,
    *,
    commands: Sequence[str],
    names: Mapping[str, tuple[str, ...]],
    prefix: str,
    log_group: logs.LogGroup,
    subnets: Sequence[ec2.ISubnet],
) -> iam.Role:
    """Make the role of the build, which CodeBuild may take for the projects of this account only.

    Args:
        scope: the construct that it is part of.
        commands: the commands of elasticache-kit that the build runs.
        names: the resources that they are about, by their kind.
        prefix: what the keys of reports in the bucket begin with.
        log_group: where the build writes its log.
        subnets: where it runs.
    """
    stack = Stack.of(scope)
    place = Scope(region=stack.region, account=stack.account, partition=Aws.PARTITION, names=names)
    bucket = names["bucket"][0]
    # Of the bucket no more than where the reports of this drill go.
    objects = (f"arn:{Aws.PARTITION}:s3:::{bucket}/*", f"arn:{Aws.PARTITION}:s3:::{bucket}/{prefix}*")
    drill = [
        iam.PolicyStatement(
            actions=list(item.actions),
            resources=[name.replace(*objects) for name in item.resources],
            conditions={key: dict(value) for key, value in item.conditions.items()} or None,
        )
        for item in statements(commands, place)
        if names.get("alarm") or item.actions != (STOP_ALARM,)
    ]
    network = _network(stack, subnets)
    log = iam.PolicyStatement(
        actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[log_group.log_group_arn]
    )
    made = iam.Role(
        scope,
        "Role",
        assumed_by=cast("iam.IPrincipal", _principal(stack)),
        inline_policies={
            "Drill": iam.PolicyDocument(statements=drill),
            "Network": iam.PolicyDocument(statements=network),
            "Log": iam.PolicyDocument(statements=[log]),
        },
    )
    wide = {name for rule in [*drill, *network] for name in rule.resources if "*" in name}
    acknowledge_wildcards(made, {name: _why(name, prefix) for name in wide})
    return made


def _network(stack: Stack, subnets: Sequence[ec2.ISubnet]) -> list[iam.PolicyStatement]:
    """Let CodeBuild put a build into the subnets."""
    interfaces = _arn(stack, "ec2", "network-interface", "*")
    places = [_arn(stack, "ec2", "subnet", subnet.subnet_id) for subnet in subnets]
    return [
        iam.PolicyStatement(actions=list(_LOOKS), resources=["*"]),
        iam.PolicyStatement(
            actions=["ec2:CreateNetworkInterface"],
            resources=[interfaces, _arn(stack, "ec2", "security-group", "*"), *places],
        ),
        iam.PolicyStatement(actions=["ec2:DeleteNetworkInterface"], resources=[interfaces]),
        iam.PolicyStatement(
            actions=["ec2:CreateNetworkInterfacePermission"],
            resources=[interfaces],
            conditions={"StringEquals": {"ec2:AuthorizedService": "codebuild.amazonaws.com", "ec2:Subnet": places}},
        ),
    ]


def _why(name: str, prefix: str) -> str:
    if name == "*":
        return _NO_RESOURCE
    if name.endswith(f"/{prefix}*"):
        return "Each run stores its report under a name of its own"
    if name.endswith(("network-interface/*", "security-group/*")):
        return "CodeBuild makes a network interface for each build"
    return _LISTS


def _principal(stack: Stack) -> iam.PrincipalWithConditions:
    projects = stack.format_arn(service="codebuild", resource="project", resource_name="*")
    return iam.PrincipalWithConditions(
        cast("iam.IPrincipal", iam.ServicePrincipal("codebuild.amazonaws.com")),
        {"StringEquals": {"aws:SourceAccount": stack.account}, "ArnLike": {"aws:SourceArn": projects}},
    )


def _arn(stack: Stack, service: str, resource: str, name: str) -> str:
    return stack.format_arn(
        service=service, resource=resource, resource_name=name, arn_format=ArnFormat.SLASH_RESOURCE_NAME
    )
