"""Resource: one resource of a CloudFormation template, its properties as far as they are known before a deployment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from elasticache_kit.model.unknown import UNKNOWN, Unknown, known

Properties = Mapping[str, object]

_NO_VALUE = {"Ref": "AWS::NoValue"}


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource.

    Args:
        logical_id: its name in the template.
        type: for example `AWS::ElastiCache::User`.
        properties: its properties as the template has them, with intrinsic functions.
        others: the resources of the template, itself included, by logical id.
    """

    logical_id: str
    type: str
    properties: Properties
    others: Mapping[str, Resource]

    def get(self, name: str) -> object:
        """Return a property, None where it is absent, UNKNOWN where an intrinsic function makes it."""
        return literal(self.properties.get(name))

    def is_on(self, name: str) -> bool:
        """Tell whether a property is true.

        Raises:
            UndecidedError: only a deployment knows.
        """
        return str(known(self.get(name))).lower() == "true"

    def number(self, name: str) -> int:
        """Return a property as a number, 0 where it is absent.

        Raises:
            UndecidedError: only a deployment knows, or it is none.
        """
        return known(number(self.get(name))) or 0

    def referred(self, value: object) -> Resource | None:
        """Return the resource of this template that a value refers to with Ref."""
        if isinstance(value, Mapping):
            name = cast("Properties", value).get("Ref")
            return self.others.get(name) if isinstance(name, str) else None
        return None


# Yields where in a resource something is wrong, and what.
Check = Callable[[Resource], Iterable[tuple[str, str]]]


def resources(template: Mapping[str, object]) -> tuple[Resource, ...]:
    """Return the resources of a template; what is no resource is passed over."""
    others: dict[str, Resource] = {}
    for logical_id, body in _mapping(template.get("Resources")).items():
        kind, properties = _mapping(body).get("Type"), _mapping(_mapping(body).get("Properties"))
        if isinstance(kind, str):
            others[logical_id] = Resource(logical_id, kind, properties, others)
    return tuple(others.values())


def literal(value: object) -> object:
    """Return a value, None for AWS::NoValue, UNKNOWN for any other intrinsic function."""
    if value == _NO_VALUE:
        return None
    return UNKNOWN if is_intrinsic(value) else value


def is_intrinsic(value: object) -> bool:
    """Tell whether an intrinsic function makes a value."""
    if not isinstance(value, Mapping):
        return False
    names = list(cast("Properties", value))
    return len(names) == 1 and (names[0] in {"Ref", "Condition"} or names[0].startswith("Fn::"))


def number(value: object) -> int | Unknown | None:
    """Return a value as a whole number, UNKNOWN where it is none."""
    if value is None or isinstance(value, Unknown):
        return value
    try:
        return int(cast("str", value))
    except (TypeError, ValueError):
        return UNKNOWN


def items(value: object) -> Iterator[Properties]:
    """Yield the mappings of a list, without what an intrinsic function makes."""
    if isinstance(value, list):
        for item in cast("list[object]", value):
            if isinstance(item, Mapping) and not is_intrinsic(cast("object", item)):
                yield cast("Properties", item)


def _mapping(value: object) -> Properties:
    return cast("Properties", value) if isinstance(value, Mapping) else {}
