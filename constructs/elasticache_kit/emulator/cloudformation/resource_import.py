"""Resources that exist and are taken into a stack: which can be, what identifies them, and what CloudFormation asks.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-manually.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.cloudformation.exceptions import ValidationError

from elasticache_kit.emulator.cloudformation import resource as stack_resource
from elasticache_kit.emulator.cloudformation.elasticache import ElastiCacheResource
from elasticache_kit.emulator.fault import Fault

if TYPE_CHECKING:
    from elasticache_kit.emulator.cloudformation.stack import LocalStack
    from elasticache_kit.emulator.cloudformation.template import Template


@dataclass(frozen=True, slots=True)
class ResourceImport:
    """One of the ResourcesToImport: a resource that exists, and its place in a template."""

    logical_id: str
    type: str
    physical_id: str


def identifier_summaries(template: Template) -> list[dict[str, Any]]:
    """Say of each type in a template that can be imported which property identifies a resource of it."""
    found: dict[str, list[str]] = {}
    for logical_id, definition in template["Resources"].items():
        found.setdefault(definition["Type"], []).append(logical_id)
    return [
        {"ResourceType": kind, "LogicalResourceIds": names, "ResourceIdentifiers": [identifier]}
        for kind, names in found.items()
        if (identifier := _identifier(kind)) is not None
    ]


def read(requested: Sequence[Mapping[str, Any]], template: Template, stack: LocalStack | None) -> list[ResourceImport]:
    """Read the ResourcesToImport of a request.

    Raises:
        ValidationError: they do not fit the template, or the template changes something beside.
    """
    resources = template["Resources"]
    imports = [_read_one(item, resources) for item in requested]
    if not imports:
        raise ValidationError(message="ResourcesToImport must be specified for change set type IMPORT.")
    without = [item.logical_id for item in imports if "DeletionPolicy" not in resources[item.logical_id]]
    if without:
        raise ValidationError(
            message=f"The following resources to import [{', '.join(without)}] must have DeletionPolicy attribute "
            "specified in the template."
        )
    touched = _touched(resources, stack, {item.logical_id for item in imports})
    if touched:
        raise ValidationError(
            message=f"You have modified resources [{', '.join(touched)}] in your template that are not being imported. "
            "Update, create or delete operations cannot be executed during import operations."
        )
    return imports


def problem(imports: Iterable[ResourceImport], stack: LocalStack, stacks: Iterable[LocalStack]) -> str | None:
    """Return why resources cannot be imported as things stand: each must exist, and belong to no stack."""
    for item in imports:
        owner = _owner(item, stacks)
        if owner is not None:
            return f"Resource {item.logical_id} ({item.physical_id}) already exists in stack {owner.stack_id}"
        try:
            stack_resource.find(item.type, item.physical_id, stack)
        except Fault as fault:
            return f"Resource {item.logical_id} ({item.physical_id}) cannot be imported: {fault.message}"
    return None


def _read_one(item: Mapping[str, Any], resources: Mapping[str, Any]) -> ResourceImport:
    logical_id, kind = str(item.get("LogicalResourceId")), str(item.get("ResourceType"))
    definition = resources.get(logical_id)
    if definition is None or definition["Type"] != kind:
        raise ValidationError(message=f"Resource {logical_id} of type {kind} is not found in the template.")
    name = _identifier(kind)
    if name is None:
        raise ValidationError(message=f"ResourceType {kind} is not supported for import by the local CloudFormation.")
    identifier: Mapping[str, str] = item.get("ResourceIdentifier") or {}
    if list(identifier) != [name]:
        raise ValidationError(message=f"Resource {logical_id} must be identified by {name}, not by {list(identifier)}.")
    physical_id = identifier[name].lower()
    wanted = definition.get("Properties", {}).get(name)
    if isinstance(wanted, str) and wanted.lower() != physical_id:
        raise ValidationError(
            message=f"Resource {logical_id} is identified by {name} {physical_id}, and the template says {wanted}."
        )
    return ResourceImport(logical_id, kind, physical_id)


def _touched(resources: Mapping[str, Any], stack: LocalStack | None, imported: set[str]) -> list[str]:
    """Name the resources that differ from what is deployed though they are not imported, or are deployed already."""
    deployed: Mapping[str, Any] = stack.template_dict["Resources"] if stack is not None and stack.deployed else {}
    changed = [name for name, item in resources.items() if name not in imported and deployed.get(name) != item]
    return sorted({*changed, *(deployed.keys() - resources.keys()), *(deployed.keys() & imported)})


def _owner(item: ResourceImport, stacks: Iterable[LocalStack]) -> LocalStack | None:
    for stack in stacks:
        if any(held.type == item.type and held.physical_id == item.physical_id for held in stack.deployed.values()):
            return stack
    return None


def _identifier(kind: str) -> str | None:
    """Return the property that identifies resources of a type, None where they cannot be imported here."""
    found = None if kind in stack_resource.EMPTY_TYPES else stack_resource.model_class(kind)
    if found is None or not issubclass(found, ElastiCacheResource):
        return None
    return found.IDENTIFIER or found.NAME
