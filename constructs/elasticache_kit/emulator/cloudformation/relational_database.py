"""What the AWS::RDS types share, and the groups that databases name: each is the calls of RDS's API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from moto.core.common_models import CloudFormationModel
from moto.rds.models import DBParameterGroup as StockParameterGroup
from moto.rds.models import DBSubnetGroup as StockSubnetGroup

from elasticache_kit.emulator.cloudformation.elasticache import dug, fitted
from elasticache_kit.emulator.cloudformation.service_resource import Properties, ServiceResource
from elasticache_kit.emulator.cloudformation.shape import operation_shape, typed
from elasticache_kit.emulator.cloudformation.template import TemplateError
from elasticache_kit.emulator.service_call import ServiceRefusedError


class RelationalDatabaseResource(ServiceResource):
    """Creation, change in place and removal by three operations, and tags."""

    CREATE: ClassVar[str]
    MODIFY: ClassVar[str]
    DELETE: ClassVar[str]
    DESCRIBE: ClassVar[str]
    # Where the answers have it: what it is called in those of CREATE.
    FOUND: ClassVar[str]
    ARN: ClassVar[str]
    LONGEST_NAME: ClassVar[int] = 255
    # The property -> the member of the API, where they differ.
    MEMBERS: ClassVar[Mapping[str, str]] = {}
    # The attribute -> where the description has it.
    PATHS: ClassVar[Mapping[str, str]] = {}
    # Properties that ask for the data of another database.
    COPIES: ClassVar[frozenset[str]] = frozenset()
    ON_DELETE: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.remarks: list[str] = []

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Tell whether Fn::GetAtt knows an attribute."""
        return attr in cls.PATHS

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """Return what Fn::GetAtt does."""
        return str(dug(self._described(), self.PATHS[attribute_name]))

    def create(self) -> None:
        """Call the operation that creates; Ref is the name.

        Raises:
            TemplateError: the template asks for the data of another database.
        """
        if copied := sorted(self.COPIES & self.properties.keys()):
            raise TemplateError(f"{', '.join(copied)}: the local emulator keeps no data of RDS that could be restored.")
        self.name = self.name.lower() if self.properties.get(self.NAME) else fitted(self.name, self.LONGEST_NAME)
        self.physical_resource_id = self.name
        known = operation_shape(self.CREATE, "rds").members
        request = self._request(known)
        if strange := sorted(name for name in self.properties if self._member(name) not in known):
            self.remarks.append(f"Not a part of {self.CREATE}, and left out: {', '.join(strange)}.")
        self._call(self.CREATE, **request)

    def update(self, old: Properties) -> None:
        """Call the operation that modifies, with what differs, and change the tags."""
        known = operation_shape(self.MODIFY, "rds").members
        differs = {
            name: value for name, value in self._request(known).items() if value != self._request(known, old).get(name)
        }
        if differs:
            at_once = {"ApplyImmediately": True} if "ApplyImmediately" in known else {}
            self._call(self.MODIFY, **differs, **at_once)
        self._retag(old)

    def delete(self, account_id: str, region_name: str) -> None:
        """Call the operation that deletes; what is gone already counts as removed."""
        del account_id, region_name
        try:
            self._call(self.DELETE, **self.ON_DELETE)
        except ServiceRefusedError as refusal:
            if "NotFound" not in refusal.code:
                raise

    def _call(self, operation: str, **request: Any) -> dict[str, Any]:
        return self.place.call("rds", _snake(operation), **{self.NAME: self.physical_resource_id, **request})

    def _described(self) -> Mapping[str, Any]:
        return self._call(self.DESCRIBE)[f"{self.FOUND}s"][0]

    def _member(self, name: str) -> str:
        return self.MEMBERS.get(name, name)

    def _request(self, known: Mapping[str, Any], properties: Properties | None = None) -> dict[str, Any]:
        given = self.properties if properties is None else properties
        named = {self._member(name): value for name, value in given.items() if name != self.NAME}
        return {name: typed(value, known[name]) for name, value in named.items() if name in known}

    def _retag(self, old: Properties) -> None:
        before: list[dict[str, str]] = old.get("Tags") or []
        after: list[dict[str, str]] = self.properties.get("Tags") or []
        if before == after:
            return
        arn = self._described()[self.ARN]
        self.place.call("rds", "remove_tags_from_resource", ResourceName=arn, TagKeys=[tag["Key"] for tag in before])
        self.place.call("rds", "add_tags_to_resource", ResourceName=arn, Tags=after)


class _GroupResource(RelationalDatabaseResource):
    """A parameter group; its parameters are set by an operation of their own."""

    MEMBERS: ClassVar[Mapping[str, str]] = {"Family": "DBParameterGroupFamily"}

    def create(self) -> None:
        """Make the group, and set its parameters."""
        super().create()
        self.remarks.clear()
        self._set({})

    def update(self, old: Properties) -> None:
        """Set the parameters that differ, and change the tags."""
        self._set(old.get("Parameters") or {})
        self._retag(old)

    def _set(self, before: Mapping[str, Any]) -> None:
        wanted: Mapping[str, Any] = self.properties.get("Parameters") or {}
        changed = [
            {"ParameterName": name, "ParameterValue": str(value), "ApplyMethod": "pending-reboot"}
            for name, value in wanted.items()
            if before.get(name) != value
        ]
        if changed:
            self._call(self.MODIFY, Parameters=changed)


class DBParameterGroupResource(_GroupResource, CloudFormationModel):
    """The parameters of instances."""

    CREATE, MODIFY, DELETE = "CreateDBParameterGroup", "ModifyDBParameterGroup", "DeleteDBParameterGroup"
    DESCRIBE, FOUND = "DescribeDBParameterGroups", "DBParameterGroup"
    NAME, ARN = "DBParameterGroupName", "DBParameterGroupArn"
    REPLACED_BY = frozenset({"DBParameterGroupName", "Description", "Family"})
    PATHS: ClassVar[Mapping[str, str]] = {"DBParameterGroupName": NAME, ARN: ARN}

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        # Named by moto's own class, which must be there before ours: of two classes of one type moto takes the later.
        return StockParameterGroup.cloudformation_type()


class DBClusterParameterGroupResource(_GroupResource, CloudFormationModel):
    """The parameters of clusters."""

    CREATE, MODIFY = "CreateDBClusterParameterGroup", "ModifyDBClusterParameterGroup"
    DELETE, DESCRIBE = "DeleteDBClusterParameterGroup", "DescribeDBClusterParameterGroups"
    FOUND = "DBClusterParameterGroup"
    NAME, ARN = "DBClusterParameterGroupName", "DBClusterParameterGroupArn"
    REPLACED_BY = frozenset({"DBClusterParameterGroupName", "Description", "Family"})

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::RDS::DBClusterParameterGroup"


class DBSubnetGroupResource(RelationalDatabaseResource, CloudFormationModel):
    """The subnets of databases."""

    CREATE, MODIFY, DELETE = "CreateDBSubnetGroup", "ModifyDBSubnetGroup", "DeleteDBSubnetGroup"
    DESCRIBE, FOUND = "DescribeDBSubnetGroups", "DBSubnetGroup"
    NAME, ARN = "DBSubnetGroupName", "DBSubnetGroupArn"
    REPLACED_BY = frozenset({"DBSubnetGroupName"})
    PATHS: ClassVar[Mapping[str, str]] = {ARN: ARN}

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return StockSubnetGroup.cloudformation_type()

    def update(self, old: Properties) -> None:
        """Call ModifyDBSubnetGroup, which takes all subnets."""
        if any(old.get(name) != self.properties.get(name) for name in ("SubnetIds", "DBSubnetGroupDescription")):
            given = {name: self.properties.get(name) for name in ("SubnetIds", "DBSubnetGroupDescription")}
            self._call(self.MODIFY, **given)
        self._retag(old)


def _snake(operation: str) -> str:
    """Return boto3's name of an operation of RDS."""
    spelled = operation.replace("DB", "Db")
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in spelled).lstrip("_")
