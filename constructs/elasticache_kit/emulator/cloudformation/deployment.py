"""How a stack moves from the template it has to the template it should have, and back again when that fails."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException
from werkzeug.exceptions import HTTPException

from elasticache_kit.emulator.cloudformation import dynamic_reference
from elasticache_kit.emulator.cloudformation import resource as stack_resource
from elasticache_kit.emulator.cloudformation import template as templates
from elasticache_kit.emulator.cloudformation.resource import StackResource
from elasticache_kit.emulator.cloudformation.service_resource import Place
from elasticache_kit.emulator.service_call import ServiceRefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from elasticache_kit.emulator.cloudformation.resource_import import ResourceImport
    from elasticache_kit.emulator.cloudformation.stack import LocalStack

logger = logging.getLogger(__name__)
# The errors that say what AWS would say; anything else is a defect worth a traceback in the log.
EXPECTED = (ServiceException, HTTPException, ServiceRefusedError, templates.TemplateError)


class ResourceFailedError(Exception):
    """A resource could not be made or changed; the message is what the stack's event says."""


class Deployment:
    """One run over a stack: apply a template, roll back, delete.

    Args:
        stack: the stack to work on; its `template_dict` and `parameters` are what is deployed now.
    """

    def __init__(self, stack: LocalStack) -> None:
        self.stack = stack
        self._tags = {
            **stack.tags,
            "aws:cloudformation:stack-name": stack.name,
            "aws:cloudformation:stack-id": stack.stack_id,
        }
        self._before: tuple[str, dict[str, str]] | None = None
        self._unwanted: list[StackResource] = []
        self._imports: Mapping[str, ResourceImport] = {}

    def create(self, body: str, parameters: dict[str, str]) -> None:
        """Deploy the first template; on failure remove all that was made and end in ROLLBACK_COMPLETE."""
        self.stack.enter("CREATE_IN_PROGRESS", "User Initiated")
        try:
            self._apply(body, parameters)
        except ResourceFailedError as failure:
            logger.info("stack %s: %s", self.stack.name, failure)
            self._undo_create(str(failure))
            return
        self.stack.enter("CREATE_COMPLETE")

    def cut_off(self, making: Sequence[Any]) -> None:
        """Bring a stack to an end whose deployment ended with the emulator: back to what was there before it.

        Args:
            making: what was being made and is not in the stack yet.
        """
        for model in making:
            with contextlib.suppress(*EXPECTED):
                model.delete(self.stack.account_id, self.stack.region_name)
        reason = "The emulator was ended during the deployment"
        if self.stack.status.startswith("UPDATE_COMPLETE"):
            self._discard(self._unwanted)
            self.stack.enter("UPDATE_COMPLETE")
        elif self.stack.status.startswith("UPDATE_ROLLBACK"):
            self._go_back(self._unwanted)
        elif self.stack.status.startswith("UPDATE"):
            self._undo_update(reason)
        elif self.stack.status.startswith("IMPORT"):
            self._undo_import(reason)
        else:
            self._undo_create(reason)

    def _undo_create(self, reason: str) -> None:
        self.stack.enter("ROLLBACK_IN_PROGRESS", f"{reason}. Rollback requested by user.")
        self._end(self._remove_all(final=False), "ROLLBACK_COMPLETE", "ROLLBACK_FAILED")

    def update(self, body: str, parameters: dict[str, str]) -> None:
        """Deploy a further template; on failure go back to the one before and end in UPDATE_ROLLBACK_COMPLETE."""
        self._before = (str(self.stack.template), dict(self.stack.parameters))
        self.stack.enter("UPDATE_IN_PROGRESS", "User Initiated")
        try:
            unwanted = self._apply(body, parameters)
        except ResourceFailedError as failure:
            logger.info("stack %s: %s", self.stack.name, failure)
            self._undo_update(str(failure))
            return
        self.stack.enter("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        self._discard(unwanted)
        self.stack.enter("UPDATE_COMPLETE")

    def _undo_update(self, reason: str) -> None:
        self.stack.enter("UPDATE_ROLLBACK_IN_PROGRESS", reason)
        self._go_back(self._restore())

    def _go_back(self, replacements: Sequence[StackResource]) -> None:
        try:
            # Without a before the update was cut off when it had changed nothing yet.
            unwanted = [*replacements, *self._apply(*self._before)] if self._before else []
        except ResourceFailedError as second:
            self.stack.enter("UPDATE_ROLLBACK_FAILED", str(second))
            return
        self._end(self._discard(unwanted), "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED")

    def adopt(self, body: str, parameters: dict[str, str], imports: Mapping[str, ResourceImport]) -> None:
        """Take resources that exist into the stack; on failure leave them alone and end in IMPORT_ROLLBACK_COMPLETE."""
        self._before = (str(self.stack.template), dict(self.stack.parameters)) if self.stack.deployed else None
        self.stack.enter("IMPORT_IN_PROGRESS", "User Initiated")
        self._imports = imports
        try:
            self._apply(body, parameters)
        except ResourceFailedError as failure:
            logger.info("stack %s: %s", self.stack.name, failure)
            self._undo_import(str(failure))
            return
        self.stack.enter("IMPORT_COMPLETE")

    def _undo_import(self, reason: str) -> None:
        self.stack.enter("IMPORT_ROLLBACK_IN_PROGRESS", reason)
        for logical_id in self._imports.keys() & self.stack.deployed.keys():
            self.stack.drop(logical_id)
        if self._before is not None:
            self._imports = {}
            self._apply(*self._before)
        self.stack.enter("IMPORT_ROLLBACK_COMPLETE")

    def delete(self) -> bool:
        """Remove every resource, as its DeletionPolicy says; tell whether the stack is gone."""
        self.stack.enter("DELETE_IN_PROGRESS", "User Initiated")
        failed = self._remove_all(final=True)
        self._end(failed, "DELETE_COMPLETE", "DELETE_FAILED")
        return not failed

    def _apply(self, body: str, parameters: dict[str, str]) -> list[StackResource]:
        """Make the stack what the template says and return what it no longer wants, not removed yet."""
        stack = self.stack
        given = templates.parse(body)
        stack.template, stack.template_dict, stack.parameters = body, given, parameters
        template = templates.with_zones_of(given, stack.region_name)
        stack.load(template, parameters)
        stack.description = template.get("Description")
        definitions: dict[str, dict[str, Any]] = template["Resources"]
        wanted = [name for name in templates.order(template) if stack.wants(definitions[name])]
        unwanted: list[StackResource] = []
        self._unwanted = unwanted
        for logical_id in wanted:
            old = self._deploy(logical_id, definitions[logical_id])
            if old is not None:
                unwanted.append(old)
        unwanted += [stack.drop(name) for name in list(stack.deployed) if name not in wanted]
        try:
            stack.read_outputs()
        except Exception as error:
            raise ResourceFailedError(f"The outputs could not be made: {_message(error)}") from error
        return unwanted

    def _restore(self) -> list[StackResource]:
        """Give every original that was replaced or dropped its place back, and return what had taken it.

        An original still holds its data: a rollback that made a third one would lose it.
        """
        replacements = [
            self.stack.deployed[item.logical_id] for item in self._unwanted if item.logical_id in self.stack.deployed
        ]
        for item in self._unwanted:
            self.stack.keep(item)
        return replacements

    def _deploy(self, logical_id: str, definition: dict[str, Any]) -> StackResource | None:
        """Create, update or leave one resource; return the old one where it was replaced."""
        stack, kind = self.stack, definition["Type"]
        existing = stack.deployed.get(logical_id)
        physical_id = existing.physical_id if existing else ""
        in_place = existing is not None and existing.type == kind and stack_resource.can_update(kind)
        imported = self._imports.get(logical_id)
        verb = "IMPORT" if imported else "UPDATE" if existing else "CREATE"
        try:
            resolved = stack.resolve(definition.get("Properties", {}))
            if existing and existing.type == kind and existing.properties == resolved:
                existing.definition = definition
                return None
            stack.record(logical_id, physical_id, kind, f"{verb}_IN_PROGRESS")
            place = Place(stack.account_id, stack.region_name)
            filled = {**definition, "Properties": dynamic_reference.fill(resolved, place)}
            if imported:
                model = stack_resource.adopt(logical_id, filled, stack, imported.physical_id)
            elif in_place:
                model = stack_resource.update(logical_id, filled, stack)
            else:
                model = stack_resource.create(logical_id, filled, stack, self._tags)
        except Exception as error:
            reason = f"Resource handler returned message: {_message(error)}"
            stack.record(logical_id, physical_id, kind, f"{verb}_FAILED", reason=reason)
            if not isinstance(error, EXPECTED):
                logger.exception("stack %s, resource %s", stack.name, logical_id)
            raise ResourceFailedError(f"The following resource(s) failed to {verb.lower()}: [{logical_id}]") from error
        current = StackResource(logical_id, kind, definition, resolved, model)
        stack.keep(current)
        remarks: list[str] = getattr(model, "remarks", [])
        self._record(current, f"{verb}_COMPLETE", " ".join(remarks) or None)
        replaced = existing is not None and physical_id != current.physical_id
        # A class that replaces in its own update has removed the old one itself, unless it says that it left it.
        return existing if replaced and (not in_place or getattr(model, "left_original", False)) else None

    def _remove_all(self, *, final: bool) -> list[str]:
        """Delete every resource, dependants first, and return the names of those that would not go."""
        stack = self.stack
        # A stack that is in review, or was cut off at once, has no template yet.
        names = templates.order(stack.template_dict) if stack.deployed else []
        order = {name: place for place, name in enumerate(names)}
        remaining = sorted(stack.deployed, key=lambda name: -order.get(name, 0))
        # What one resource leaves behind can hold another, so passes go on for as long as one helps.
        while remaining:
            reasons: dict[str, str] = {}
            for name in remaining:
                item = stack.deployed[name]
                policy = item.definition.get("DeletionPolicy", "Delete")
                keep = policy == "Retain" or (policy == "RetainExceptOnCreate" and final)
                snapshot = final and stack_resource.final_snapshot(item, policy)
                reason = self._dispose(item, keep=keep, keep_snapshot=snapshot)
                if reason is None:
                    stack.drop(name)
                else:
                    reasons[name] = reason
            if len(reasons) == len(remaining):
                for name, reason in reasons.items():
                    self._record(stack.deployed[name], "DELETE_FAILED", reason)
                return remaining
            remaining = list(reasons)
        return []

    def _discard(self, unwanted: list[StackResource]) -> list[str]:
        """Remove what an update left: what was replaced by UpdateReplacePolicy, what was dropped by DeletionPolicy."""
        failed: list[str] = []
        for item in reversed(unwanted):
            replaced = item.logical_id in self.stack.deployed
            policy = item.definition.get("UpdateReplacePolicy" if replaced else "DeletionPolicy", "Delete")
            snapshot = stack_resource.final_snapshot(item, policy)
            reason = self._dispose(item, keep=policy.startswith("Retain"), keep_snapshot=snapshot)
            if reason is not None:
                failed.append(item.logical_id)
                self._record(item, "DELETE_FAILED", reason)
        return failed

    def _dispose(self, item: StackResource, *, keep: bool, keep_snapshot: bool) -> str | None:
        """Delete one resource, or leave it to its owner, and return the reason if it would not go."""
        if keep:
            self._record(item, "DELETE_SKIPPED")
            return None
        self._record(item, "DELETE_IN_PROGRESS")
        try:
            stack_resource.delete(item, self.stack, keep_snapshot=keep_snapshot)
        except Exception as error:  # noqa: BLE001 - any failure of a handler is this resource's reason
            return _message(error)
        self._record(item, "DELETE_COMPLETE")
        return None

    def _end(self, failed: list[str], good: str, bad: str) -> None:
        if failed:
            self.stack.enter(bad, f"The following resource(s) failed to delete: [{', '.join(failed)}]. ")
        else:
            self.stack.enter(good)

    def _record(self, item: StackResource, status: str, reason: str | None = None) -> None:
        self.stack.record(item.logical_id, item.physical_id, item.type, status, reason=reason)


def _message(error: BaseException) -> str:
    code = getattr(error, "code", None)
    message = getattr(error, "message", None) or str(error) or type(error).__name__
    return f"{message} (Error code: {code})" if isinstance(code, str) else str(message)
