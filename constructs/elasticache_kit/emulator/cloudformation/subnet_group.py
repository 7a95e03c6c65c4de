"""AWS::ElastiCache::SubnetGroup."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from moto.core.common_models import CloudFormationModel

from elasticache_kit.emulator.cloudformation.elasticache import ElastiCacheResource


class SubnetGroupResource(ElastiCacheResource, CloudFormationModel):
    """A subnet group of a stack."""

    CREATE = "CreateCacheSubnetGroup"
    MODIFY = "ModifyCacheSubnetGroup"
    NAME = "CacheSubnetGroupName"
    MEMBERS: ClassVar[Mapping[str, str]] = {"Description": "CacheSubnetGroupDescription"}
    SHOWN: ClassVar[Mapping[str, str]] = {
        "Description": "CacheSubnetGroupDescription",
        "SubnetIds": "Subnets.SubnetIdentifier",
    }

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::ElastiCache::SubnetGroup"

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DeleteCacheSubnetGroup."""
        del account_id, region_name
        if self.physical_resource_id in self.region.subnet_groups:
            self.api("DeleteCacheSubnetGroup", CacheSubnetGroupName=self.physical_resource_id)

    def shown(self) -> Mapping[str, Any]:
        """Call DescribeCacheSubnetGroups."""
        found = self.api("DescribeCacheSubnetGroups", CacheSubnetGroupName=self.physical_resource_id)
        return found["CacheSubnetGroups"][0]

    def status(self) -> str:
        """Return that it is available: a subnet group has no status."""
        return "available"
