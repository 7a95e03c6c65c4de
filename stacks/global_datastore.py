"""A global datastore: a replication group that takes the writes, and one in another Region that follows it.

Deploy both with `cdk deploy '*global-datastore*'`, which makes the primary first. `cdk destroy '*global-datastore*'`
removes the secondary first, and has to: ElastiCache deletes no datastore that has a secondary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import CfnOutput, Environment, Stack

from elasticache_kit.cdk.engine_version import ValkeyVersion
from elasticache_kit.cdk.global_replication_group import GlobalReplicationGroup
from elasticache_kit.cdk.parameter_group import ParameterGroup
from elasticache_kit.cdk.replication_group import ReplicationGroup
from elasticache_kit.model.node_type import NodeType
from stacks.authentication import authentication
from stacks.network import isolated_vpc

if TYPE_CHECKING:
    from constructs import Construct

    from stacks.settings import Settings

VERSION = ValkeyVersion.VER_9_1


class GlobalDatastorePrimaryStack(Stack):
    """The Region that takes the writes: a network, a replication group, and the global datastore around it."""

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(
            scope,
            construct_id,
            env=Environment(region=settings.global_primary_region),
            description="ElastiCache global datastore, primary Region",
        )

        parameters = ParameterGroup(
            self, "Parameters", engine_version=VERSION, properties={"maxmemory-policy": "allkeys-lru"}
        )
        group = ReplicationGroup(
            self,
            "ReplicationGroup",
            vpc=isolated_vpc(self, settings),
            engine_version=VERSION,
            cache_parameter_group=parameters,
            cache_node_type=NodeType.of(settings.global_cache_node_type),
            num_cache_clusters=settings.num_cache_clusters,
            multi_az_enabled=True,
            snapshot_retention_limit=settings.snapshot_retention_limit,
            authentication=authentication(settings),
            # ElastiCache turns it off in a global datastore, where both Regions change their version together.
            auto_minor_version_upgrade=False,
        )
        self.datastore = GlobalReplicationGroup(self, "GlobalDatastore", primary_replication_group=group)

        CfnOutput(self, "GlobalReplicationGroupId", value=self.datastore.global_replication_group_id)
        CfnOutput(self, "ReplicationGroupId", value=group.replication_group_id)
        CfnOutput(self, "PrimaryEndpoint", value=group.primary_endpoint.socket_address)
        CfnOutput(self, "ReaderEndpoint", value=group.reader_endpoint.socket_address)


class GlobalDatastoreSecondaryStack(Stack):
    """The Region that follows: a network, and a replication group that takes after the primary."""

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: Settings, datastore: GlobalReplicationGroup
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            env=Environment(region=settings.global_secondary_region),
            description="ElastiCache global datastore, secondary Region",
        )

        group = ReplicationGroup(
            self,
            "ReplicationGroup",
            vpc=isolated_vpc(self, settings),
            num_cache_clusters=settings.num_cache_clusters,
            multi_az_enabled=True,
            snapshot_retention_limit=settings.snapshot_retention_limit,
            authentication=authentication(settings),
            global_replication_group_id=datastore.global_replication_group_id,
        )
        datastore.add_secondary(group)

        CfnOutput(self, "ReplicationGroupId", value=group.replication_group_id)
        CfnOutput(self, "ReaderEndpoint", value=group.reader_endpoint.socket_address)
