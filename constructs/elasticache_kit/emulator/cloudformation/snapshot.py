"""AWS::ElastiCache::Snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from moto.core.common_models import CloudFormationModel

from elasticache_kit.emulator.cloudformation.elasticache import ElastiCacheResource
from elasticache_kit.emulator.fault import Fault


class SnapshotResource(ElastiCacheResource, CloudFormationModel):
    """A snapshot of a cache that a stack takes; Ref is its ARN."""

    CREATE = "CreateSnapshot"
    NAME = "SnapshotName"
    IDENTIFIER = "Arn"
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
        """Its name: that of the template, else the end of the ARN."""
        return str(self.properties.get(self.NAME) or self.physical_resource_id.rpartition(":")[2])

    def look(self) -> None:
        """Raise the API's fault where there is no snapshot of that ARN."""
        if self.shown()["ARN"] != self.physical_resource_id:
            raise Fault("SnapshotNotFoundFault", f"There is no snapshot {self.physical_resource_id}.")

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
