"""The members of a request, from a spec of the rulebook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from itertools import count
from typing import Any, cast

from elasticache_kit.model.unknown import Unknown

# Specs name zones by letters.
ZONES = {letter: f"eu-west-1{letter}" for letter in "abc"}
# What the API calls differently than CloudFormation, after which the specs are named.
OTHER_NAMES: dict[str, dict[str, str]] = {
    "create_cache_cluster": {"cluster_name": "CacheClusterId", "vpc_security_group_ids": "SecurityGroupIds"},
    "create_cache_subnet_group": {"description": "CacheSubnetGroupDescription"},
}


@dataclass(frozen=True, slots=True)
class Wire:
    """An emulator with the subnet group `private` in the zones a and b, and what it takes to ask it.

    Args:
        elasticache: a boto3 client that sends whatever it is given.
        subnet: a subnet that exists.
        numbers: for names that are not taken.
    """

    elasticache: Any
    subnet: str
    numbers: Iterator[int] = field(default_factory=count)

    def name(self) -> str:
        """Return a name that nothing has."""
        return f"n{next(self.numbers)}"


def members_of(wire: Wire, operation: str, spec: Any) -> dict[str, Any]:
    """Return the members of a request that a spec gives; what the operation does not have is left out."""
    model = wire.elasticache.meta.service_model
    names = model.operation_model(wire.elasticache.meta.method_to_api_mapping[operation]).input_shape.members
    by_plain = {name.lower(): name for name in names}
    others = OTHER_NAMES.get(operation, {})
    found: dict[str, Any] = {}
    for item in fields(spec):
        value = getattr(spec, item.name)
        name = others.get(item.name) or by_plain.get(item.name.replace("_", ""))
        if name is not None and value is not None and not isinstance(value, Unknown):
            found[name] = ZONES.get(value, value) if item.name == "preferred_availability_zone" else value_of(value)
    return found


def value_of(value: Any) -> Any:
    """Return a value as the API takes it: a list for a tuple, and zones by their names."""
    if isinstance(value, tuple):
        return [ZONES.get(item, item) for item in cast("tuple[Any, ...]", value)]
    return value
