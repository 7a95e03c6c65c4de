"""A serverless cache: it scales by itself, up to limits that keep the bill in bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import CfnOutput, Stack

from elasticache_kit.cdk.daily_snapshot_time import DailySnapshotTime
from elasticache_kit.cdk.iam_user import IamUser
from elasticache_kit.cdk.serverless.cache import ServerlessCache
from elasticache_kit.cdk.serverless.engine import ServerlessEngine
from elasticache_kit.cdk.user_group import UserGroup

if TYPE_CHECKING:
    from aws_cdk import aws_ec2 as ec2
    from constructs import Construct

    from stacks.settings import Settings

QUIET_HOUR = DailySnapshotTime.of("03:30")


class ServerlessStack(Stack):
    """A serverless cache with endpoints in the zones of a VPC of another stack."""

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings, vpc: ec2.IVpc) -> None:
        super().__init__(scope, construct_id, description="ElastiCache serverless cache")

        user = IamUser(self, "ApplicationUser")
        cache = ServerlessCache(
            self,
            "ServerlessCache",
            vpc=vpc,
            engine=ServerlessEngine.VALKEY_9,
            data_storage_maximum=settings.data_storage_maximum,
            ecpu_per_second_maximum=settings.ecpu_per_second_maximum,
            snapshot_retention_limit=settings.snapshot_retention_limit,
            daily_snapshot_time=QUIET_HOUR,
            user_group=UserGroup(self, "UserGroup", users=[user]),
        )

        CfnOutput(self, "ApplicationUserName", value=user.user_name)
        CfnOutput(self, "ServerlessCacheName", value=cache.serverless_cache_name)
        CfnOutput(self, "Endpoint", value=cache.endpoint.socket_address)
        CfnOutput(self, "ReaderEndpoint", value=cache.reader_endpoint.socket_address)
