"""AWS::ElastiCache::SubnetGroup."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.core.common_models import CloudFormationModel

from elasticache_kit.emulator.action import subnet_group
from elasticache_kit.emulator.cloudformation.elasticache import ElastiCacheResource


class SubnetGroupResource(ElastiCacheResource, CloudFormationModel):
    """A subnet group of a stack."""

    CREATE = "CreateCacheSubnetGroup"
    NAME = "CacheSubnetGroupName"
    ATTRIBUTES = frozenset({"CacheSubnetGroupName"})

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::ElastiCache::SubnetGroup"

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """Return the name: the type has no other attribute."""
        del attribute_name
        return self.physical_resource_id

    def look(self) -> None:
        """Raise CacheSubnetGroupNotFoundFault where there is none."""
        self.region.subnet_group(self.physical_resource_id)

    def create(self) -> None:
        """Call CreateCacheSubnetGroup."""
        subnet_group.create_cache_subnet_group(self.region, self._request())

    def update(self, old: Mapping[str, Any]) -> None:
        """Call ModifyCacheSubnetGroup."""
        del old
        subnet_group.modify_cache_subnet_group(self.region, self._request())

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DeleteCacheSubnetGroup."""
        del account_id, region_name
        subnet_group.delete_cache_subnet_group(self.region, {self.NAME: self.physical_resource_id})

    def _request(self) -> dict[str, Any]:
        return {
            "CacheSubnetGroupName": self.physical_resource_id,
            "CacheSubnetGroupDescription": self.properties.get("Description"),
            "SubnetIds": self.properties.get("SubnetIds", []),
            "Tags": self.properties.get("Tags", []),
        }
