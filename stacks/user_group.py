"""A cache with users: an application that signs in with IAM, an operator with a password, a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from elasticache_kit.cdk import (
    AccessString,
    Authentication,
    IamUser,
    NodeType,
    ParameterGroup,
    PasswordUser,
    ReplicationGroup,
    Rotation,
    UserGroup,
    ValkeyVersion,
)
from stacks.acknowledgement import acknowledge, skip_checkov

if TYPE_CHECKING:
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_sns as sns
    from constructs import Construct

    from stacks.settings import Settings

VERSION = ValkeyVersion.VER_9_1
ROTATION = Rotation(automatically_after_days=30)

# The application does what applications do, the reader changes nothing, and the operator looks after the nodes but
# sees no data.
APPLICATION = AccessString.application()
READER = AccessString.build().read_keys("*").allow("@read", "@connection")
OPERATOR = AccessString.build().allow("@admin", "@connection", "info", "slowlog")


class UserGroupStack(Stack):
    """Role-based access control: who may sign in to the cache, how, and what for."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        vpc: ec2.IVpc,
        notification_topic: sns.ITopic | None = None,
    ) -> None:
        super().__init__(scope, construct_id, description="ElastiCache replication group with users (RBAC)")

        application = IamUser(self, "ApplicationUser", access_string=APPLICATION)
        reader = IamUser(self, "ReaderUser", access_string=READER)
        operator = PasswordUser(self, "OperatorUser", access_string=OPERATOR, rotation=ROTATION)
        _acknowledge(operator)
        parameters = ParameterGroup(
            self, "Parameters", engine_version=VERSION, properties={"maxmemory-policy": "allkeys-lru"}
        )
        group = ReplicationGroup(
            self,
            "ReplicationGroup",
            vpc=vpc,
            engine_version=VERSION,
            cache_node_type=NodeType.of(settings.cache_node_type),
            num_cache_clusters=settings.num_cache_clusters,
            automatic_failover_enabled=True,
            multi_az_enabled=True,
            cache_parameter_group=parameters,
            snapshot_retention_limit=settings.snapshot_retention_limit,
            notification_topic=notification_topic,
            authentication=Authentication.user_group(
                UserGroup(self, "UserGroup", users=[application, reader, operator])
            ),
        )

        # What runs the application takes this role; nothing else is needed to sign in, and no password exists.
        role = iam.Role(self, "ApplicationRole", assumed_by=_lambda())
        group.grants.connect(role, user=application)
        reporting = iam.Role(self, "ReportingRole", assumed_by=_lambda())
        group.grants.connect(reporting, user=reader)

        CfnOutput(self, "ReplicationGroupId", value=group.replication_group_id)
        CfnOutput(self, "PrimaryEndpoint", value=group.primary_endpoint.socket_address)
        CfnOutput(self, "ReaderEndpoint", value=group.reader_endpoint.socket_address)
        CfnOutput(self, "ApplicationUserName", value=application.user_name)
        CfnOutput(self, "ApplicationRoleArn", value=role.role_arn)
        CfnOutput(self, "ReaderUserName", value=reader.user_name)
        CfnOutput(self, "ReportingRoleArn", value=reporting.role_arn)
        CfnOutput(self, "OperatorSecretArn", value=operator.secret.secret_arn)


def _lambda() -> iam.IPrincipal:
    return cast("iam.IPrincipal", iam.ServicePrincipal("lambda.amazonaws.com"))


def _acknowledge(operator: PasswordUser) -> None:
    """Answer what rule packs ask of a secret and of the function that replaces it."""
    once_a_month = "It runs once a month and calls AWS only; Secrets Manager tries again, and says what failed"
    acknowledge(operator, once_a_month, "LambdaConcurrency", "LambdaDLQ", "LambdaInsideVPC")
    no_key = "Secrets Manager encrypts it with its key of this account"
    acknowledge(operator, no_key, "SecretsManagerUsingKMSKey")
    skip_checkov(operator.secret, no_key, "CKV_AWS_149")
    for construct in operator.node.find_all():
        if isinstance(construct, lambda_.CfnFunction):
            skip_checkov(construct, once_a_month, "CKV_AWS_115", "CKV_AWS_116", "CKV_AWS_117")
            skip_checkov(construct, "Its environment names a user, and no secret", "CKV_AWS_173")
