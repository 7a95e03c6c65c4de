"""Drift: where a resource of ElastiCache is no longer what its template says.

Only what ElastiCache describes is compared; resources of other services are NOT_CHECKED, as on AWS those of types that
have no drift detection.

See https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from elasticache_kit.emulator.cloudformation.elasticache import ElastiCacheResource
from elasticache_kit.emulator.cloudformation.return_value import plain, text
from elasticache_kit.model.change.fact import types

if TYPE_CHECKING:
    from elasticache_kit.emulator.cloudformation.resource import StackResource
    from elasticache_kit.emulator.cloudformation.stack import LocalStack

IN_SYNC, MODIFIED, DELETED, NOT_CHECKED = "IN_SYNC", "MODIFIED", "DELETED", "NOT_CHECKED"


@dataclass(frozen=True, slots=True)
class ResourceDrift:
    """What became of one resource.

    Args:
        resource: the resource as it was deployed.
        status: IN_SYNC, MODIFIED, DELETED or NOT_CHECKED.
        expected: what the template says, of what is compared.
        actual: what there is.
        checked: when it was compared.
    """

    resource: StackResource
    status: str
    expected: Mapping[str, Any]
    actual: Mapping[str, Any]
    checked: dt.datetime

    def shown(self, stack_id: str) -> dict[str, Any]:
        """Show it as the API does."""
        return {
            "StackId": stack_id,
            "LogicalResourceId": self.resource.logical_id,
            "PhysicalResourceId": self.resource.physical_id,
            "ResourceType": self.resource.type,
            "ExpectedProperties": json.dumps(self.expected),
            "ActualProperties": json.dumps(self.actual),
            "PropertyDifferences": [
                {
                    "PropertyPath": f"/{name}",
                    "ExpectedValue": _written(value),
                    "ActualValue": _written(self.actual.get(name)),
                    "DifferenceType": "REMOVE" if self.actual.get(name) is None else "NOT_EQUAL",
                }
                for name, value in self.expected.items()
                if self.status == MODIFIED and not _same(self.resource.type, name, value, self.actual.get(name))
            ],
            "StackResourceDriftStatus": self.status,
            "Timestamp": self.checked,
        }


@dataclass(frozen=True, slots=True)
class Detection:
    """One comparison of a whole stack."""

    resources: tuple[ResourceDrift, ...]
    detection_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    checked: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))

    @property
    def drifted(self) -> tuple[ResourceDrift, ...]:
        """The resources that are no longer what they should be."""
        return tuple(item for item in self.resources if item.status in (MODIFIED, DELETED))

    @property
    def status(self) -> str:
        """The status of the stack."""
        return "DRIFTED" if self.drifted else IN_SYNC


def detect(stack: LocalStack) -> Detection:
    """Compare every resource of a stack with what there is."""
    return Detection(tuple(compare(item) for item in stack.deployed.values()))


def compare(resource: StackResource) -> ResourceDrift:
    """Compare one resource of a stack with what there is."""
    checked = dt.datetime.now(dt.UTC)
    if not isinstance(resource.model, ElastiCacheResource):
        return ResourceDrift(resource, NOT_CHECKED, {}, {}, checked)
    actual = resource.model.actual()
    properties = resource.model.properties
    if actual is None:
        return ResourceDrift(resource, DELETED, {}, {}, checked)
    expected = {name: plain(value) for name, value in properties.items() if name in actual}
    seen = {name: plain(value) for name, value in actual.items() if name in expected and value is not None}
    same = all(_same(resource.type, name, value, seen.get(name)) for name, value in expected.items())
    return ResourceDrift(resource, IN_SYNC if same else MODIFIED, expected, seen, checked)


def _same(type_name: str, name: str, expected: Any, actual: Any) -> bool:
    """Tell whether two values mean the same: names have no case, the order of ids means nothing, 8.1 is any 8.1."""
    if isinstance(expected, Mapping):
        wanted = {key: text(value) for key, value in cast("Mapping[str, Any]", expected).items()}
        return isinstance(actual, Mapping) and wanted == {
            key: text(value) for key, value in cast("Mapping[str, Any]", actual).items()
        }
    if isinstance(expected, list):
        return isinstance(actual, list) and _set(expected) == _set(actual)  # pyright: ignore[reportUnknownArgumentType] - of a template
    if actual is None:
        return False
    one, other = text(expected), text(actual)
    fact = types()[type_name].properties.get(name)
    if name == "EngineVersion":
        if fact is not None and fact.compare == "two parts":
            one = ".".join(one.split(".")[:2])
        return other == one or other.startswith(f"{one}.")
    return one.lower() == other.lower() if name.endswith(("Name", "Id")) else one == other


def _set(values: list[Any]) -> set[str]:
    return {text(value).lower() for value in values}


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
