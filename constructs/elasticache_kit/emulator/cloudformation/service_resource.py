"""What the types of other services share that moto's CloudFormation lacks: each is the calls of its service's API."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from moto.utilities.utils import get_partition

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.service_call import call

Properties = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """The account and region that a stack deploys to."""

    account_id: str
    region: str

    @property
    def partition(self) -> str:
        """The partition that ARNs of the region begin with."""
        return get_partition(self.region)

    def call(self, service: str, operation: str, **request: Any) -> dict[str, Any]:
        """Call an operation here, see `service_call.call`."""
        return call(service, operation, self.account_id, self.region, **request)


class ServiceResource:
    """Creation, change in place, replacement and removal through the API of a service.

    moto finds resource classes among the direct subclasses of `CloudFormationModel`, so each type inherits from that
    one too, after this.

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
        self.left_original = False

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Tell whether Fn::GetAtt knows an attribute."""
        return attr in cls.ATTRIBUTES

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """Return what Fn::GetAtt does."""
        return self.attributes[attribute_name]

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str, **_: Any
    ) -> Self:
        """Make the resource that a template describes."""
        properties: Properties = cloudformation_json.get("Properties", {})
        made = cls(Place(account_id, region_name), str(properties.get(cls.NAME) or resource_name), properties)
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
        properties: Properties = cloudformation_json.get("Properties", {})
        old: Properties = original_resource.properties
        if any(old.get(name) != properties.get(name) for name in cls.REPLACED_BY):
            made = cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)
            made.left_original = True
            return made
        changed = cls(original_resource.place, original_resource.name, properties)
        changed.physical_resource_id = original_resource.physical_resource_id
        changed.attributes = original_resource.attributes
        changed.update(old)
        return changed

    def create(self) -> None:
        """Make the resource; note its physical id and its attributes."""
        raise NotImplementedError

    def update(self, old: Properties) -> None:
        """Bring the resource from its old properties to its present ones."""
        raise NotImplementedError

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
