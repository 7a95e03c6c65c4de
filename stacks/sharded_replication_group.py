"""A replication group with cluster mode enabled: the keys are spread over node groups (shards)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import CfnOutput, Stack

from elasticache_kit.cdk import NodeType, ParameterGroup, ShardedReplicationGroup, ValkeyVersion
from stacks.authentication import authentication

if TYPE_CHECKING:
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_sns as sns
    from constructs import Construct

    from stacks.settings import Settings

VERSION = ValkeyVersion.VER_9_1


class ShardedReplicationGroupStack(Stack):
    """Node groups with replicas in the zones of a VPC of another stack."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        vpc: ec2.IVpc,
        notification_topic: sns.ITopic | None = None,
    ) -> None:
        super().__init__(scope, construct_id, description="ElastiCache replication group, cluster mode enabled")

        parameters = ParameterGroup(
            self,
            "Parameters",
            engine_version=VERSION,
            properties={"cluster-enabled": "yes", "maxmemory-policy": "allkeys-lru"},
        )
        group = ShardedReplicationGroup(
            self,
            "ReplicationGroup",
            vpc=vpc,
            engine_version=VERSION,
            cache_node_type=NodeType.of(settings.cache_node_type),
            num_node_groups=settings.num_node_groups,
            replicas_per_node_group=settings.replicas_per_node_group,
            multi_az_enabled=True,
            cache_parameter_group=parameters,
            snapshot_retention_limit=settings.snapshot_retention_limit,
            authentication=authentication(settings),
            notification_topic=notification_topic,
        )
        self.replication_group = group

        CfnOutput(self, "ReplicationGroupId", value=group.replication_group_id)
        CfnOutput(self, "ConfigurationEndpoint", value=group.configuration_endpoint.socket_address)
