"""A stack that goes from template to template, for the tests of what it holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.emulator.wire import Client, at_rest

ELASTICACHE = "AWS::ElastiCache::"


def resource(kind: str, properties: Mapping[str, Any], **attributes: Any) -> dict[str, Any]:
    """Return a resource of ElastiCache for a template."""
    return {"Type": f"{ELASTICACHE}{kind}", "Properties": dict(properties), **attributes}


@dataclass(frozen=True, slots=True)
class StackOf:
    """A stack by its name.

    Args:
        client: makes clients of the emulator.
        name: the name of the stack.
    """

    client: Client
    name: str

    def deploy(self, resources: Mapping[str, Any], outputs: Mapping[str, Any] | None = None) -> dict[str, str]:
        """Bring the stack to a template, which must succeed, and return its outputs."""
        stack = self.attempt(resources, outputs)
        assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), self.reasons()
        return {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])}

    def attempt(self, resources: Mapping[str, Any], outputs: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Bring the stack to a template, or back where that fails, and describe it."""
        shown = {name: {"Value": value} for name, value in (outputs or {}).items()}
        body = json.dumps({"Resources": resources, **({"Outputs": shown} if shown else {})})
        api = self.client("cloudformation")
        there = [item for item in api.describe_stacks()["Stacks"] if item["StackName"] == self.name]
        (api.update_stack if there else api.create_stack)(StackName=self.name, TemplateBody=body)
        return at_rest(self.client, self.name)

    def destroy(self) -> str:
        """Remove the stack and return its last status."""
        api = self.client("cloudformation")
        stack_id = api.describe_stacks(StackName=self.name)["Stacks"][0]["StackId"]
        api.delete_stack(StackName=self.name)
        return at_rest(self.client, stack_id)["StackStatus"]

    def id_of(self, logical_id: str) -> str:
        """Return what Ref returns."""
        found = self.client("cloudformation").describe_stack_resources(
            StackName=self.name, LogicalResourceId=logical_id
        )
        return found["StackResources"][0]["PhysicalResourceId"]

    def reasons(self) -> list[str]:
        """Return what the events say beside their status, the latest first."""
        events = self.client("cloudformation").describe_stack_events(StackName=self.name)["StackEvents"]
        return [event["ResourceStatusReason"] for event in events if event.get("ResourceStatusReason")]
