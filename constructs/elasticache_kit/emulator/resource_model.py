"""What Cloud Control tells of a resource: its properties in CloudFormation's form, those of the type's schema.

Left out is what the schema calls write-only: AWS does not tell it either, and who relied on it here would fail there.
Source: the provider schemas of AWS::ElastiCache of 2026-10-20, `writeOnlyProperties` and `readOnlyProperties`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator.action import cache_cluster, parameter_group, replication_group, subnet_group
from elasticache_kit.emulator.cloudformation.replication_group import ReplicationGroupResource
from elasticache_kit.emulator.fault import Fault
from elasticache_kit.model.replication_group.properties import properties as properties_of_group
from elasticache_kit.model.return_value import attributes

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region


class ResourceType(ABC):
    """A type that Cloud Control can read."""

    identifier: str
    write_only: frozenset[str] = frozenset()

    def read(self, region: Region, name: str) -> dict[str, Any] | None:
        """Return the properties of a resource, None where there is none."""
        try:
            found = self.properties(region, name)
        except Fault:
            return None
        return {key: value for key, value in found.items() if key not in self.write_only and value not in (None, [])}

    @abstractmethod
    def names(self, region: Region) -> list[str]:
        """Return the identifiers of all resources, sorted."""

    @abstractmethod
    def properties(self, region: Region, name: str) -> dict[str, Any]:
        """Return all properties of a resource.

        Raises:
            Fault: there is none.
        """


class _ReplicationGroup(ResourceType):
    identifier = "ReplicationGroupId"
    write_only = frozenset(
        {
            "AuthToken",
            "CacheParameterGroupName",
            "CacheSecurityGroupNames",
            "CacheSubnetGroupName",
            "EngineVersion",
            "KmsKeyId",
            "NodeGroupConfiguration",
            "NotificationTopicArn",
            "NumNodeGroups",
            "PreferredCacheClusterAZs",
            "PreferredMaintenanceWindow",
            "PrimaryClusterId",
            "SecurityGroupIds",
            "SnapshotArns",
            "SnapshotName",
        }
    )

    def names(self, region: Region) -> list[str]:
        return sorted(region.replication_groups)

    def properties(self, region: Region, name: str) -> dict[str, Any]:
        group = region.replication_group(name)
        shown = replication_group.describe(region, group)
        request = {"CacheClusterId": shown["MemberClusters"][0]}
        member = cache_cluster.describe_cache_clusters(region, request)["CacheClusters"][0]
        return {**properties_of_group(shown, member, _tags(region, group.arn)), **_attributes(region, name)}


class _CacheCluster(ResourceType):
    identifier = "ClusterName"
    write_only = frozenset({"CacheSecurityGroupNames", "PreferredAvailabilityZone", "SnapshotArns", "SnapshotName"})

    def names(self, region: Region) -> list[str]:
        found: list[str] = []
        marker: str | None = None
        while True:
            page = cache_cluster.describe_cache_clusters(region, {"Marker": marker})
            found += [item["CacheClusterId"] for item in page["CacheClusters"]]
            marker = page["Marker"]
            if marker is None:
                return sorted(found)

    def properties(self, region: Region, name: str) -> dict[str, Any]:
        shown = _clusters(region, {"CacheClusterId": name})[0]
        return {
            "ClusterName": shown["CacheClusterId"],
            "CacheNodeType": shown["CacheNodeType"],
            "Engine": shown["Engine"],
            "EngineVersion": shown["EngineVersion"],
            "NumCacheNodes": shown["NumCacheNodes"],
            "CacheParameterGroupName": shown["CacheParameterGroup"]["CacheParameterGroupName"],
            "CacheSubnetGroupName": shown.get("CacheSubnetGroupName"),
            "VpcSecurityGroupIds": [item["SecurityGroupId"] for item in shown.get("SecurityGroups", [])],
            "TransitEncryptionEnabled": shown.get("TransitEncryptionEnabled"),
            "PreferredMaintenanceWindow": shown.get("PreferredMaintenanceWindow"),
            "AutoMinorVersionUpgrade": shown.get("AutoMinorVersionUpgrade"),
            "NetworkType": shown.get("NetworkType"),
            "IpDiscovery": shown.get("IpDiscovery"),
            "Tags": _tags(region, shown["ARN"]),
        }


class _SubnetGroup(ResourceType):
    identifier = "CacheSubnetGroupName"

    def names(self, region: Region) -> list[str]:
        return sorted(region.subnet_groups)

    def properties(self, region: Region, name: str) -> dict[str, Any]:
        shown = subnet_group.describe(region.subnet_group(name))
        return {
            "CacheSubnetGroupName": shown["CacheSubnetGroupName"],
            "Description": shown["CacheSubnetGroupDescription"],
            "SubnetIds": [item["SubnetIdentifier"] for item in shown["Subnets"]],
            "Tags": _tags(region, shown["ARN"]),
        }


class _ParameterGroup(ResourceType):
    identifier = "CacheParameterGroupName"

    def names(self, region: Region) -> list[str]:
        return sorted(region.parameter_groups)

    def properties(self, region: Region, name: str) -> dict[str, Any]:
        group = region.parameter_group(name)
        shown = parameter_group.describe(group)
        return {
            "CacheParameterGroupName": shown["CacheParameterGroupName"],
            "CacheParameterGroupFamily": shown["CacheParameterGroupFamily"],
            "Description": shown["Description"],
            "Properties": dict(group.values) or None,
            "Tags": _tags(region, group.arn),
        }


TYPES: Mapping[str, ResourceType] = MappingProxyType(
    {
        "AWS::ElastiCache::CacheCluster": _CacheCluster(),
        "AWS::ElastiCache::ParameterGroup": _ParameterGroup(),
        "AWS::ElastiCache::ReplicationGroup": _ReplicationGroup(),
        "AWS::ElastiCache::SubnetGroup": _SubnetGroup(),
    }
)


def _attributes(region: Region, name: str) -> dict[str, Any]:
    """Return what Fn::GetAtt knows of a group, nested as the schema has it; without the endpoints that it has not."""
    resource: Any = ReplicationGroupResource(name.lower(), {}, region)
    found: dict[str, Any] = {}
    for attribute, kind in attributes(ReplicationGroupResource.cloudformation_type()).items():
        if kind == "json":
            continue  # Its members come one by one.
        whole, _, part = attribute.partition(".")
        try:
            value = resource.get_cfn_attribute(attribute)
        except Fault:
            continue
        if part:
            found.setdefault(whole, {})[part] = value
        else:
            found[whole] = value
    return found


def _clusters(region: Region, request: Mapping[str, Any]) -> list[dict[str, Any]]:
    return cache_cluster.describe_cache_clusters(region, request)["CacheClusters"]


def _tags(region: Region, arn: str) -> list[dict[str, str]]:
    tags: dict[str, str] = region.tagging.get_tag_dict_for_resource(arn)
    return [{"Key": key, "Value": value} for key, value in tags.items()]
