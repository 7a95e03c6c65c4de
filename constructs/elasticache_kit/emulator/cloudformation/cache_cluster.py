"""AWS::ElastiCache::CacheCluster."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, ClassVar

from moto.core.common_models import CloudFormationModel

from elasticache_kit.emulator.cloudformation.elasticache import ElastiCacheResource
from elasticache_kit.emulator.cloudformation.log_delivery import removed
from elasticache_kit.emulator.fault import invalid_value

LONGEST_NAME = 50


class CacheClusterResource(ElastiCacheResource, CloudFormationModel):
    """A cluster of Memcached, or a single node of Redis OSS, of a stack."""

    CREATE = "CreateCacheCluster"
    MODIFY = "ModifyCacheCluster"
    NAME = "ClusterName"
    LONGEST_NAME = LONGEST_NAME
    MEMBERS: ClassVar[Mapping[str, str]] = {"ClusterName": "CacheClusterId", "VpcSecurityGroupIds": "SecurityGroupIds"}
    DEFAULTS: ClassVar[Mapping[str, Any]] = {"AutoMinorVersionUpgrade": True, "SnapshotRetentionLimit": 0}
    APART = frozenset(
        {"LogDeliveryConfigurations", "NotificationTopicArn", "NumCacheNodes", "PreferredAvailabilityZones"}
    )
    PATHS: ClassVar[Mapping[str, str]] = {"RedisEndpoint": "CacheNodes.0.Endpoint"}
    SHOWN: ClassVar[Mapping[str, str]] = {
        "AutoMinorVersionUpgrade": "AutoMinorVersionUpgrade",
        "CacheNodeType": "CacheNodeType",
        "CacheParameterGroupName": "CacheParameterGroup.CacheParameterGroupName",
        "CacheSubnetGroupName": "CacheSubnetGroupName",
        "Engine": "Engine",
        "EngineVersion": "EngineVersion",
        "NetworkType": "NetworkType",
        "NotificationTopicArn": "NotificationConfiguration.TopicArn",
        "NumCacheNodes": "NumCacheNodes",
        "PreferredMaintenanceWindow": "PreferredMaintenanceWindow",
        "SnapshotRetentionLimit": "SnapshotRetentionLimit",
        "SnapshotWindow": "SnapshotWindow",
        "TransitEncryptionEnabled": "TransitEncryptionEnabled",
        "VpcSecurityGroupIds": "SecurityGroups.SecurityGroupId",
    }

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::ElastiCache::CacheCluster"

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DeleteCacheCluster and wait until the cluster is gone."""
        del account_id, region_name
        self.gone("DeleteCacheCluster", CacheClusterId=self.physical_resource_id)

    def delete_with_snapshot(self, account_id: str, region_name: str) -> None:
        """Delete as DeletionPolicy Snapshot asks, with a final snapshot."""
        del account_id, region_name
        name = f"{self.physical_resource_id[:30].rstrip('-')}-final-{secrets.token_hex(4)}"
        self.gone("DeleteCacheCluster", CacheClusterId=self.physical_resource_id, FinalSnapshotIdentifier=name)

    def shown(self) -> Mapping[str, Any]:
        """Call DescribeCacheClusters."""
        found = self.api("DescribeCacheClusters", CacheClusterId=self.physical_resource_id, ShowCacheNodeInfo=True)
        return found["CacheClusters"][0]

    def status(self) -> str:
        """Return CacheClusterStatus."""
        return str(self.shown()["CacheClusterStatus"])

    def attribute(self, name: str) -> Any:
        """Return an endpoint: that of the only node of Redis OSS, or the one that leads to the nodes of Memcached."""
        kind, _, part = name.partition(".")
        if kind == "RedisEndpoint" and self.shown()["Engine"] != "redis":
            return None
        endpoint: Mapping[str, Any] | None = super().attribute(kind)
        return endpoint[part] if endpoint and part else endpoint

    def differences(self, old: Mapping[str, Any]) -> dict[str, Any]:
        """Say which nodes come and go, where events go, and where logs go."""
        request = {**super().differences(old), **self._nodes(old), **removed(old, self.properties)}
        topic, before = self.properties.get("NotificationTopicArn"), old.get("NotificationTopicArn")
        if topic != before:
            request |= (
                {"NotificationTopicArn": topic, "NotificationTopicStatus": "active"}
                if topic
                else {"NotificationTopicStatus": "inactive"}
            )
        return {**request, "ApplyImmediately": True} if request else {}

    def _nodes(self, old: Mapping[str, Any]) -> dict[str, Any]:
        nodes: list[dict[str, Any]] = self.shown()["CacheNodes"]
        wanted = int(self.properties.get("NumCacheNodes", len(nodes)))
        zones: list[str] = self.properties.get("PreferredAvailabilityZones") or []
        if wanted < len(nodes):
            return {
                "NumCacheNodes": wanted,
                "CacheNodeIdsToRemove": [item["CacheNodeId"] for item in nodes[wanted:]],
            }
        if wanted > len(nodes):
            come = zones[len(nodes) : wanted]
            return {"NumCacheNodes": wanted, "NewAvailabilityZones": come if len(come) == wanted - len(nodes) else None}
        if zones != (old.get("PreferredAvailabilityZones") or []):
            raise invalid_value(f"PreferredAvailabilityZones: the nodes of {self.physical_resource_id} do not move.")
        return {}
