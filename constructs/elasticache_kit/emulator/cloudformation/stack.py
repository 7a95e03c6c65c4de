"""A stack and what it holds: each resource as it was last deployed, the outputs, the events."""

# moto's ResourceMap, which resolves Ref and its kin, has no public way to learn what is deployed.
# pyright: reportPrivateUsage=false
# ruff: noqa: SLF001

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from moto.cloudformation import parsing
from moto.cloudformation.models import Event, Stack
from moto.cloudformation.parsing import Export

from elasticache_kit.emulator.cloudformation import cidr

if TYPE_CHECKING:
    from elasticache_kit.emulator.cloudformation.drift import Detection
    from elasticache_kit.emulator.cloudformation.resource import StackResource


class LocalStack(Stack):
    """A moto stack that remembers each resource as it was last deployed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.deployed: dict[str, StackResource] = {}
        self.status_reason: str | None = None
        # What the last look for drift found.
        self.detection: Detection | None = None
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

    @property
    def stack_resources(self) -> list[Any]:
        """The resources that exist, for DescribeStackResources and its kin."""
        return [item.model for item in self.deployed.values() if item.model is not None]

    def load(self, template: dict[str, Any], parameters: dict[str, str]) -> None:
        """Resolve from now on against a template and parameters; what is deployed stays."""
        resource_map = self.resource_map
        resource_map._template = template
        resource_map._resource_json_map = template["Resources"]
        resource_map.input_parameters = parameters
        resource_map.resolved_parameters = {}
        resource_map.load_mapping()
        resource_map.load_parameters()
        resource_map.load_conditions()

    def wants(self, definition: dict[str, Any]) -> bool:
        """Tell whether the condition of a resource or an output, if it has one, is true."""
        condition = definition.get("Condition")
        return not condition or bool(self.resource_map.lazy_condition_map[condition])

    def resolve(self, value: Any) -> dict[str, Any]:
        """Replace every intrinsic function by its value."""
        return parsing.clean_json(cidr.resolved(value, self._resolve), self.resource_map) or {}

    def _resolve(self, value: Any) -> Any:
        return parsing.clean_json(value, self.resource_map)

    def keep(self, resource: StackResource) -> None:
        """Remember a resource as deployed, in place of the one before."""
        self.deployed[resource.logical_id] = resource
        self.resource_map._parsed_resources[resource.logical_id] = resource.model

    def drop(self, logical_id: str) -> StackResource:
        """Forget a deployed resource and return it."""
        self.resource_map._parsed_resources.pop(logical_id, None)
        return self.deployed.pop(logical_id)

    def read_outputs(self) -> None:
        """Resolve the outputs of the template that has just been deployed."""
        self._outputs = []
        definitions: dict[str, Any] = self.template_dict.get("Outputs") or {}
        read: list[dict[str, Any]] = []
        for name, definition in definitions.items():
            if not self.wants(definition):
                continue
            resolved = self.resolve(definition)
            read.append(
                {
                    "OutputKey": name,
                    "OutputValue": resolved.get("Value"),
                    "Description": resolved.get("Description"),
                    "ExportName": resolved.get("Export", {}).get("Name"),
                }
            )
        self._outputs = read

    def enter(self, status: str, reason: str | None = None) -> None:
        """Take on a status and write the event of it."""
        self.status, self.status_reason = status, reason
        self._add_stack_event(status, resource_status_reason=reason)

    def record(self, name: str, physical_id: str, kind: str, status: str, *, reason: str | None = None) -> None:
        """Write an event of a resource."""
        made = Event(self.stack_id, self.name, name, physical_id, kind, status, reason, None)
        self.events.append(cast("Event", made))  # moto declares what its models construct as their base class
