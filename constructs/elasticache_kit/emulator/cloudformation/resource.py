"""One resource of a stack: made, changed and removed through moto's resource classes, or ours where moto has none."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.awslambda.models import LambdaFunction
from moto.cloudformation import parsing
from moto.ec2.models import ec2_backends
from moto.ec2.models.core import TaggedEC2Resource

from elasticache_kit.emulator.cloudformation import removal
from elasticache_kit.emulator.cloudformation.elasticache import ElastiCacheResource
from elasticache_kit.emulator.cloudformation.service_resource import Place, ServiceResource
from elasticache_kit.model.change.fact import POLICY, types

if TYPE_CHECKING:
    from moto.core.common_models import CloudFormationModel

    from elasticache_kit.emulator.cloudformation.stack import LocalStack

# Types that exist only inside CloudFormation: nothing is created for them.
EMPTY_TYPES = frozenset(
    {
        "AWS::CDK::Metadata",
        "AWS::CloudFormation::WaitCondition",
        "AWS::CloudFormation::WaitConditionHandle",
    }
)
# Types of EC2-Classic, which AWS still lists and refuses to every account of today.
DEAD_TYPES = frozenset({"AWS::ElastiCache::SecurityGroup", "AWS::ElastiCache::SecurityGroupIngress"})
DEAD_REASON = "cache security groups went with EC2-Classic, and no account can make one"


@dataclass(slots=True)
class StackResource:
    """A resource as it was last deployed: its definition, and its properties with every reference resolved."""

    logical_id: str
    type: str
    definition: dict[str, Any]
    properties: dict[str, Any]
    model: Any

    @property
    def physical_id(self) -> str:
        """What Ref returns."""
        return str(getattr(self.model, "physical_resource_id", self.logical_id))


class EmptyResource:
    """Stands for a resource of a type that has no substance of its own."""

    def __init__(self, logical_id: str) -> None:
        self.physical_resource_id = logical_id


def unsupported(types: set[str]) -> list[str]:
    """Name the resource types that cannot be deployed locally."""
    known = parsing.get_model_map()
    return sorted(
        name for name in types if name not in known and name not in EMPTY_TYPES and not name.startswith("Custom::")
    )


def model_class(resource_type: str) -> type[CloudFormationModel]:
    """Find the class that makes resources of this type."""
    return parsing.resource_class_from_type(resource_type)


def create(logical_id: str, definition: dict[str, Any], stack: LocalStack, tags: dict[str, str]) -> Any:
    """Make a resource and return its moto model; whatever moto or a backend raises passes through."""
    if definition["Type"] in EMPTY_TYPES:
        return EmptyResource(logical_id)
    account_id, region = stack.account_id, stack.region_name
    model: Any = parsing.parse_and_create_resource(logical_id, definition, stack.resource_map, account_id, region)
    _log_where_told(model, definition)
    physical_id: str | None = getattr(model, "physical_resource_id", None)
    if physical_id and isinstance(model, TaggedEC2Resource):
        ec2_backends[account_id][region].create_tags(
            [physical_id], {**tags, "aws:cloudformation:logical-id": logical_id}
        )
    return model


def find(resource_type: str, physical_id: str, stack: LocalStack, properties: dict[str, Any] | None = None) -> Any:
    """Return the model of a resource that exists; only the types of ElastiCache can be found.

    Args:
        resource_type: its type.
        physical_id: what identifies it.
        stack: the stack in whose account and region it is.
        properties: what a template says of it, resolved.

    Raises:
        Fault: there is none.
    """
    kind: Any = model_class(resource_type)
    return kind.existing(physical_id, properties or {}, stack.account_id, stack.region_name)


def adopt(logical_id: str, definition: dict[str, Any], stack: LocalStack, physical_id: str) -> Any:
    """Return the moto model of a resource that exists, as if the stack had made it.

    Raises:
        Fault: there is none.
    """
    model = find(definition["Type"], physical_id, stack, stack.resolve(definition.get("Properties", {})))
    model.cf_resource_type, model.logical_resource_id = definition["Type"], logical_id
    return model


def can_update(resource_type: str) -> bool:
    """Tell whether resources of this type change in place; the others are replaced."""
    if resource_type in EMPTY_TYPES:
        return False
    return not hasattr(model_class(resource_type).update_from_cloudformation_json, "__isabstractmethod__")


def update(logical_id: str, definition: dict[str, Any], stack: LocalStack) -> Any:
    """Change a resource in place, or replace it where its class does so, and return its new moto model."""
    account_id, region = stack.account_id, stack.region_name
    model: Any = parsing.parse_and_update_resource(logical_id, definition, stack.resource_map, account_id, region)
    _log_where_told(model, definition)
    return model


def _log_where_told(model: Any, definition: dict[str, Any]) -> None:
    """Let a function log to the group of its LoggingConfig: moto would make another one, which nobody removes."""
    logging: dict[str, Any] = definition.get("Properties", {}).get("LoggingConfig") or {}
    if "LogGroup" in logging and isinstance(model, LambdaFunction):
        model.logs_group_name = str(logging["LogGroup"])


def final_snapshot(resource: StackResource, policy: str) -> bool:
    """Tell whether a template asks for a last snapshot: by a policy, or by a property where the type has one."""
    fact = types().get(resource.type)
    if fact is None or fact.final_snapshot is None:
        return False
    return policy == "Snapshot" if fact.final_snapshot == POLICY else bool(resource.properties.get(fact.final_snapshot))


def delete(resource: StackResource, stack: LocalStack, *, keep_snapshot: bool) -> None:
    """Remove a resource; one that is gone already counts as removed.

    Args:
        resource: the resource as deployed.
        stack: the stack that it belonged to.
        keep_snapshot: take the final snapshot that the template asks for, see `final_snapshot`.
    """
    if resource.type in EMPTY_TYPES or resource.model is None:
        return
    account_id, region = stack.account_id, stack.region_name
    if resource.type in removal.TYPES:
        removal.remove(resource.type, resource.physical_id, resource.properties, Place(account_id, region))
        return
    if keep_snapshot and hasattr(resource.model, "delete_with_snapshot"):
        resource.model.delete_with_snapshot(account_id, region)
        return
    if isinstance(resource.model, ElastiCacheResource | ServiceResource):
        resource.model.delete(account_id, region)
        return
    if hasattr(resource.model, "delete"):
        # moto's models disagree about the arguments of delete(); its own engine tries both forms as well.
        with contextlib.suppress(TypeError, AttributeError):
            resource.model.delete(account_id, region)
            return
    by_class: Any = getattr(resource.model, "delete_from_cloudformation_json", None)
    if by_class is not None and not hasattr(by_class, "__isabstractmethod__"):
        definition = {"Type": resource.type, "Properties": resource.properties}
        by_class(resource.physical_id, definition, account_id, region)
