"""A replication group with cluster mode disabled: one primary and its replicas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import CfnOutput, Stack

from elasticache_kit.cdk import NodeType, ParameterGroup, ReplicationGroup, ValkeyVersion
from stacks.authentication import authentication

if TYPE_CHECKING:
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_sns as sns
    from constructs import Construct

    from stacks.settings import Settings

VERSION = ValkeyVersion.VER_9_1


class ReplicationGroupStack(Stack):
    """One primary and its replicas in the zones of a VPC of another stack."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        vpc: ec2.IVpc,
        notification_topic: sns.ITopic | None = None,
    ) -> None:
        super().__init__(scope, construct_id, description="ElastiCache replication group, cluster mode disabled")

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
            authentication=authentication(settings),
            notification_topic=notification_topic,
        )
        self.replication_group = group

        CfnOutput(self, "ReplicationGroupId", value=group.replication_group_id)
        CfnOutput(self, "PrimaryEndpoint", value=group.primary_endpoint.socket_address)
        CfnOutput(self, "ReaderEndpoint", value=group.reader_endpoint.socket_address)
