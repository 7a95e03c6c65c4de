"""How a stack moves from the template it has to the template it should have, and back again when that fails."""

from __future__ import annotations

import logging
from typing import Any

from moto.cloudformation import parsing
from moto.cloudformation.models import Event, Stack
from moto.cloudformation.parsing import Export
from moto.core.exceptions import ServiceException
from werkzeug.exceptions import HTTPException

from elasticache_kit.emulator.cloudformation import resource as stack_resource
from elasticache_kit.emulator.cloudformation import template as templates
from elasticache_kit.emulator.cloudformation.resource import StackResource

logger = logging.getLogger(__name__)
# The errors that say what AWS would say; anything else is a defect worth a traceback in the log.
EXPECTED = (ServiceException, HTTPException, templates.TemplateError)


class ResourceFailedError(Exception):
    """A resource could not be made or changed; the message is what the stack's event says."""


class LocalStack(Stack):
    """A moto stack that remembers each resource as it was last deployed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.deployed: dict[str, StackResource] = {}
        self._outputs: list[dict[str, Any]] = []
        super().__init__(*args, **kwargs)

    @property
    def outputs(self) -> list[dict[str, Any]] | None:
        """The outputs of the last deployment.

        moto resolves outputs whenever they are asked for, and makes resources that are missing on the way: a client
        that polls during a deployment would interfere with it.
        """
        return self._outputs or None

    @property
    def exports(self) -> list[Export]:
        """The outputs that other stacks may import."""
        return [
            Export(self.stack_id, item["ExportName"], item["OutputValue"])
            for item in self._outputs
            if item["ExportName"]
        ]

    def read_outputs(self) -> None:
        """Resolve the outputs of the template that has just been deployed."""
        self._outputs = []
        read: list[dict[str, Any]] = []
        for name, definition in (self.template_dict.get("Outputs") or {}).items():
            condition = definition.get("Condition")
            if condition and not self.resource_map.lazy_condition_map[condition]:
                continue
            resolved = parsing.clean_json(definition, self.resource_map)
            read.append(
                {
                    "OutputKey": name,
                    "OutputValue": resolved.get("Value"),
                    "Description": resolved.get("Description"),
                    "ExportName": resolved.get("Export", {}).get("Name"),
                }
            )
        self._outputs = read

    @property
    def stack_resources(self) -> list[Any]:
        """The resources that exist, for DescribeStackResources and its kin."""
        return [item.model for item in self.deployed.values() if item.model is not None]


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

    def create(self, body: str, parameters: dict[str, str]) -> None:
        """Deploy the first template; on failure remove all that was made and end in ROLLBACK_COMPLETE."""
        self._status("CREATE_IN_PROGRESS", "User Initiated")
        try:
            self._apply(body, parameters)
        except ResourceFailedError as failure:
            logger.info("stack %s: %s", self.stack.name, failure)
            self._status("ROLLBACK_IN_PROGRESS", f"{failure}. Rollback requested by user.")
            self._end(self._remove(list(self.stack.deployed), final=False), "ROLLBACK_COMPLETE", "ROLLBACK_FAILED")
            return
        self._status("CREATE_COMPLETE")

    def update(self, body: str, parameters: dict[str, str]) -> None:
        """Deploy a further template; on failure go back to the one before and end in UPDATE_ROLLBACK_COMPLETE."""
        before = (self.stack.template, dict(self.stack.parameters))
        self._status("UPDATE_IN_PROGRESS", "User Initiated")
        try:
            unwanted = self._apply(body, parameters)
        except ResourceFailedError as failure:
            logger.info("stack %s: %s", self.stack.name, failure)
            self._status("UPDATE_ROLLBACK_IN_PROGRESS", str(failure))
            try:
                unwanted = self._apply(*before)
            except ResourceFailedError as second:
                self._status("UPDATE_ROLLBACK_FAILED", str(second))
                return
            self._end(self._discard(unwanted), "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED")
            return
        self._status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        self._discard(unwanted)
        self._status("UPDATE_COMPLETE")

    def delete(self) -> bool:
        """Remove every resource, as its DeletionPolicy says; tell whether the stack is gone."""
        self._status("DELETE_IN_PROGRESS", "User Initiated")
        failed = self._remove(list(self.stack.deployed), final=True)
        self._end(failed, "DELETE_COMPLETE", "DELETE_FAILED")
        return not failed

    def _apply(self, body: str, parameters: dict[str, str]) -> list[StackResource]:
        """Make the stack what the template says and return what it no longer wants, not removed yet."""
        stack = self.stack
        given = templates.parse(body)
        stack.template, stack.template_dict, stack.parameters = body, given, parameters
        template = templates.with_zones_of(given, stack.region_name)
        self._load(template, parameters)
        stack.description = template.get("Description")
        unwanted: list[StackResource] = []
        sequence = templates.order(template)
        for logical_id in sequence:
            definition = template["Resources"][logical_id]
            condition = definition.get("Condition")
            if condition and not stack.resource_map.lazy_condition_map[condition]:
                continue
            old = self._deploy(logical_id, definition)
            if old is not None:
                unwanted.append(old)
        wanted = {
            name
            for name in sequence
            if not (condition := template["Resources"][name].get("Condition"))
            or stack.resource_map.lazy_condition_map[condition]
        }
        for logical_id in [name for name in stack.deployed if name not in wanted]:
            unwanted.append(stack.deployed.pop(logical_id))
            stack.resource_map._parsed_resources.pop(logical_id, None)
        try:
            stack.read_outputs()
        except Exception as error:
            raise ResourceFailedError(f"The outputs could not be made: {_message(error)}") from error
        return unwanted

    def _load(self, template: dict[str, Any], parameters: dict[str, str]) -> None:
        resource_map = self.stack.resource_map
        resource_map._template = template
        resource_map._resource_json_map = template["Resources"]
        resource_map.input_parameters = parameters
        resource_map.resolved_parameters = {}
        resource_map.load_mapping()
        resource_map.load_parameters()
        resource_map.load_conditions()

    def _deploy(self, logical_id: str, definition: dict[str, Any]) -> StackResource | None:
        """Create, update or leave one resource; return the old one where it was replaced."""
        stack, resource_map = self.stack, self.stack.resource_map
        kind = definition["Type"]
        existing = stack.deployed.get(logical_id)
        try:
            resolved = self._resolve(definition.get("Properties", {}))
            if existing and existing.type == kind and existing.properties == resolved:
                existing.definition = definition
                return None
            in_place = existing is not None and existing.type == kind and stack_resource.can_update(kind)
            verb = "UPDATE" if existing else "CREATE"
            self._event(logical_id, existing.physical_id if existing else "", kind, f"{verb}_IN_PROGRESS")
            if in_place:
                model = stack_resource.update(logical_id, definition, resource_map)
            else:
                resource_map._parsed_resources.pop(logical_id, None)
                model = stack_resource.create(logical_id, definition, resource_map, self._tags)
        except Exception as error:
            reason = f"Resource handler returned message: {_message(error)}"
            verb = "UPDATE" if existing else "CREATE"
            if existing:
                resource_map._parsed_resources[logical_id] = existing.model
            self._event(logical_id, existing.physical_id if existing else "", kind, f"{verb}_FAILED", reason)
            if not isinstance(error, EXPECTED):
                logger.exception("stack %s, resource %s", stack.name, logical_id)
            raise ResourceFailedError(f"The following resource(s) failed to {verb.lower()}: [{logical_id}]") from error
        resource_map._parsed_resources[logical_id] = model
        current = StackResource(logical_id, kind, definition, resolved, model)
        stack.deployed[logical_id] = current
        self._event(logical_id, current.physical_id, kind, f"{verb}_COMPLETE")
        replaced = existing is not None and existing.physical_id != current.physical_id
        # A class that replaces in its own update has removed the old one itself, unless it says that it left it.
        if replaced and (not in_place or getattr(model, "left_original", False)):
            return existing
        return None

    def _resolve(self, value: Any) -> dict[str, Any]:
        return parsing.clean_json(value, self.stack.resource_map) or {}

    def _remove(self, names: list[str], *, final: bool) -> list[str]:
        """Delete deployed resources, dependants first, and return the names of those that would not go."""
        order = {name: place for place, name in enumerate(templates.order(self.stack.template_dict))}
        remaining = sorted(names, key=lambda name: -order.get(name, 0))
        reasons: dict[str, str] = {}
        # What one resource leaves behind can hold another, so passes go on for as long as one helps.
        while remaining:
            stuck = [name for name in remaining if not self._delete_one(name, final=final, reasons=reasons)]
            if len(stuck) == len(remaining):
                for name in stuck:
                    item = self.stack.deployed[name]
                    self._event(name, item.physical_id, item.type, "DELETE_FAILED", reasons[name])
                return stuck
            remaining = stuck
        return []

    def _delete_one(self, name: str, *, final: bool, reasons: dict[str, str]) -> bool:
        item = self.stack.deployed[name]
        policy = item.definition.get("DeletionPolicy", "Delete")
        if policy == "Retain" or (policy == "RetainExceptOnCreate" and final):
            self._event(name, item.physical_id, item.type, "DELETE_SKIPPED")
        else:
            self._event(name, item.physical_id, item.type, "DELETE_IN_PROGRESS")
            try:
                stack_resource.delete(
                    item,
                    self.stack.account_id,
                    self.stack.region_name,
                    keep_snapshot=policy == "Snapshot" and final,
                )
            except Exception as error:  # noqa: BLE001 - any failure of a handler is this resource's reason
                reasons[name] = _message(error)
                return False
            self._event(name, item.physical_id, item.type, "DELETE_COMPLETE")
        del self.stack.deployed[name]
        self.stack.resource_map._parsed_resources.pop(name, None)
        return True

    def _discard(self, unwanted: list[StackResource]) -> list[str]:
        """Remove what an update left over: replaced resources by UpdateReplacePolicy, dropped ones by DeletionPolicy."""
        failed: list[str] = []
        for item in reversed(unwanted):
            replaced = item.logical_id in self.stack.deployed
            policy = item.definition.get("UpdateReplacePolicy" if replaced else "DeletionPolicy", "Delete")
            if policy.startswith("Retain"):
                self._event(item.logical_id, item.physical_id, item.type, "DELETE_SKIPPED")
                continue
            self._event(item.logical_id, item.physical_id, item.type, "DELETE_IN_PROGRESS")
            try:
                stack_resource.delete(
                    item, self.stack.account_id, self.stack.region_name, keep_snapshot=policy == "Snapshot"
                )
            except Exception as error:  # noqa: BLE001 - CloudFormation goes on with the clean-up as well
                failed.append(item.logical_id)
                self._event(item.logical_id, item.physical_id, item.type, "DELETE_FAILED", _message(error))
                continue
            self._event(item.logical_id, item.physical_id, item.type, "DELETE_COMPLETE")
        return failed

    def _end(self, failed: list[str], good: str, bad: str) -> None:
        if failed:
            self._status(bad, f"The following resource(s) failed to delete: [{', '.join(failed)}]. ")
        else:
            self._status(good)

    def _status(self, status: str, reason: str | None = None) -> None:
        self.stack.status = status
        self.stack.status_reason = reason
        self.stack._add_stack_event(status, resource_status_reason=reason)

    def _event(self, name: str, physical_id: str, kind: str, status: str, reason: str | None = None) -> None:
        stack = self.stack
        stack.events.append(Event(stack.stack_id, stack.name, name, physical_id, kind, status, reason, None))


def _message(error: BaseException) -> str:
    code = getattr(error, "code", None)
    message = getattr(error, "message", None) or str(error) or type(error).__name__
    return f"{message} (Error code: {code})" if isinstance(code, str) else str(message)
