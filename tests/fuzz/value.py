"""The values that random requests are made of: what AWS takes, what it takes just so, and what it never took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

# Which kind of thing a member names. Where one and the same name stands for two things the operation decides, below.
NAMED: Mapping[str, str] = MappingProxyType(
    {
        "CacheClusterId": "cluster",
        "CacheClusterIds": "cluster",
        "CacheParameterGroupName": "parameter group",
        "CacheSubnetGroupName": "subnet group",
        "FinalSnapshotIdentifier": "snapshot",
        "FinalSnapshotName": "serverless snapshot",
        "GlobalReplicationGroupId": "global group",
        "GlobalReplicationGroupIdSuffix": "suffix",
        "NotificationTopicArn": "topic",
        "PrimaryClusterId": "cluster",
        "PrimaryReplicationGroupId": "group",
        "ReplicasToRemove": "cluster",
        "ReplicationGroupId": "group",
        "ReplicationGroupIds": "group",
        "ReservedCacheNodeId": "reserved node",
        "ReservedCacheNodesOfferingId": "offering",
        "ResourceName": "arn",
        "ServerlessCacheName": "serverless cache",
        "ServiceUpdateName": "service update",
        "ServerlessCacheSnapshotName": "serverless snapshot",
        "SnapshotArnsToRestore": "arn",
        "SnapshotName": "snapshot",
        "SnapshottingClusterId": "cluster",
        "SourceIdentifier": "group",
        "SourceServerlessCacheSnapshotName": "serverless snapshot",
        "SourceSnapshotName": "snapshot",
        "SubnetIds": "subnet",
        "TargetServerlessCacheSnapshotName": "serverless snapshot",
        "TargetSnapshotName": "snapshot",
        "UserGroupId": "user group",
        "UserGroupIds": "user group",
        "UserGroupIdsToAdd": "user group",
        "UserGroupIdsToRemove": "user group",
        "UserId": "user",
        "UserIds": "user",
        "UserIdsToAdd": "user",
        "UserIdsToRemove": "user",
        "UserName": "user",
    }
)
# The member that a new thing gets its name from.
NEW: Mapping[str, str] = MappingProxyType(
    {
        "CopyServerlessCacheSnapshot": "TargetServerlessCacheSnapshotName",
        "CopySnapshot": "TargetSnapshotName",
        "CreateCacheCluster": "CacheClusterId",
        "CreateCacheParameterGroup": "CacheParameterGroupName",
        "CreateCacheSubnetGroup": "CacheSubnetGroupName",
        "CreateGlobalReplicationGroup": "GlobalReplicationGroupIdSuffix",
        "CreateReplicationGroup": "ReplicationGroupId",
        "CreateServerlessCache": "ServerlessCacheName",
        "CreateServerlessCacheSnapshot": "ServerlessCacheSnapshotName",
        "CreateSnapshot": "SnapshotName",
        "CreateUser": "UserId",
        "CreateUserGroup": "UserGroupId",
    }
)
# Members without which a request is hardly ever taken, beside those that the model calls required.
WANTED: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "CreateCacheCluster": ("CacheNodeType", "Engine", "NumCacheNodes", "CacheSubnetGroupName"),
        "CreateSnapshot": ("CacheClusterId",),
        "CreateReplicationGroup": ("CacheNodeType", "Engine", "CacheSubnetGroupName", "AutomaticFailoverEnabled"),
        "CreateUser": ("AuthenticationMode",),
        "CreateUserGroup": ("UserIds",),
        "ModifyUserGroup": ("UserIdsToAdd",),
        "CreateServerlessCache": ("SubnetIds",),
    }
)
ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
# Values of a member by its name; the first ones are likelier than the last.
VALUES: Mapping[str, Sequence[Any]] = MappingProxyType(
    {
        "AccessString": ("on ~* +@all", "on ~app:* -@all +@read", "off", "on", ">word on", "~", "on ~* +@nothing"),
        "AppendAccessString": ("+get", "~k:*", "resetchannels", "%R~x"),
        "AuthToken": ("x" * 16, "y" * 128, "short", "z" * 129, "with space and more"),
        "CacheNodeType": (
            "cache.t4g.small", "cache.t4g.small", "cache.m7g.large", "cache.r7g.xlarge", "cache.r6gd.xlarge",
            "cache.t3.micro", "cache.t1.micro", "cache.none.large", "m7g",
        ),
        "CacheNodeIdsToReboot": ("0001", "0001", "0002", "0000", "9999"),
        "CacheNodeIdsToRemove": ("0001", "0002", "0003", "0000", "9999"),
        "CacheParameterGroupFamily": ("valkey8", "valkey7", "redis7", "memcached1.6", "redis6.x", "valkey99", "x"),
        "DailySnapshotTime": ("03:00", "23:59", "24:00", "3:00", "noon"),
        "Duration": ("31536000", "94608000", "1", "3", "x"),
        "Engine": ("valkey", "valkey", "redis", "memcached", "VALKEY", "keydb"),
        "EngineVersion": ("8.1", "8.0", "7.2", "7.1", "6.x", "1.6.22", "6.2", "5.0.6", "9.0", "0", "8.1.1.1", "x"),
        "KmsKeyId": ("alias/aws/elasticache", "x"),
        "LogGroup": ("/caches", "other", "x" * 513),
        "MajorEngineVersion": ("8", "7", "9", "1.6", "x"),
        "NewAvailabilityZones": ZONES,
        "NodeGroupId": ("0001", "0001", "0002", "0003", "1", "9999"),
        "GlobalNodeGroupsToRemove": ("ldgnf-a-0001", "0001", "x"),
        "GlobalNodeGroupsToRetain": ("ldgnf-a-0001", "0001", "x"),
        "NodeGroupsToRemove": ("0001", "0002", "0003", "9999"),
        "NodeGroupsToRetain": ("0001", "0002", "0003", "9999"),
        "NotificationTopicStatus": ("active", "inactive", "x"),
        "OfferingType": ("No Upfront", "All Upfront", "Partial Upfront", "Heavy Utilization", "x"),
        "OutpostMode": ("single-outpost", "cross-outpost"),
        "ParameterName": (
            "maxmemory-policy", "timeout", "cluster-enabled", "maxmemory-samples", "chunk_size", "appendonly", "x",
        ),
        "ParameterValue": ("allkeys-lru", "0", "1", "yes", "no", "-1", "99999999999999999999", "x", "3.5"),
        "Passwords": ("p" * 16, "q" * 128, "short", "r" * 129),
        "PreferredAvailabilityZone": (*ZONES, "Multiple", "eu-west-1z"),
        "PreferredAvailabilityZones": (*ZONES, "us-east-1a"),
        "PreferredCacheClusterAZs": (*ZONES, "us-east-1a"),
        "PreferredMaintenanceWindow": ("sun:05:00-sun:06:00", "mon:23:00-tue:01:00", "sun:05:00-sun:05:10", "x"),
        "PrimaryAvailabilityZone": (*ZONES, "x"),
        "PrimaryRegion": ("eu-west-1", "eu-central-1", "x"),
        "ReplicaAvailabilityZones": ZONES,
        "ReplicationGroupRegion": ("eu-west-1", "eu-central-1", "eu-central-1", "x"),
        "S3BucketName": ("exports", "nowhere", "x"),
        "TargetBucket": ("exports", "nowhere", ""),
        "Slots": ("0-8191", "8192-16383", "0-16383", "0-5461", "5462-10922", "10923-16383", "9-1", "x", "1,3-4"),
        "SnapshotArns": ("arn:aws:s3:::exports/dump.rdb", "arn:aws:s3:::nowhere/dump.rdb", "x"),
        "SnapshotSource": ("user", "automated", "x"),
        "SnapshotType": ("all", "user", "automated", "manual", "x"),
        "SnapshotWindow": ("01:00-02:00", "23:30-00:30", "04:00-06:00", "01:00-01:10", "25:00-26:00", "x"),
        "Source": ("user", "system", "engine-default", "x"),
        "TransitEncryptionMode": ("preferred", "required"),
    }
)  # fmt: skip
NUMBERS: Mapping[str, Sequence[int]] = MappingProxyType(
    {
        "MaxRecords": (20, 50, 100, 19, 101, 0, -1),
        "MaxResults": (20, 50, 100, 1, 0),
        "NewReplicaCount": (1, 2, 3, 0, 5, 6),
        "NodeGroupCount": (1, 2, 3, 4, 0, 91),
        "NumCacheClusters": (1, 2, 3, 6, 7, 0),
        "NumCacheNodes": (1, 1, 2, 3, 0, 41),
        "NumNodeGroups": (1, 2, 3, 0, 501),
        "Port": (6379, 11211, 6380, 0, 1149, 65535, 65536),
        "ReplicaCount": (1, 2, 0, 5, 6),
        "ReplicasPerNodeGroup": (1, 2, 0, 5, 6),
        "SnapshotRetentionLimit": (0, 1, 3, 35, 36, -1),
    }
)
ANY_NUMBER = (0, 1, 2, 5, 100, -1, 2**31 - 1)
ODD_TEXTS = ("x", "0", "-", "a" * 300, "ünïcode", "a b", "<&>'\"", "%s{0}", "\u0000", "1" * 20)
_REDIS = {"Engine": "redis", "EngineVersion": "7.1", "CacheNodeType": "cache.t4g.small"}
_VALKEY = {"Engine": "valkey", "EngineVersion": "8.1", "CacheNodeType": "cache.t4g.small"}
# What a sound request says of an operation that random members alone hardly ever get right; more is mixed in.
SOUND: Mapping[str, Sequence[Mapping[str, Any]]] = MappingProxyType(
    {
        "CreateCacheCluster": (
            {"Engine": "memcached", "CacheNodeType": "cache.t4g.small", "NumCacheNodes": 2},
            {**_REDIS, "NumCacheNodes": 1},
        ),
        "CreateGlobalReplicationGroup": ({},),
        "CreateReplicationGroup": (
            {**_REDIS, "NumCacheClusters": 2, "AutomaticFailoverEnabled": True},
            {**_VALKEY, "NumCacheClusters": 3, "AutomaticFailoverEnabled": True, "MultiAZEnabled": True},
            {**_VALKEY, "NumCacheClusters": 1, "TransitEncryptionEnabled": True, "AutomaticFailoverEnabled": False},
            {
                **_VALKEY, "NumNodeGroups": 3, "ReplicasPerNodeGroup": 1, "AutomaticFailoverEnabled": True,
                "CacheParameterGroupName": "default.valkey8.cluster.on",
            },
            {
                "Engine": "redis", "EngineVersion": "7.1", "CacheNodeType": "cache.m7g.large", "NumNodeGroups": 2,
                "ReplicasPerNodeGroup": 1, "AutomaticFailoverEnabled": True,
                "CacheParameterGroupName": "default.redis7.cluster.on",
            },
        ),
        "CreateServerlessCache": ({"Engine": "valkey"}, {"Engine": "redis"}, {"Engine": "memcached"}),
        "CreateServerlessCacheSnapshot": ({},),
        "CreateUser": (
            {"Engine": "valkey", "AccessString": "on ~* +@all", "AuthenticationMode": {"Type": "iam"}},
            {
                "Engine": "valkey", "AccessString": "on ~* +@read",
                "AuthenticationMode": {"Type": "password", "Passwords": ["p" * 16]},
            },
            {"Engine": "redis", "AccessString": "off -@all", "NoPasswordRequired": True},
        ),
        "CreateUserGroup": ({"Engine": "valkey"}, {"Engine": "redis", "UserIds": ["default"]}),
        "DecreaseReplicaCount": (
            {"ApplyImmediately": True, "NewReplicaCount": 1},
            {"ApplyImmediately": True, "NewReplicaCount": 0},
        ),
        "IncreaseReplicaCount": (
            {"ApplyImmediately": True, "NewReplicaCount": 2},
            {"ApplyImmediately": True, "NewReplicaCount": 3},
        ),
        "ModifyCacheCluster": (
            {"ApplyImmediately": True, "NumCacheNodes": 3}, {"ApplyImmediately": False, "NumCacheNodes": 3},
            {"ApplyImmediately": True, "NumCacheNodes": 1, "CacheNodeIdsToRemove": ["0002"]},
        ),
        "ModifyCacheParameterGroup": (
            {"ParameterNameValues": [{"ParameterName": "timeout", "ParameterValue": "20"}]},
        ),
        "ModifyReplicationGroup": (
            {"ApplyImmediately": True, "SnapshotRetentionLimit": 2},
            {"ApplyImmediately": False, "CacheNodeType": "cache.m7g.large"},
            {"ApplyImmediately": True, "CacheNodeType": "cache.m7g.large"},
            {"ApplyImmediately": True, "MultiAZEnabled": False, "AutomaticFailoverEnabled": False},
            {"ApplyImmediately": True, "AutomaticFailoverEnabled": True},
            {"ApplyImmediately": True, "Engine": "valkey", "EngineVersion": "8.1"},
        ),
        "ModifyReplicationGroupShardConfiguration": (
            {"ApplyImmediately": True, "NodeGroupCount": 4}, {"ApplyImmediately": True, "NodeGroupCount": 5},
            {"ApplyImmediately": True, "NodeGroupCount": 2, "NodeGroupsToRemove": ["0001"]},
            {"ApplyImmediately": True, "NodeGroupCount": 2, "NodeGroupsToRetain": ["0001", "0003"]},
        ),
        "ModifyUser": ({"AccessString": "on ~k:* +@read"}, {"NoPasswordRequired": True}),
        "RebootCacheCluster": ({"CacheNodeIdsToReboot": ["0001"]},),
        "StartMigration": ({"CustomerNodeEndpointList": [{"Address": "10.0.0.9", "Port": 6379}]},),
        "TestFailover": ({"NodeGroupId": "0001"}, {"NodeGroupId": "0002"}),
    }
)  # fmt: skip
