"""AWS::ElastiCache::UserGroup."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from moto.core.common_models import CloudFormationModel

from elasticache_kit.emulator.cloudformation.elasticache import ElastiCacheResource


class UserGroupResource(ElastiCacheResource, CloudFormationModel):
    """A user group of a stack."""

    CREATE = "CreateUserGroup"
    MODIFY = "ModifyUserGroup"
    NAME = "UserGroupId"
    APART = frozenset({"UserIds"})
    PATHS: ClassVar[Mapping[str, str]] = {"Arn": "ARN"}
    SHOWN: ClassVar[Mapping[str, str]] = {"Engine": "Engine", "UserGroupId": "UserGroupId", "UserIds": "UserIds"}

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::ElastiCache::UserGroup"

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DeleteUserGroup and wait until the group is gone."""
        del account_id, region_name
        self.gone("DeleteUserGroup", UserGroupId=self.physical_resource_id)

    def shown(self) -> Mapping[str, Any]:
        """Call DescribeUserGroups."""
        return self.api("DescribeUserGroups", UserGroupId=self.physical_resource_id)["UserGroups"][0]

    def differences(self, old: Mapping[str, Any]) -> dict[str, Any]:
        """Say who comes and who goes, by who is there: a user that was deleted has left by itself."""
        request = super().differences(old)
        present: list[str] = self.shown()["UserIds"]
        given: list[str] = self.properties.get("UserIds") or []
        wanted = [item.lower() for item in given]
        if come := [item for item in wanted if item not in present]:
            request["UserIdsToAdd"] = come
        if leave := [item for item in present if item not in wanted]:
            request["UserIdsToRemove"] = leave
        return request
