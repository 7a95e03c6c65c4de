"""Reading back: what the API tells of a deployed resource, against the properties that the template asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Properties = Mapping[str, Any]
Reader = Callable[[Any, str, Properties], Iterator[tuple[str, object, object]]]

# Properties that tell how the stack changes later, or that no describe call shows.
SILENT = frozenset(
    {
        "AuthToken", "CacheSecurityGroupNames", "FinalSnapshotName", "NoPasswordRequired", "NotificationTopicArn",
        "Passwords", "SecurityGroupIds", "SnapshotArns", "SnapshotName", "Tags", "UserGroupIds", "VpcSecurityGroupIds",
    }
)  # fmt: skip


def replication_group(client: Any, name: str, asked: Properties) -> Iterator[tuple[str, object, object]]:
    """Yield each property of a replication group with what was asked and what is there."""
    (group,) = client.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"]
    (node,) = client.describe_cache_clusters(CacheClusterId=group["MemberClusters"][0])["CacheClusters"]
    shards = group["NodeGroups"]
    zones = [[member["PreferredAvailabilityZone"] for member in shard["NodeGroupMembers"]] for shard in shards]
    endpoint = group.get("ConfigurationEndpoint") or shards[0]["PrimaryEndpoint"]
    there: dict[str, object] = {
        "ReplicationGroupId": group["ReplicationGroupId"],
        "ReplicationGroupDescription": group["Description"],
        "AutomaticFailoverEnabled": group["AutomaticFailover"] == "enabled",
        "MultiAZEnabled": group["MultiAZ"] == "enabled",
        "DataTieringEnabled": group["DataTiering"] == "enabled",
        "NumCacheClusters": len(group["MemberClusters"]),
        "NumNodeGroups": len(shards),
        "ReplicasPerNodeGroup": len(shards[0]["NodeGroupMembers"]) - 1,
        "PreferredCacheClusterAZs": zones[0],
        "PreferredMaintenanceWindow": node["PreferredMaintenanceWindow"],
        "CacheParameterGroupName": node["CacheParameterGroup"]["CacheParameterGroupName"],
        "CacheSubnetGroupName": node["CacheSubnetGroupName"],
        "EngineVersion": node["EngineVersion"],
        "Port": endpoint["Port"],
        # What is asked for as `default` is shown as what it comes to.
        "Durability": asked.get("Durability"),
        "NodeGroupConfiguration": asked.get("NodeGroupConfiguration"),
        **{key: group[key] for key in asked if key in group},
        "LogDeliveryConfigurations": _logs(group),
    }
    for key in sorted(asked.keys() - SILENT):
        yield key, _without_patch(key, asked[key], there), there.get(key, "(not shown)")
    configuration: list[dict[str, Any]] = asked.get("NodeGroupConfiguration") or []
    for number, item in enumerate(configuration):
        shown = {
            "NodeGroupId": shards[number]["NodeGroupId"],
            "Slots": shards[number].get("Slots"),
            "ReplicaCount": len(zones[number]) - 1,
            "PrimaryAvailabilityZone": zones[number][0],
            "ReplicaAvailabilityZones": zones[number][1:],
        }
        for key, wanted in item.items():
            yield f"NodeGroupConfiguration[{number}].{key}", wanted, shown[key]
    yield from tags(client, group["ARN"], asked)


def _logs(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return where logs go, without what only an answer tells: how the delivery fares."""
    return [
        {key: value for key, value in item.items() if key not in ("Status", "Message")}
        for item in found.get("LogDeliveryConfigurations", [])
    ]


def parameter_group(client: Any, name: str, asked: Properties) -> Iterator[tuple[str, object, object]]:
    """Yield each property of a parameter group."""
    (group,) = client.describe_cache_parameter_groups(CacheParameterGroupName=name)["CacheParameterGroups"]
    pages = client.get_paginator("describe_cache_parameters").paginate(CacheParameterGroupName=name, Source="user")
    values = {item["ParameterName"]: item["ParameterValue"] for page in pages for item in page["Parameters"]}
    yield "Properties", dict(asked.get("Properties") or {}), values
    yield "CacheParameterGroupFamily", asked["CacheParameterGroupFamily"], group["CacheParameterGroupFamily"]
    yield "Description", asked["Description"], group["Description"]


def subnet_group(client: Any, name: str, asked: Properties) -> Iterator[tuple[str, object, object]]:
    """Yield each property of a subnet group."""
    (group,) = client.describe_cache_subnet_groups(CacheSubnetGroupName=name)["CacheSubnetGroups"]
    yield "Description", asked["Description"], group["CacheSubnetGroupDescription"]
    yield "SubnetIds", sorted(asked["SubnetIds"]), sorted(item["SubnetIdentifier"] for item in group["Subnets"])


def cache_cluster(client: Any, name: str, asked: Properties) -> Iterator[tuple[str, object, object]]:
    """Yield each property of a Memcached cluster."""
    (found,) = client.describe_cache_clusters(CacheClusterId=name, ShowCacheNodeInfo=True)["CacheClusters"]
    zones = [node["CustomerAvailabilityZone"] for node in found["CacheNodes"]]
    there = {
        **found,
        "ClusterName": found["CacheClusterId"],
        "CacheParameterGroupName": found["CacheParameterGroup"]["CacheParameterGroupName"],
        "PreferredAvailabilityZones": zones,
        "AZMode": "cross-az" if len(set(zones)) > 1 else "single-az",
        "Port": found["ConfigurationEndpoint"]["Port"],
        "LogDeliveryConfigurations": _logs(found),
    }
    for key in sorted(asked.keys() - SILENT):
        yield key, asked[key], there.get(key, "(not shown)")
    yield from tags(client, found["ARN"], asked)


def serverless_cache(client: Any, name: str, asked: Properties) -> Iterator[tuple[str, object, object]]:
    """Yield each property of a serverless cache."""
    (found,) = client.describe_serverless_caches(ServerlessCacheName=name)["ServerlessCaches"]
    for key in sorted(asked.keys() - SILENT):
        wanted, there = asked[key], found.get(key, "(not shown)")
        if key == "SubnetIds":
            wanted, there = sorted(wanted), sorted(there)
        yield key, wanted, there
    yield from tags(client, found["ARN"], asked)


def user(client: Any, name: str, asked: Properties) -> Iterator[tuple[str, object, object]]:
    """Yield each property of a user."""
    (found,) = client.describe_users(UserId=name)["Users"]
    mode: Mapping[str, Any] = asked.get("AuthenticationMode") or {}
    for key in sorted(asked.keys() - SILENT - {"AuthenticationMode"}):
        yield key, asked[key], found.get(key, "(not shown)")
    if mode.get("Type") == "iam":
        yield "AuthenticationMode", "iam", found["Authentication"]["Type"]


def user_group(client: Any, name: str, asked: Properties) -> Iterator[tuple[str, object, object]]:
    """Yield each property of a user group."""
    (found,) = client.describe_user_groups(UserGroupId=name)["UserGroups"]
    yield "Engine", asked["Engine"], found["Engine"]
    yield "UserIds", sorted(asked["UserIds"]), sorted(found["UserIds"])


def tags(client: Any, arn: str, asked: Properties) -> Iterator[tuple[str, object, object]]:
    """Yield the tags that were asked for."""
    there = {item["Key"]: item["Value"] for item in client.list_tags_for_resource(ResourceName=arn)["TagList"]}
    wanted: list[dict[str, str]] = asked.get("Tags") or []
    for item in wanted:
        yield f"Tags.{item['Key']}", item["Value"], there.get(item["Key"])


READERS: Mapping[str, Reader] = {
    "AWS::ElastiCache::CacheCluster": cache_cluster,
    "AWS::ElastiCache::ParameterGroup": parameter_group,
    "AWS::ElastiCache::ReplicationGroup": replication_group,
    "AWS::ElastiCache::ServerlessCache": serverless_cache,
    "AWS::ElastiCache::SubnetGroup": subnet_group,
    "AWS::ElastiCache::User": user,
    "AWS::ElastiCache::UserGroup": user_group,
}


def _without_patch(key: str, asked: object, there: Mapping[str, object]) -> object:
    """Return what was asked for; of an engine version as much as was asked is compared."""
    if key == "EngineVersion" and str(there[key]).startswith(f"{asked}."):
        return there[key]
    return asked
