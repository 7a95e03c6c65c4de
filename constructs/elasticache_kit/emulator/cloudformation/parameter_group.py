"""AWS::ElastiCache::ParameterGroup."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from moto.core.common_models import CloudFormationModel

from elasticache_kit.emulator.action import parameter_group
from elasticache_kit.emulator.cloudformation.elasticache import ElastiCacheResource
from elasticache_kit.emulator.fault import Fault


class ParameterGroupResource(ElastiCacheResource, CloudFormationModel):
    """A parameter group of a stack: its name is always of CloudFormation's making."""

    CREATE = "CreateCacheParameterGroup"
    NAME = "CacheParameterGroupName"
    LONGEST_NAME = 255
    PATHS: ClassVar[Mapping[str, str]] = {"CacheParameterGroupName": "CacheParameterGroupName"}
    SHOWN: ClassVar[Mapping[str, str]] = {
        "CacheParameterGroupFamily": "CacheParameterGroupFamily",
        "Description": "Description",
    }

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::ElastiCache::ParameterGroup"

    def create(self) -> None:
        """Call CreateCacheParameterGroup and set the values; a group whose values are refused is taken back."""
        self.api(
            "CreateCacheParameterGroup",
            CacheParameterGroupName=self.physical_resource_id,
            CacheParameterGroupFamily=self.properties.get("CacheParameterGroupFamily"),
            Description=self.properties.get("Description"),
            Tags=self.properties.get("Tags"),
        )
        try:
            self._assign()
        except Fault:
            self.delete("", "")
            raise

    def update(self, old: Mapping[str, Any]) -> None:
        """Set the values anew; where they are refused the group keeps what it had."""
        group = self.region.parameter_group(self.physical_resource_id)
        if old.get("Description") != self.properties.get("Description"):
            self.remarks.append("ElastiCache has no call that changes the Description of a parameter group.")
        before, group.values = group.values, {}
        try:
            self._assign()
        except Fault:
            group.values = before
            raise
        self.retag(old)

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DeleteCacheParameterGroup."""
        del account_id, region_name
        if self.physical_resource_id in self.region.parameter_groups:
            self.api("DeleteCacheParameterGroup", CacheParameterGroupName=self.physical_resource_id)

    def shown(self) -> Mapping[str, Any]:
        """Call DescribeCacheParameterGroups."""
        found = self.api("DescribeCacheParameterGroups", CacheParameterGroupName=self.physical_resource_id)
        return found["CacheParameterGroups"][0]

    def actual(self) -> Mapping[str, Any] | None:
        """Add the values that differ from the defaults of the family."""
        found = super().actual()
        if found is None:
            return None
        return {**found, "Properties": dict(self.region.parameter_group(self.physical_resource_id).values)}

    def _assign(self) -> None:
        values: dict[str, object] = self.properties.get("Properties", {})
        group = self.region.parameter_group(self.physical_resource_id)
        parameter_group.assign(group, {name: _text(value) for name, value in values.items()})


def _text(value: object) -> str:
    """Write a value as CloudFormation sends it: every value of a parameter group is text."""
    return str(value).lower() if isinstance(value, bool) else str(value)
