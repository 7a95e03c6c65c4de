"""Deploying a template through the emulator's CloudFormation, over the wire, and comparing what is there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from moto.cloudformation import parsing

from elasticache_kit.emulator.cloudformation.resource import EMPTY_TYPES
from tests.emulator.wire import Client, at_rest
from tests.property.read_back import READERS

NOT_YET = "not implemented by the local emulator yet"
# Hundreds of stacks in a row, on a machine that does other things too: a slow one is no disagreement.
PATIENCE_SECONDS = 120


def deployable(types: set[str]) -> bool:
    """Tell whether the emulator makes resources of all these types, by the table of its own."""
    return types <= (parsing.get_model_map().keys() | EMPTY_TYPES)


class Stack:
    """A deployed stack.

    Args:
        client: makes clients of the emulator.
        name: its name.
        template: what was asked for.
    """

    def __init__(self, client: Client, name: str, template: Mapping[str, Any]) -> None:
        self._client, self._name, self._template = client, name, template
        cloudformation = client("cloudformation")
        made = cloudformation.create_stack(
            StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"]
        )
        self._id: str = made["StackId"]
        self.status: str = at_rest(client, self._id, PATIENCE_SECONDS)["StackStatus"]
        resources = cloudformation.describe_stack_resources(StackName=self._id)["StackResources"]
        self._physical = {item["LogicalResourceId"]: item.get("PhysicalResourceId") for item in resources}

    @property
    def complaints(self) -> list[str]:
        """Why resources failed."""
        events = self._client("cloudformation").describe_stack_events(StackName=self._id)["StackEvents"]
        return [event["ResourceStatusReason"] for event in events if event["ResourceStatus"] == "CREATE_FAILED"]

    def differences(self) -> list[str]:
        """Compare each property of each resource of ElastiCache with what the API tells of it."""
        found: list[str] = []
        for logical_id, resource in self._template["Resources"].items():
            if resource["Type"] not in READERS:
                continue
            asked = self._resolved(resource.get("Properties", {}))
            name = str(self._physical[logical_id])
            for key, wanted, there in READERS[resource["Type"]](self._client("elasticache"), name, asked):
                if wanted != there:
                    found.append(f"{resource['Type']}.{key}: asked for {wanted!r}, got {there!r}")
        return found

    def remove(self) -> None:
        """Delete the stack."""
        self._client("cloudformation").delete_stack(StackName=self._id)
        status = at_rest(self._client, self._id, PATIENCE_SECONDS)["StackStatus"]
        assert status == "DELETE_COMPLETE", f"{self._name} cannot be deleted: {status}"
        # The final snapshot has the name that the template asks for, and would hold up the next cache of that name.
        elasticache = self._client("elasticache")
        for snapshot in elasticache.describe_serverless_cache_snapshots()["ServerlessCacheSnapshots"]:
            elasticache.delete_serverless_cache_snapshot(
                ServerlessCacheSnapshotName=snapshot["ServerlessCacheSnapshotName"]
            )

    def _resolved(self, value: Any) -> Any:
        """Put in what Ref leads to; other functions are those of properties that nobody reads back."""
        if isinstance(value, list):
            return [self._resolved(item) for item in cast("list[Any]", value)]
        if not isinstance(value, dict):
            return value
        mapping = cast("dict[str, Any]", value)
        if set(mapping) == {"Ref"}:
            return self._physical.get(mapping["Ref"], mapping)
        if set(mapping) == {"Fn::GetAtt"} and mapping["Fn::GetAtt"][1] == "Arn":
            return _Arn(str(self._physical.get(mapping["Fn::GetAtt"][0])))
        return {key: self._resolved(item) for key, item in mapping.items()}


class _Arn:
    """Some ARN of a resource, of which the end is known."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and other.endswith(self._name)

    def __hash__(self) -> int:
        return hash(self._name)

    def __repr__(self) -> str:
        return f"an ARN of {self._name}"
