"""What the types of other services share that moto's CloudFormation lacks: each is the calls of its service's API."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from moto.utilities.utils import get_partition

from elasticache_kit.emulator.cloudformation.deployed_resource import Definition, DeployedResource, Properties
from elasticache_kit.emulator.service_call import call

__all__ = ["Place", "Properties", "ServiceResource", "retag", "retag_ec2", "short_name"]


@dataclass(frozen=True, slots=True)
class Place:
    """The account and region that a stack deploys to."""

    account_id: str
    region: str

    @property
    def partition(self) -> str:
        """The partition that ARNs of the region begin with."""
        return get_partition(self.region)

    def call(self, service: str, operation: str, /, **request: Any) -> dict[str, Any]:
        """Call an operation here, see `service_call.call`."""
        return call(service, operation, self.account_id, self.region, **request)


class ServiceResource(DeployedResource):
    """Creation, change in place, replacement and removal through the API of a service.

    Args:
        place: where it is.
        name: the name that was asked for, or one of CloudFormation's making.
        properties: the properties of the template, resolved.
    """

    NAME: ClassVar[str] = ""
    ATTRIBUTES: ClassVar[frozenset[str]] = frozenset()
    REPLACED_BY: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, place: Place, name: str, properties: Properties) -> None:
        self.place, self.name, self.properties = place, name, properties
        self.physical_resource_id = name
        self.attributes: dict[str, str] = {}

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Tell whether Fn::GetAtt knows an attribute."""
        return attr in cls.ATTRIBUTES

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """Return what Fn::GetAtt does."""
        return self.attributes[attribute_name]

    @classmethod
    def described(cls, name: str, definition: Definition, account_id: str, region_name: str) -> Self:
        """Return the resource that a template describes, which is not made yet."""
        properties: Properties = definition.get("Properties", {})
        return cls(Place(account_id, region_name), str(properties.get(cls.NAME) or name), properties)

    def redescribed(self, definition: Definition) -> Self:
        """Return this resource as a template describes it anew, which has not changed yet."""
        changed = type(self)(self.place, self.name, definition.get("Properties", {}))
        changed.physical_resource_id, changed.attributes = self.physical_resource_id, self.attributes
        return changed

    def replaces(self, old: Properties) -> bool:
        """Tell whether one of the properties differs that the type cannot change."""
        return any(old.get(name) != self.properties.get(name) for name in self.REPLACED_BY)

    def delete(self, account_id: str, region_name: str) -> None:
        """Remove the resource; one that is gone already counts as removed."""
        raise NotImplementedError


def retag(
    resource: ServiceResource, service: str, member: str, arn: str, old: Properties, *, lower: bool = False
) -> None:
    """Bring the tags of a resource from those of its old properties to those of its present ones.

    Args:
        resource: whose tags.
        service: its service by boto3's name.
        member: what that service calls the ARN in TagResource.
        arn: the ARN.
        old: the properties before.
        lower: whether the service begins the names of all members with a small letter.
    """
    before: list[dict[str, str]] = old.get("Tags") or []
    after: list[dict[str, str]] = resource.properties.get("Tags") or []
    gone = [tag["Key"] for tag in before if tag["Key"] not in {item["Key"] for item in after}]
    keys, tags = ("tagKeys", "tags") if lower else ("TagKeys", "Tags")
    if gone:
        resource.place.call(service, "untag_resource", **{member: arn, keys: gone})
    if after and after != before:
        written = [{"key": tag["Key"], "value": tag["Value"]} for tag in after] if lower else after
        resource.place.call(service, "tag_resource", **{member: arn, tags: written})


def retag_ec2(resource: ServiceResource, old: Properties) -> None:
    """Bring the tags of a resource of EC2 from those of its old properties to those of its present ones."""
    before: list[dict[str, str]] = old.get("Tags") or []
    after: list[dict[str, str]] = resource.properties.get("Tags") or []
    for operation, tags in (("delete_tags", before), ("create_tags", after)):
        if tags and before != after:
            resource.place.call("ec2", operation, Resources=[resource.physical_resource_id], Tags=tags)


def short_name(generated: str, longest: int) -> str:
    """Cut a name of CloudFormation's making to what a service takes, and keep the end, which makes it unique."""
    if len(generated) <= longest:
        return generated
    return f"{generated[: longest - 9].rstrip('-')}-{secrets.token_hex(4)}"
