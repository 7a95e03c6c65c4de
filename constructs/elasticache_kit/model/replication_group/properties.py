"""The properties of AWS::ElastiCache::ReplicationGroup, read from what the API tells of a group that exists.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticache-replicationgroup.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from elasticache_kit.model.engine import Engine

# A part of an answer of the API, or of a template.
Document = Mapping[str, Any]

_ON = frozenset({"enabled", "enabling"})
# The first versions whose last number AWS chooses: Redis OSS 5.0.6 is asked for, 6.2.6 is what became of 6.2.
_FIRST_WITHOUT_PATCH = {Engine.REDIS: 6, Engine.VALKEY: 0}
_SYSTEM_TAGS = "aws:"


def properties(group: Document, member: Document, tags: Sequence[Document] = ()) -> dict[str, Any]:
    """Return the properties of a group as a template would say them; what is not set is left out.

    Left out too is what the API does not tell (the AUTH token, the snapshot that a group was seeded from), and where
    each node and slot happens to be, which changes without anybody asking for it.

    Args:
        group: the group as DescribeReplicationGroups shows it.
        member: one of its nodes as DescribeCacheClusters shows it, which alone tells version, parameter group, subnet
            group, security groups, maintenance window and topic.
        tags: its tags as ListTagsForResource shows them. Default: none.
    """
    engine = group.get("Engine") or member.get("Engine") or Engine.REDIS.value
    deliveries: Sequence[Document] = group.get("LogDeliveryConfigurations") or ()
    found: dict[str, Any] = {
        "ReplicationGroupId": group["ReplicationGroupId"],
        "ReplicationGroupDescription": group.get("Description"),
        "Engine": engine,
        "EngineVersion": asked_version(engine, member["EngineVersion"]) if "EngineVersion" in member else None,
        "CacheNodeType": group.get("CacheNodeType"),
        "CacheParameterGroupName": member.get("CacheParameterGroup", {}).get("CacheParameterGroupName"),
        "CacheSubnetGroupName": member.get("CacheSubnetGroupName"),
        "SecurityGroupIds": [item["SecurityGroupId"] for item in member.get("SecurityGroups", [])],
        "ClusterMode": cluster_mode(group),
        **_sizes(group),
        "AutomaticFailoverEnabled": group.get("AutomaticFailover") in _ON,
        "MultiAZEnabled": group.get("MultiAZ") in _ON,
        "TransitEncryptionEnabled": bool(group.get("TransitEncryptionEnabled")),
        "TransitEncryptionMode": group.get("TransitEncryptionMode") if group.get("TransitEncryptionEnabled") else None,
        "AtRestEncryptionEnabled": bool(group.get("AtRestEncryptionEnabled")),
        "KmsKeyId": group.get("KmsKeyId"),
        "Port": _port(group),
        "NetworkType": group.get("NetworkType"),
        "IpDiscovery": group.get("IpDiscovery"),
        "DataTieringEnabled": True if group.get("DataTiering") in _ON else None,
        "Durability": group.get("Durability"),
        "SnapshotRetentionLimit": group.get("SnapshotRetentionLimit", 0),
        "SnapshotWindow": group.get("SnapshotWindow") if group.get("SnapshotRetentionLimit") else None,
        "PreferredMaintenanceWindow": member.get("PreferredMaintenanceWindow"),
        "AutoMinorVersionUpgrade": bool(group.get("AutoMinorVersionUpgrade", member.get("AutoMinorVersionUpgrade"))),
        "UserGroupIds": list(group.get("UserGroupIds") or []),
        "LogDeliveryConfigurations": [_log(item) for item in deliveries],
        "NotificationTopicArn": _topic(member),
        "Tags": [
            {"Key": tag["Key"], "Value": tag.get("Value", "")}
            for tag in tags
            if not tag["Key"].startswith(_SYSTEM_TAGS)
        ],
    }
    return {name: value for name, value in found.items() if value is not None and value != []}


def asked_version(engine: str, version: str) -> str:
    """Return the version that one asks for to get the version that runs: `8.1` for 8.1.0, but `5.0.6` for 5.0.6."""
    major, _, rest = version.partition(".")
    minor = rest.partition(".")[0]
    return f"{major}.{minor}" if int(major) >= _FIRST_WITHOUT_PATCH[Engine(engine)] else version


def cluster_mode(group: Document) -> str:
    """Return the cluster mode of a group; an API from before `compatible` tells only whether it is enabled."""
    return group.get("ClusterMode") or ("enabled" if group.get("ClusterEnabled") else "disabled")


def replica_counts(group: Document) -> dict[str, int]:
    """Return the number of replicas of each node group by the id of that."""
    return {item["NodeGroupId"]: len(item.get("NodeGroupMembers", [])) - 1 for item in group.get("NodeGroups", [])}


def _sizes(group: Document) -> dict[str, Any]:
    if cluster_mode(group) != "enabled":
        return {"NumCacheClusters": len(group.get("MemberClusters", []))}
    counts = replica_counts(group)
    sizes: dict[str, Any] = {"NumNodeGroups": len(counts)}
    if len(set(counts.values())) == 1:
        return {**sizes, "ReplicasPerNodeGroup": next(iter(counts.values()))}
    configuration = [{"NodeGroupId": name, "ReplicaCount": count} for name, count in sorted(counts.items())]
    return {**sizes, "NodeGroupConfiguration": configuration}


def _port(group: Document) -> int | None:
    node_groups: list[Document] = group.get("NodeGroups") or [{}]
    endpoint: Document = group.get("ConfigurationEndpoint") or node_groups[0].get("PrimaryEndpoint") or {}
    return endpoint.get("Port")


def _topic(member: Document) -> str | None:
    notification: Document = member.get("NotificationConfiguration") or {}
    return notification.get("TopicArn") if notification.get("TopicStatus", "active") == "active" else None


def _log(item: Document) -> dict[str, Any]:
    kept = ("LogType", "LogFormat", "DestinationType", "DestinationDetails")
    return {name: item[name] for name in kept if item.get(name)}
