"""AWS::ElastiCache::GlobalReplicationGroup."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from moto.core.common_models import CloudFormationModel

from elasticache_kit.emulator.cloudformation.elasticache import ElastiCacheResource, fitted
from elasticache_kit.emulator.fault import invalid_combination, invalid_value

PRIMARY = "PRIMARY"
LONGEST_SUFFIX = 34
# What a datastore takes when it is made; all else is a change of what its primary brings along.
MADE_WITH = ("GlobalReplicationGroupDescription", "Tags")


class GlobalReplicationGroupResource(ElastiCacheResource, CloudFormationModel):
    """A global datastore of a stack, around a replication group that becomes its primary.

    It is removed without its members: the primary stays, and secondaries keep it from being removed.
    """

    CREATE = "CreateGlobalReplicationGroup"
    MODIFY = "ModifyGlobalReplicationGroup"
    NAME = "GlobalReplicationGroupId"
    DEFAULTS: ClassVar[Mapping[str, Any]] = {"GlobalReplicationGroupDescription": ""}
    APART = frozenset({"GlobalNodeGroupCount", "GlobalReplicationGroupIdSuffix", "Members", "RegionalConfigurations"})
    PATHS: ClassVar[Mapping[str, str]] = {"Arn": "ARN"}
    SHOWN: ClassVar[Mapping[str, str]] = {
        "CacheNodeType": "CacheNodeType",
        "Engine": "Engine",
        "EngineVersion": "EngineVersion",
        "GlobalReplicationGroupDescription": "GlobalReplicationGroupDescription",
    }

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::ElastiCache::GlobalReplicationGroup"

    @classmethod
    def physical_name(cls, properties: Mapping[str, Any], generated: str) -> str:
        """Return the suffix that was asked for, or one of CloudFormation's making; the id is known once it is made."""
        return str(properties.get("GlobalReplicationGroupIdSuffix") or fitted(generated, LONGEST_SUFFIX))

    def create(self) -> None:
        """Call CreateGlobalReplicationGroup of the one member, then change what it shall have otherwise."""
        members = self._members(self.properties)
        if len(members) != 1 or PRIMARY not in members.values():
            raise invalid_combination("GlobalReplicationGroup cannot be created with multiple members")
        ((_, primary),) = members
        made = self.api(
            "CreateGlobalReplicationGroup",
            GlobalReplicationGroupIdSuffix=self.physical_resource_id,
            PrimaryReplicationGroupId=primary,
            **{name: self.properties.get(name) for name in MADE_WITH},
        )
        self.physical_resource_id = str(made["GlobalReplicationGroup"]["GlobalReplicationGroupId"])
        self.made()
        begun = {name: self.properties[name] for name in (*MADE_WITH, "Members") if name in self.properties}
        self.update({**begun, **self._unchanged()})

    def update(self, old: Mapping[str, Any]) -> None:
        """Change settings, then the number of node groups, then who takes the writes and who follows."""
        if request := self.differences(old):
            self._call("ModifyGlobalReplicationGroup", ApplyImmediately=True, **request)
        if old.get("GlobalReplicationGroupIdSuffix", "") != self.properties.get("GlobalReplicationGroupIdSuffix", ""):
            self.remarks.append("GlobalReplicationGroupIdSuffix: a global datastore cannot be renamed.")
        self._resize()
        before, after = self._members(old), self._members(self.properties)
        for (region, name), role in after.items():
            if (region, name) not in before:
                raise invalid_value(f"{name} in {region} joins by its own GlobalReplicationGroupId.")
            if role == PRIMARY != before[region, name]:
                self._call("FailoverGlobalReplicationGroup", PrimaryRegion=region, PrimaryReplicationGroupId=name)
        for region, name in before.keys() - after.keys():
            self._call("DisassociateGlobalReplicationGroup", ReplicationGroupId=name, ReplicationGroupRegion=region)
        self.retag(old)

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DeleteGlobalReplicationGroup, which keeps the primary, and wait until the datastore is gone."""
        del account_id, region_name
        self.gone(
            "DeleteGlobalReplicationGroup",
            GlobalReplicationGroupId=self.physical_resource_id,
            RetainPrimaryReplicationGroup=True,
        )

    def shown(self) -> Mapping[str, Any]:
        """Call DescribeGlobalReplicationGroups."""
        found = self.api(
            "DescribeGlobalReplicationGroups", GlobalReplicationGroupId=self.physical_resource_id, ShowMemberInfo=True
        )
        return found["GlobalReplicationGroups"][0]

    def _unchanged(self) -> dict[str, Any]:
        """Return what a new datastore has already, as the template would write it."""
        shown = self.shown()
        automatic = all(item["AutomaticFailover"] == "enabled" for item in shown["Members"])
        have = {**{name: shown.get(name) for name in self.SHOWN}, "AutomaticFailoverEnabled": automatic}
        own = {"GlobalReplicationGroupIdSuffix": self.properties.get("GlobalReplicationGroupIdSuffix", "")}
        return {**{name: value for name, value in have.items() if name in self.properties}, **own}

    def _resize(self) -> None:
        node_groups: list[dict[str, Any]] = self.shown().get("GlobalNodeGroups") or []
        wanted = int(self.properties.get("GlobalNodeGroupCount") or len(node_groups) or 1)
        if wanted > len(node_groups) and wanted > 1:
            self._call("IncreaseNodeGroupsInGlobalReplicationGroup", NodeGroupCount=wanted, ApplyImmediately=True)
        elif wanted < len(node_groups):
            self._call(
                "DecreaseNodeGroupsInGlobalReplicationGroup",
                NodeGroupCount=wanted,
                ApplyImmediately=True,
                GlobalNodeGroupsToRemove=[item["GlobalNodeGroupId"] for item in node_groups[wanted:]],
            )

    def _call(self, operation: str, **request: Any) -> None:
        self.api(operation, GlobalReplicationGroupId=self.physical_resource_id, **request)
        self.wait()

    def _members(self, properties: Mapping[str, Any]) -> dict[tuple[str, str], str]:
        given: list[dict[str, str]] = properties.get("Members") or []
        return {
            (item.get("ReplicationGroupRegion") or self.region.name, item["ReplicationGroupId"].lower()): str(
                item.get("Role") or PRIMARY
            ).upper()
            for item in given
        }
