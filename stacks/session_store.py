"""A store for the sessions of an application: nothing is evicted, and a zone may fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import CfnOutput, Stack

from elasticache_kit.cdk import NodeType
from elasticache_kit.cdk.patterns import SessionStore

if TYPE_CHECKING:
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_sns as sns
    from constructs import Construct

    from stacks.settings import Settings


class SessionStoreStack(Stack):
    """Sessions in the zones of a VPC of another stack; who keeps them here is attached with `sessions.attach`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        vpc: ec2.IVpc,
        notification_topic: sns.ITopic | None = None,
    ) -> None:
        super().__init__(scope, construct_id, description="ElastiCache session store")

        self.sessions = SessionStore(
            self,
            "SessionStore",
            vpc=vpc,
            cache_node_type=NodeType.of(settings.cache_node_type),
            num_cache_clusters=settings.num_cache_clusters,
            snapshot_retention_limit=settings.snapshot_retention_limit,
            notification_topic=notification_topic,
            alarm_topic=notification_topic,
        )

        cache = self.sessions.cache
        CfnOutput(self, "ReplicationGroupId", value=cache.replication_group_id)
        CfnOutput(self, "UserName", value=self.sessions.user.user_name)
