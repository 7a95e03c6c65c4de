"""AWS::ElastiCache::Snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from moto.core.common_models import CloudFormationModel

from elasticache_kit.emulator.cloudformation.elasticache import ElastiCacheResource


class SnapshotResource(ElastiCacheResource, CloudFormationModel):
    """A snapshot of a cache that a stack takes; Ref is its ARN."""

    CREATE = "CreateSnapshot"
    NAME = "SnapshotName"
    PATHS: ClassVar[Mapping[str, str]] = {"Arn": "ARN"}
    SHOWN: ClassVar[Mapping[str, str]] = {
        "CacheClusterId": "CacheClusterId",
        "KmsKeyId": "KmsKeyId",
        "ReplicationGroupId": "ReplicationGroupId",
        "SnapshotName": "SnapshotName",
    }

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::ElastiCache::Snapshot"

    @property
    def snapshot_name(self) -> str:
        """Its name, which the template always has."""
        return str(self.properties[self.NAME])

    def create(self) -> None:
        """Call CreateSnapshot and wait."""
        made = self.api("CreateSnapshot", **self.properties)
        self.physical_resource_id = str(made["Snapshot"]["ARN"])
        self.made()

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DeleteSnapshot and wait until the snapshot is gone."""
        del account_id, region_name
        self.gone("DeleteSnapshot", SnapshotName=self.snapshot_name)

    def shown(self) -> Mapping[str, Any]:
        """Call DescribeSnapshots."""
        return self.api("DescribeSnapshots", SnapshotName=self.snapshot_name)["Snapshots"][0]

    def status(self) -> str:
        """Return SnapshotStatus."""
        return str(self.shown()["SnapshotStatus"])
