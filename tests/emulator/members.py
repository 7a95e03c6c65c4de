"""The members of a request, from a spec of the rulebook."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from itertools import count
from typing import Any, cast

from elasticache_kit.model.unknown import Unknown

HOME = "eu-west-1"
# Specs name zones by letters.
ZONES = {letter: f"{HOME}{letter}" for letter in "abc"}
# What the API calls differently than CloudFormation, after which the specs are named.
OTHER_NAMES: dict[str, dict[str, str]] = {
    "create_cache_cluster": {"cluster_name": "CacheClusterId", "vpc_security_group_ids": "SecurityGroupIds"},
    "create_cache_subnet_group": {"description": "CacheSubnetGroupDescription"},
    "modify_cache_cluster": {"cluster_name": "CacheClusterId", "vpc_security_group_ids": "SecurityGroupIds"},
}


@dataclass(frozen=True, slots=True)
class Wire:
    """An emulator with the subnet group `private` in the zones a and b of a Region, and what it takes to ask it.

    Args:
        client: makes boto3 clients that send whatever they are given, of a service and a Region.
        subnets: makes a network in a Region once, and returns its subnets by the letters of their zones.
        elasticache: the client of ElastiCache in the Region of the specs.
        numbers: for names that are not taken.
    """

    client: Callable[[str, str], Any]
    subnets: Callable[[str], Mapping[str, str]]
    elasticache: Any
    numbers: Iterator[int] = field(default_factory=count)

    def name(self) -> str:
        """Return a name that nothing has."""
        return f"n{next(self.numbers)}"


def members_of(wire: Wire, operation: str, spec: Any, api: Any = None) -> dict[str, Any]:
    """Return the members of a request that a spec gives; what the operation does not have is left out.

    Args:
        wire: the emulator.
        operation: the operation, as boto3 calls it.
        spec: what is asked for.
        api: a client of the service that has the operation. Default: of ElastiCache.
    """
    client = api or wire.elasticache
    names = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation]).input_shape.members
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
