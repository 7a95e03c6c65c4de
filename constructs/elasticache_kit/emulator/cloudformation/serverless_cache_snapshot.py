"""AWS::ElastiCache::ServerlessCacheSnapshot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from moto.core.common_models import CloudFormationModel

from elasticache_kit.emulator.cloudformation.elasticache import ElastiCacheResource
from elasticache_kit.emulator.fault import Fault


class ServerlessCacheSnapshotResource(ElastiCacheResource, CloudFormationModel):
    """A snapshot of a serverless cache that a stack takes; Ref is its ARN."""

    CREATE = "CreateServerlessCacheSnapshot"
    NAME = "ServerlessCacheSnapshotName"
    IDENTIFIER = "ARN"
    SHOWN: ClassVar[Mapping[str, str]] = {
        "KmsKeyId": "KmsKeyId",
        "ServerlessCacheName": "ServerlessCacheConfiguration.ServerlessCacheName",
        "ServerlessCacheSnapshotName": "ServerlessCacheSnapshotName",
    }

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::ElastiCache::ServerlessCacheSnapshot"

    @property
    def snapshot_name(self) -> str:
        """Its name: that of the template, else the end of the ARN."""
        return str(self.properties.get(self.NAME) or self.physical_resource_id.rpartition(":")[2])

    def look(self) -> None:
        """Raise the API's fault where there is no snapshot of that ARN."""
        if self.shown()["ARN"] != self.physical_resource_id:
            raise Fault("ServerlessCacheSnapshotNotFoundFault", f"There is no snapshot {self.physical_resource_id}.")

    def create(self) -> None:
        """Call CreateServerlessCacheSnapshot and wait."""
        made = self.api("CreateServerlessCacheSnapshot", **self.properties)
        self.physical_resource_id = str(made["ServerlessCacheSnapshot"]["ARN"])
        self.made()

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DeleteServerlessCacheSnapshot and wait until the snapshot is gone."""
        del account_id, region_name
        self.gone("DeleteServerlessCacheSnapshot", ServerlessCacheSnapshotName=self.snapshot_name)

    def shown(self) -> Mapping[str, Any]:
        """Call DescribeServerlessCacheSnapshots."""
        found = self.api("DescribeServerlessCacheSnapshots", ServerlessCacheSnapshotName=self.snapshot_name)
        return found["ServerlessCacheSnapshots"][0]

    def attribute(self, name: str) -> Any:
        """Return an attribute; a snapshot that holds no data has no bytes."""
        value = super().attribute(name)
        return "0" if value is None and name == "BytesUsedForCache" else value
