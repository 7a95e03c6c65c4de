"""What the AWS::ElastiCache types share: each is its API's create, modify and delete, called on the region's state."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import botocore.session
from moto.elasticache.models import elasticache_backends

from elasticache_kit.emulator import runtime
from elasticache_kit.model.change import replaces

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region

BOOLEANS = {"true": True, "false": False}


class ElastiCacheResource:
    """Identity, attributes, and replacement where CloudFormation replaces.

    moto finds resource classes among the direct subclasses of `CloudFormationModel`, so each type inherits from that
    one too, after this.

    Args:
        physical_id: what Ref returns.
        properties: the properties of the template, resolved and typed.
        region: where the resource lives.
    """

    CREATE: ClassVar[str]
    NAME: ClassVar[str]
    ATTRIBUTES: ClassVar[frozenset[str]]

    def __init__(self, physical_id: str, properties: dict[str, Any], region: Region) -> None:
        self.physical_resource_id = physical_id
        self.properties = properties
        self.region = region
        self.left_original = False

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Tell whether Fn::GetAtt knows an attribute."""
        return attr in cls.ATTRIBUTES

    @classmethod
    def physical_name(cls, properties: Mapping[str, Any], generated: str) -> str:
        """Return the name that was asked for, or one of CloudFormation's making, cut to what the service takes."""
        return str(properties.get(cls.NAME) or generated).lower()

    @classmethod
    def replaces(cls, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
        """Tell whether a change of properties needs a new resource."""
        return replaces(cls.cloudformation_type(), old, new)

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        raise NotImplementedError

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str, **_: Any
    ) -> Self:
        """Make the resource that a template describes."""
        backend: Any = elasticache_backends[account_id][region_name]
        properties = cls._properties(cloudformation_json)
        made = cls(cls.physical_name(properties, resource_name), properties, backend.region)
        with runtime.current().lifecycle.making(made):
            made.create()
        return made

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> Self:
        """Change the resource, or make the one that replaces it and leave the original to the clean-up."""
        properties = cls._properties(cloudformation_json)
        if cls.replaces(original_resource.properties, properties):
            new = cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)
            new.left_original = True
            return new
        changed = cls(original_resource.physical_resource_id, properties, original_resource.region)
        changed.update(original_resource.properties)
        return changed

    @classmethod
    def existing(cls, physical_id: str, properties: dict[str, Any], account_id: str, region_name: str) -> Self:
        """Find a resource that nobody made through CloudFormation.

        Raises:
            Fault: there is none.
        """
        backend: Any = elasticache_backends[account_id][region_name]
        found = cls(physical_id, cls._properties({"Properties": properties}), backend.region)
        found.look()
        return found

    def look(self) -> None:
        """Raise the API's fault where the resource does not exist."""
        raise NotImplementedError

    def create(self) -> None:
        """Make the resource and return when it is ready."""
        raise NotImplementedError

    def update(self, old: Mapping[str, Any]) -> None:
        """Bring the resource from its old properties to its present ones and return when it is ready."""
        raise NotImplementedError

    @classmethod
    def _properties(cls, definition: Mapping[str, Any]) -> dict[str, Any]:
        return typed(definition.get("Properties", {}), _shape(cls.CREATE))


def typed(value: Any, shape: Any) -> Any:
    """Give a template's value the type that the API's shape has: templates may write numbers and booleans as text."""
    if shape is None:
        return value
    if isinstance(value, Mapping):
        members = getattr(shape, "members", {})
        return {key: typed(item, members.get(key)) for key, item in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list):
        return [typed(item, getattr(shape, "member", None)) for item in cast("list[Any]", value)]
    if isinstance(value, str) and shape.type_name == "boolean":
        return BOOLEANS.get(value.lower(), value)
    if isinstance(value, str) and shape.type_name == "integer" and value.lstrip("-").isdigit():
        return int(value)
    return str(value) if shape.type_name == "string" and isinstance(value, int) else value


@cache
def _shape(operation: str) -> Any:
    model: Any = botocore.session.get_session().get_service_model("elasticache")
    return model.operation_model(operation).input_shape
