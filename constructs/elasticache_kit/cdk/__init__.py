"""Constructs for the AWS CDK: every type of ElastiCache, with what it needs around it.

from elasticache_kit.cdk import NodeType, ReplicationGroup, ValkeyVersion
"""

from elasticache_kit.cdk.access_string import AccessString
from elasticache_kit.cdk.alarm import CacheAlarms
from elasticache_kit.cdk.authentication import Authentication
from elasticache_kit.cdk.auto_scaling import NodeGroupScaling, NodeScaling, ReplicaScaling
from elasticache_kit.cdk.backup import ScheduledBackup
from elasticache_kit.cdk.compliance import ElastiCacheValidation
from elasticache_kit.cdk.daily_snapshot_time import DailySnapshotTime
from elasticache_kit.cdk.dashboard import CacheDashboard
from elasticache_kit.cdk.dns_record import DnsRecord
from elasticache_kit.cdk.endpoint import Endpoint
from elasticache_kit.cdk.engine_version import RedisVersion, ValkeyVersion
from elasticache_kit.cdk.export_bucket import ExportBucket
from elasticache_kit.cdk.global_replication_group import GlobalReplicationGroup, IGlobalReplicationGroup
from elasticache_kit.cdk.iam_user import IamUser
from elasticache_kit.cdk.log_delivery import LogDelivery
from elasticache_kit.cdk.memcached.cluster import MemcachedCluster
from elasticache_kit.cdk.memcached.metrics import MemcachedMetrics
from elasticache_kit.cdk.memcached.reference import IMemcachedCluster
from elasticache_kit.cdk.memcached.version import MemcachedVersion
from elasticache_kit.cdk.no_password_user import NoPasswordUser
from elasticache_kit.cdk.node_group_configuration import NodeGroupConfiguration
from elasticache_kit.cdk.parameter_group import IParameterGroup, ParameterGroup
from elasticache_kit.cdk.password_user import PasswordUser
from elasticache_kit.cdk.reference import IReplicationGroup, IShardedReplicationGroup, ReplicationGroupReference
from elasticache_kit.cdk.replication_group import ReplicationGroup
from elasticache_kit.cdk.replication_group_metrics import ReplicationGroupMetrics
from elasticache_kit.cdk.scalable_target import TargetTracking
from elasticache_kit.cdk.scheduled_drill.drill import ScheduledDrill
from elasticache_kit.cdk.secret_rotation import Rotation
from elasticache_kit.cdk.serverless.cache import ServerlessCache
from elasticache_kit.cdk.serverless.engine import ServerlessEngine
from elasticache_kit.cdk.serverless.limit import UsageLimits
from elasticache_kit.cdk.serverless.metrics import ServerlessMetrics
from elasticache_kit.cdk.serverless.reference import IServerlessCache
from elasticache_kit.cdk.serverless.snapshot import IServerlessCacheSnapshot, ServerlessCacheSnapshot
from elasticache_kit.cdk.sharded_replication_group import ShardedReplicationGroup
from elasticache_kit.cdk.snapshot import ISnapshot, Snapshot
from elasticache_kit.cdk.snapshot_source import SnapshotSource
from elasticache_kit.cdk.subnet_group import ISubnetGroup, SubnetGroup
from elasticache_kit.cdk.user import IUser
from elasticache_kit.cdk.user_group import IUserGroup, UserGroup
from elasticache_kit.cdk.window import MaintenanceWindow, SnapshotWindow
from elasticache_kit.model.engine import Engine, EngineVersion
from elasticache_kit.model.node_type import NodeType

__all__ = [
    "AccessString",
    "Authentication",
    "CacheAlarms",
    "CacheDashboard",
    "DailySnapshotTime",
    "DnsRecord",
    "ElastiCacheValidation",
    "Endpoint",
    "Engine",
    "EngineVersion",
    "ExportBucket",
    "GlobalReplicationGroup",
    "IGlobalReplicationGroup",
    "IMemcachedCluster",
    "IParameterGroup",
    "IReplicationGroup",
    "IServerlessCache",
    "IServerlessCacheSnapshot",
    "IShardedReplicationGroup",
    "ISnapshot",
    "ISubnetGroup",
    "IUser",
    "IUserGroup",
    "IamUser",
    "LogDelivery",
    "MaintenanceWindow",
    "MemcachedCluster",
    "MemcachedMetrics",
    "MemcachedVersion",
    "NoPasswordUser",
    "NodeGroupConfiguration",
    "NodeGroupScaling",
    "NodeScaling",
    "NodeType",
    "ParameterGroup",
    "PasswordUser",
    "RedisVersion",
    "ReplicaScaling",
    "ReplicationGroup",
    "ReplicationGroupMetrics",
    "ReplicationGroupReference",
    "Rotation",
    "ScheduledBackup",
    "ScheduledDrill",
    "ServerlessCache",
    "ServerlessCacheSnapshot",
    "ServerlessEngine",
    "ServerlessMetrics",
    "ShardedReplicationGroup",
    "Snapshot",
    "SnapshotSource",
    "SnapshotWindow",
    "SubnetGroup",
    "TargetTracking",
    "UsageLimits",
    "UserGroup",
    "ValkeyVersion",
]
