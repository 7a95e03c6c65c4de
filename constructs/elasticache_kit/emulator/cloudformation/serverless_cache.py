"""AWS::ElastiCache::ServerlessCache."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from moto.core.common_models import CloudFormationModel

from elasticache_kit.emulator.cloudformation.elasticache import ElastiCacheResource


class ServerlessCacheResource(ElastiCacheResource, CloudFormationModel):
    """A serverless cache of a stack."""

    CREATE = "CreateServerlessCache"
    MODIFY = "ModifyServerlessCache"
    NAME = "ServerlessCacheName"
    DEFAULTS: ClassVar[Mapping[str, Any]] = {
        "CacheUsageLimits": {"DataStorage": {"Maximum": 0, "Unit": "GB"}, "ECPUPerSecond": {"Maximum": 0}},
        "Description": "",
        "SnapshotRetentionLimit": 0,
    }
    # The name of the final snapshot is asked for when the cache goes.
    APART = frozenset({"FinalSnapshotName", "UserGroupId"})
    SHOWN: ClassVar[Mapping[str, str]] = {
        "ConnectionType": "ConnectionType",
        "DailySnapshotTime": "DailySnapshotTime",
        "Description": "Description",
        "Engine": "Engine",
        "KmsKeyId": "KmsKeyId",
        "MajorEngineVersion": "MajorEngineVersion",
        "NetworkType": "NetworkType",
        "SecurityGroupIds": "SecurityGroupIds",
        "SnapshotRetentionLimit": "SnapshotRetentionLimit",
        "SubnetIds": "SubnetIds",
        "UserGroupId": "UserGroupId",
    }

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::ElastiCache::ServerlessCache"

    def create(self) -> None:
        """Call CreateServerlessCache and wait."""
        given = {name: value for name, value in self.properties.items() if name != "FinalSnapshotName"}
        self.api("CreateServerlessCache", **{**given, "ServerlessCacheName": self.physical_resource_id})
        self.made()

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DeleteServerlessCache and wait until the cache is gone."""
        del account_id, region_name
        self.gone("DeleteServerlessCache", ServerlessCacheName=self.physical_resource_id)

    def delete_with_snapshot(self, account_id: str, region_name: str) -> None:
        """Delete as FinalSnapshotName asks."""
        del account_id, region_name
        self.gone(
            "DeleteServerlessCache",
            ServerlessCacheName=self.physical_resource_id,
            FinalSnapshotName=self.properties.get("FinalSnapshotName"),
        )

    def shown(self) -> Mapping[str, Any]:
        """Call DescribeServerlessCaches."""
        found = self.api("DescribeServerlessCaches", ServerlessCacheName=self.physical_resource_id)
        return found["ServerlessCaches"][0]

    def differences(self, old: Mapping[str, Any]) -> dict[str, Any]:
        """Say that no user group lets anybody in where it has left the template."""
        request = super().differences(old)
        after = self.properties.get("UserGroupId")
        if after != old.get("UserGroupId"):
            request |= {"UserGroupId": after} if after else {"RemoveUserGroup": True}
        return request
