"""AWS::ElastiCache::ParameterGroup."""

from __future__ import annotations

from collections.abc import Mapping

from moto.core.common_models import CloudFormationModel

from elasticache_kit.emulator.action import parameter_group
from elasticache_kit.emulator.cloudformation.elasticache import ElastiCacheResource
from elasticache_kit.emulator.fault import Fault


class ParameterGroupResource(ElastiCacheResource, CloudFormationModel):
    """A parameter group of a stack: its name is always of CloudFormation's making."""

    CREATE = "CreateCacheParameterGroup"
    NAME = "CacheParameterGroupName"
    ATTRIBUTES = frozenset({"CacheParameterGroupName"})

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::ElastiCache::ParameterGroup"

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """Return the name: the type has no other attribute."""
        del attribute_name
        return self.physical_resource_id

    def look(self) -> None:
        """Raise CacheParameterGroupNotFound where there is none."""
        self.region.parameter_group(self.physical_resource_id)

    def create(self) -> None:
        """Call CreateCacheParameterGroup and set the values; a group whose values are refused is taken back."""
        request = {
            "CacheParameterGroupName": self.physical_resource_id,
            "CacheParameterGroupFamily": self.properties.get("CacheParameterGroupFamily"),
            "Description": self.properties.get("Description"),
            "Tags": self.properties.get("Tags", []),
        }
        parameter_group.create_cache_parameter_group(self.region, request)
        try:
            self._assign()
        except Fault:
            del self.region.parameter_groups[self.physical_resource_id]
            raise

    def update(self, old: Mapping[str, object]) -> None:
        """Set the values anew; where they are refused the group keeps what it had."""
        del old
        group = self.region.parameter_group(self.physical_resource_id)
        before, group.values = group.values, {}
        try:
            self._assign()
        except Fault:
            group.values = before
            raise

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DeleteCacheParameterGroup."""
        del account_id, region_name
        parameter_group.delete_cache_parameter_group(self.region, {self.NAME: self.physical_resource_id})

    def _assign(self) -> None:
        values: dict[str, object] = self.properties.get("Properties", {})
        group = self.region.parameter_group(self.physical_resource_id)
        parameter_group.assign(group, {name: _text(value) for name, value in values.items()})


def _text(value: object) -> str:
    """Write a value as CloudFormation sends it: every value of a parameter group is text."""
    return str(value).lower() if isinstance(value, bool) else str(value)
