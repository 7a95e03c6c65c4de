"""A change set: what a further template would do to a stack, before it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.cloudformation.models import Change, ChangeSet
from moto.core.exceptions import ServiceException

from elasticache_kit.emulator.cloudformation import resource as stack_resource

if TYPE_CHECKING:
    from elasticache_kit.emulator.cloudformation.deployment import LocalStack

NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."


class ChangeSetNotFoundError(ServiceException):
    """The change set that was named is not there: the CDK waits for this very code after a deletion."""

    code = "ChangeSetNotFound"

    def __init__(self, name: str) -> None:
        super().__init__(f"ChangeSet [{name}] does not exist")


class LocalChange(Change):
    """One line of a change set, with what the CDK shows of it."""

    def __init__(
        self, action: str, logical_id: str, kind: str, physical_id: str | None, replacement: str | None
    ) -> None:
        super().__init__(action=action, logical_resource_id=logical_id, resource_type=kind)
        self.physical_resource_id = physical_id
        self.replacement = replacement
        self.scope = ["Properties"] if action == "Modify" else []
        self.details: list[Any] = []


class LocalChangeSet(ChangeSet):
    """moto's change set, with changes worked out against what is deployed."""

    stack: LocalStack

    def diff(self) -> list[Change]:
        """Compare the new template with the deployed one, resource by resource."""
        old = self.stack.template_dict.get("Resources", {}) if self.stack.deployed else {}
        new = self.template_dict["Resources"]
        same_parameters = dict(self.stack.parameters) == dict(self.parameters)
        changes: list[Change] = []
        for name, definition in new.items():
            kind = definition["Type"]
            if name not in old:
                changes.append(LocalChange("Add", name, kind, None, None))
            elif definition != old[name] or (not same_parameters and name in self._touched_by_parameters()):
                changes.append(LocalChange("Modify", name, kind, self._physical_id(name), self._replacement(kind)))
        changes += [
            LocalChange("Remove", name, definition["Type"], self._physical_id(name), None)
            for name, definition in old.items()
            if name not in new
        ]
        return changes

    def _physical_id(self, name: str) -> str | None:
        deployed = self.stack.deployed.get(name)
        return deployed.physical_id if deployed else None

    def _touched_by_parameters(self) -> set[str]:
        from elasticache_kit.emulator.cloudformation.template import references  # noqa: PLC0415 - only here

        changed = {name for name, value in self.parameters.items() if self.stack.parameters.get(name) != value}
        return {
            name
            for name, definition in self.template_dict["Resources"].items()
            if changed & set(references(definition.get("Properties", {})))
        }

    @staticmethod
    def _replacement(kind: str) -> str:
        return "Conditional" if stack_resource.can_update(kind) else "True"
