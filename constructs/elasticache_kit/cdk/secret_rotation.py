"""Rotation: how often the password in a secret is replaced, and the function that does it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, cast, get_type_hints

from aws_cdk import Acknowledgment, Duration, RemovalPolicy, Stack, Validations
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from elasticache_kit.cdk.argument import at_synth, refuse_types, violation
from elasticache_kit.cdk.subnet_group import select_subnets
from elasticache_kit.model.rule import Violation, refuse
from elasticache_kit.model.unknown import UNKNOWN

if TYPE_CHECKING:
    from aws_cdk.aws_secretsmanager import ISecret

LONGEST_DAYS = 1000
_CODE = Path(__file__).with_name("rotation")
_TIMEOUT_MINUTES = 15  # Lambda's longest: ElastiCache takes minutes to pass a password on to its nodes


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """How often a password is replaced, and by a function in which network.

    See https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html

    Args:
        automatically_after_days: the days from one rotation to the next, 1 to 1000; 0 never rotates. Default: 30.
        keep_previous: whether the password before the current one works until the next rotation, for clients that have
            yet to read the secret again. Default: yes.
        vpc: the VPC that the function runs in. There the function signs in to the cache with a new AUTH token before
            the token becomes current; its subnets need a way to the APIs of Secrets Manager and ElastiCache, through
            endpoints or a NAT gateway. Default: none, and ElastiCache's word has to do.
        vpc_subnets: which of its subnets. Default: the private ones with egress.

    Raises:
        ValidationError: an argument has the wrong type, the days are out of range, or the subnets do not do.
    """

    automatically_after_days: int = 30
    keep_previous: bool = True
    vpc: ec2.IVpc | None = None
    vpc_subnets: ec2.SubnetSelection | None = None

    def __post_init__(self) -> None:
        given = {item.name: getattr(self, item.name) for item in fields(self)}
        refuse_types("Rotation", given, get_type_hints(Rotation))
        days = at_synth(self.automatically_after_days)
        mistakes: list[Violation] = []
        if days is not UNKNOWN and not 0 <= days <= LONGEST_DAYS:
            mistakes.append(
                violation(
                    "cdk-rotation-days",
                    "automatically_after_days",
                    days,
                    f"a rotation is due after 1 to {LONGEST_DAYS} days, or after 0 for never",
                    "take a number in that range",
                )
            )
        mistakes.extend(self._network_mistakes())
        refuse("Rotation", mistakes)

    @staticmethod
    def never() -> Rotation:
        """Leave a password as it is."""
        return Rotation(automatically_after_days=0)

    def _network_mistakes(self) -> Iterator[Violation]:
        if self.vpc is None:
            if self.vpc_subnets is not None:
                yield violation("cdk-rotation-subnets", "vpc_subnets", self.vpc_subnets, "there is no vpc", "give vpc")
        elif self.vpc_subnets is None:
            if not self.vpc.private_subnets:
                yield violation(
                    "cdk-rotation-subnets",
                    "vpc_subnets",
                    None,
                    f"the VPC {self.vpc.node.path} has no private subnet with egress",
                    "name subnets that reach the APIs of Secrets Manager and ElastiCache through endpoints",
                )
        elif select_subnets("Rotation", self.vpc, self.vpc_subnets).has_public:
            yield violation(
                "cdk-rotation-subnets",
                "vpc_subnets",
                self.vpc_subnets,
                "a function in a public subnet reaches nothing outside of its VPC",
                "name private subnets",
            )

    @property
    def enabled(self) -> bool:
        """Whether there is a rotation at all."""
        return self.automatically_after_days != 0


class SecretRotation(Construct):
    """Replaces the password of a secret on a schedule, in ElastiCache and in Secrets Manager.

    The first rotation comes after the days that `rotation` says, not with the deployment, which it would disturb.

    Args:
        scope: the construct that this one is part of.
        construct_id: its id in that scope.
        secret: the secret, whose `password` is replaced.
        rotation: how often, and in which network.
        target: whose password it is, as the environment of the function.
        statements: what the function may do with it.
        client_of: the cache that the function signs in to. Default: it signs in to none.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        secret: ISecret,
        rotation: Rotation,
        target: Mapping[str, str],
        statements: Sequence[iam.PolicyStatement],
        client_of: ec2.IConnectable | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        log_group = logs.LogGroup(
            self, "LogGroup", retention=logs.RetentionDays.ONE_MONTH, removal_policy=RemovalPolicy.DESTROY
        )
        function = lambda_.Function(
            self,
            "Function",
            description=f"Rotates the password of {scope.node.path}"[:256],
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            code=lambda_.Code.from_asset(str(_CODE), exclude=["__pycache__", "*.pyc"]),
            handler="index.handler",
            memory_size=256,
            timeout=Duration.minutes(_TIMEOUT_MINUTES),
            environment={**target, "KEEP_PREVIOUS": str(rotation.keep_previous).lower()},
            log_group=log_group,
            role=_role(self, log_group, in_vpc=rotation.vpc is not None),
            vpc=rotation.vpc,
            vpc_subnets=rotation.vpc_subnets,
        )
        for statement in statements:
            function.add_to_role_policy(statement)
        if client_of is not None and rotation.vpc is not None:
            function.connections.allow_to_default_port(client_of, "Sign in with a new AUTH token")
        secret.add_rotation_schedule(
            "Schedule",
            rotation_lambda=cast("lambda_.IFunction", function),  # jsii names an argument differently in the two
            automatically_after=Duration.days(rotation.automatically_after_days),
            rotate_immediately_on_update=False,
        )
        # The CDK lets Secrets Manager start it for the secrets of any account.
        for construct in function.node.find_all():
            if isinstance(construct, lambda_.CfnPermission):
                construct.source_account = Stack.of(self).account


def _role(scope: Construct, log_group: logs.LogGroup, *, in_vpc: bool) -> iam.IRole:
    """Make a role that may write to this log group and, where it is needed, join a VPC."""
    role = cast("iam.IRole", iam.Role(scope, "Role", assumed_by=_principal("lambda.amazonaws.com")))
    log_group.grant_write(role)
    if in_vpc:
        role.add_managed_policy(
            iam.ManagedPolicy.from_aws_managed_policy_name("service-role/AWSLambdaVPCAccessExecutionRole")
        )
    Validations.of(role).acknowledge(
        Acknowledgment(
            id="AwsSolutions::AwsSolutions-IAM5[Resource::*]",
            reason="secretsmanager:GetRandomPassword is about no resource",
        )
    )
    return role


def _principal(service: str) -> iam.IPrincipal:
    return cast("iam.IPrincipal", iam.ServicePrincipal(service))
