"""AWS::ElastiCache::User."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from moto.core.common_models import CloudFormationModel

from elasticache_kit.emulator.cloudformation.elasticache import ElastiCacheResource


class UserResource(ElastiCacheResource, CloudFormationModel):
    """A user of a stack; no password is ever shown, so drift of one is never seen."""

    CREATE = "CreateUser"
    MODIFY = "ModifyUser"
    NAME = "UserId"
    PATHS: ClassVar[Mapping[str, str]] = {"Arn": "ARN"}
    SHOWN: ClassVar[Mapping[str, str]] = {
        "AccessString": "AccessString",
        "Engine": "Engine",
        "UserId": "UserId",
        "UserName": "UserName",
    }

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::ElastiCache::User"

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DeleteUser and wait until the user is gone."""
        del account_id, region_name
        self.gone("DeleteUser", UserId=self.physical_resource_id)

    def shown(self) -> Mapping[str, Any]:
        """Call DescribeUsers."""
        return self.api("DescribeUsers", UserId=self.physical_resource_id)["Users"][0]
