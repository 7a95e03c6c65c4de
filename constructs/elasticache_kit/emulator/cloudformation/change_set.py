"""A change set: what a further template would do to a stack, before it is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.cloudformation.models import ChangeSet
from moto.core.exceptions import ServiceException

from elasticache_kit.emulator.cloudformation import resource as stack_resource
from elasticache_kit.emulator.cloudformation.template import references

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elasticache_kit.emulator.cloudformation.resource_import import ResourceImport
    from elasticache_kit.emulator.cloudformation.stack import LocalStack

NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."


class ChangeSetNotFoundError(ServiceException):
    """The change set that was named is not there: the CDK waits for this very code after a deletion."""

    code = "ChangeSetNotFound"

    def __init__(self, name: str) -> None:
        super().__init__(f"ChangeSet [{name}] does not exist")


@dataclass(frozen=True, slots=True)
class LocalChange:
    """One line of a change set, with what the CDK shows of it; moto's serializer reads the fields by their names."""

    action: str
    logical_resource_id: str
    resource_type: str
    physical_resource_id: str | None = None
    replacement: str | None = None
    scope: tuple[str, ...] = ()
    details: tuple[object, ...] = ()


class LocalChangeSet(ChangeSet):
    """moto's change set, with changes worked out against what is deployed."""

    stack: LocalStack

    def __init__(self, *, imports: Sequence[ResourceImport] = (), **options: Any) -> None:
        self.imports = {item.logical_id: item for item in imports}
        super().__init__(**options)

    def judge(self, problem: str | None = None) -> None:
        """Say whether the set can be executed: one with a problem has failed.

        To change nothing is a problem, told in the words that the CDK knows.
        """
        unchanged = (
            self.change_set_type == "UPDATE"
            and self.stack.template_dict == self.template_dict
            and dict(self.stack.parameters) == dict(self.parameters)
        )
        self.status_reason = NO_CHANGES if unchanged else problem
        self.status = "FAILED" if self.status_reason else "CREATE_COMPLETE"
        self.execution_status = "UNAVAILABLE" if self.status_reason else "AVAILABLE"

    def diff(self) -> list[Any]:
        """Compare the new template with the deployed one, resource by resource."""
        deployed = self.stack.deployed
        old: dict[str, dict[str, Any]] = self.stack.template_dict.get("Resources", {}) if deployed else {}
        new: dict[str, dict[str, Any]] = self.template_dict["Resources"]
        touched = self._touched_by_parameters(new)
        changes: list[LocalChange] = []
        for name, definition in new.items():
            kind = definition["Type"]
            if name in self.imports:
                changes.append(LocalChange("Import", name, kind, self.imports[name].physical_id))
            elif name not in old:
                changes.append(LocalChange("Add", name, kind))
            elif definition != old[name] or name in touched:
                replacement = "Conditional" if stack_resource.can_update(kind) else "True"
                changes.append(
                    LocalChange("Modify", name, kind, self._physical_id(name), replacement, scope=("Properties",))
                )
        changes += [
            LocalChange("Remove", name, definition["Type"], self._physical_id(name))
            for name, definition in old.items()
            if name not in new
        ]
        return changes

    def _physical_id(self, name: str) -> str | None:
        deployed = self.stack.deployed.get(name)
        return deployed.physical_id if deployed else None

    def _touched_by_parameters(self, resources: dict[str, dict[str, Any]]) -> set[str]:
        changed = {name for name, value in self.parameters.items() if self.stack.parameters.get(name) != value}
        return {
            name
            for name, definition in resources.items()
            if changed & set(references(definition.get("Properties", {})))
        }
