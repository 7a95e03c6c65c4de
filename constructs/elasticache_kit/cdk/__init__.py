"""Constructs for the AWS CDK: replication groups with what they need.

from elasticache_kit.cdk import NodeType, ReplicationGroup, ValkeyVersion
"""

from elasticache_kit.cdk.authentication import Authentication
from elasticache_kit.cdk.endpoint import Endpoint
from elasticache_kit.cdk.engine_version import RedisVersion, ValkeyVersion
from elasticache_kit.cdk.log_delivery import LogDelivery
from elasticache_kit.cdk.node_group_configuration import NodeGroupConfiguration
from elasticache_kit.cdk.parameter_group import IParameterGroup, ParameterGroup
from elasticache_kit.cdk.reference import IReplicationGroup, IShardedReplicationGroup
from elasticache_kit.cdk.replication_group import ReplicationGroup
from elasticache_kit.cdk.sharded_replication_group import ShardedReplicationGroup
from elasticache_kit.cdk.snapshot import ISnapshot, Snapshot
from elasticache_kit.cdk.snapshot_source import SnapshotSource
from elasticache_kit.cdk.subnet_group import ISubnetGroup, SubnetGroup
from elasticache_kit.cdk.window import MaintenanceWindow, SnapshotWindow
from elasticache_kit.model.engine import EngineVersion
from elasticache_kit.model.node_type import NodeType

__all__ = [
    "Authentication",
    "Endpoint",
    "EngineVersion",
    "IParameterGroup",
    "IReplicationGroup",
    "IShardedReplicationGroup",
    "ISnapshot",
    "ISubnetGroup",
    "LogDelivery",
    "MaintenanceWindow",
    "NodeGroupConfiguration",
    "NodeType",
    "ParameterGroup",
    "RedisVersion",
    "ReplicationGroup",
    "ShardedReplicationGroup",
    "Snapshot",
    "SnapshotSource",
    "SnapshotWindow",
    "SubnetGroup",
    "ValkeyVersion",
]
