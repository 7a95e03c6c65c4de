"""A Memcached cluster: nodes that share the keys, without replicas and without backups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import CfnOutput, Stack

from elasticache_kit.cdk.memcached.cluster import MemcachedCluster
from elasticache_kit.cdk.memcached.version import MemcachedVersion
from elasticache_kit.cdk.parameter_group import ParameterGroup
from elasticache_kit.model.node_type import NodeType

if TYPE_CHECKING:
    from aws_cdk import aws_ec2 as ec2
    from constructs import Construct

    from stacks.settings import Settings

VERSION = MemcachedVersion.VER_1_6_22
LARGEST_ITEM = 2 * 1024 * 1024


class MemcachedStack(Stack):
    """Nodes in the zones of a VPC of another stack: a zone that fails takes a part of the keys with it, not all."""

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings, vpc: ec2.IVpc) -> None:
        super().__init__(scope, construct_id, description="ElastiCache for Memcached")

        parameters = ParameterGroup(
            self, "Parameters", engine_version=VERSION, properties={"max_item_size": LARGEST_ITEM}
        )
        cluster = MemcachedCluster(
            self,
            "MemcachedCluster",
            vpc=vpc,
            engine_version=VERSION,
            cache_node_type=NodeType.of(settings.cache_node_type),
            num_cache_nodes=settings.num_cache_nodes,
            az_mode="cross-az",
            cache_parameter_group=parameters,
        )

        CfnOutput(self, "ClusterName", value=cluster.cluster_name)
        CfnOutput(self, "ConfigurationEndpoint", value=cluster.configuration_endpoint.socket_address)
