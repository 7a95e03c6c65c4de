"""What the rulebook says to the modification of a resource, whose properties come as CloudFormation names them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, cast

from elasticache_kit.model import cache_cluster, global_replication_group, replication_group, serverless_cache
from elasticache_kit.model.change.fact import ELASTICACHE, types
from elasticache_kit.model.change.value import Deferred
from elasticache_kit.model.unknown import UNKNOWN, Unknown

if TYPE_CHECKING:
    from elasticache_kit.model.change.state import State
    from elasticache_kit.model.rule import Violation

_NESTED: dict[str, type] = {
    "CacheUsageLimitsSpec": serverless_cache.CacheUsageLimitsSpec,
    "GlobalMemberSpec": global_replication_group.GlobalMemberSpec,
    "LogDeliverySpec": replication_group.LogDeliverySpec,
    "NodeGroupSpec": replication_group.NodeGroupSpec,
    "RegionalConfigurationSpec": global_replication_group.RegionalConfigurationSpec,
    "ReshardingConfigurationSpec": global_replication_group.ReshardingConfigurationSpec,
    "UsageLimitSpec": serverless_cache.UsageLimitSpec,
}
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True, slots=True)
class _Subject:
    """The spec of a type, and the rules of its change."""

    spec: type
    check: Callable[[Any, Any], tuple[Violation, ...]]


_SUBJECTS = {
    "CacheCluster": _Subject(cache_cluster.CacheClusterSpec, cache_cluster.check_change),
    "GlobalReplicationGroup": _Subject(
        global_replication_group.GlobalReplicationGroupSpec, global_replication_group.check_change
    ),
    "ReplicationGroup": _Subject(replication_group.ReplicationGroupSpec, replication_group.check_change),
    "ServerlessCache": _Subject(serverless_cache.ServerlessCacheSpec, serverless_cache.check_change),
}


def violations(old: State, new: State) -> tuple[Violation, ...]:
    """Return what the rules say to a change in place; nothing for a type without such rules.

    Violations name properties as CloudFormation does. A value that only the deployment knows breaks no rule.
    """
    subject = _SUBJECTS.get(new.type.removeprefix(ELASTICACHE))
    if subject is None:
        return ()
    names = {snake(name): name for name in types()[new.type].properties}
    found = subject.check(*(replace(spec(subject.spec, side.properties), **side.context) for side in (old, new)))
    return tuple(replace(item, property=names.get(item.property, item.property)) for item in found)


def spec(kind: type, properties: Mapping[str, object]) -> Any:
    """Return the spec that properties of CloudFormation describe; those that it has no field for are left out."""
    annotations = {item.name: str(item.type) for item in fields(kind)}
    given = {snake(name): value for name, value in properties.items()}
    return kind(**{name: _read(value, annotations[name]) for name, value in given.items() if name in annotations})


def snake(name: str) -> str:
    """Return the name of a property as the model spells it: MultiAZEnabled is multi_az_enabled."""
    return _WORD.sub("_", name.replace("AZs", "Azs")).lower()


def _read(value: object, annotation: str) -> object:
    """Read a value as the type that a field says it has; UNKNOWN where it does not look like one."""
    kind = annotation.partition(" | Unknown | None")[0]
    if isinstance(value, Deferred | Unknown):
        return UNKNOWN
    if kind.startswith("tuple["):
        inner = kind.removeprefix("tuple[").removesuffix(", ...]").removesuffix(" | Unknown")
        items = cast("list[object]", value) if isinstance(value, list | tuple) else None
        return UNKNOWN if items is None else _all_known(tuple(_read(item, inner) for item in items), annotation)
    if kind in _NESTED:
        return spec(_NESTED[kind], cast("Mapping[str, object]", value)) if isinstance(value, Mapping) else UNKNOWN
    return _scalar(value, kind)


def _scalar(value: object, kind: str) -> object:
    text = str(value)
    match kind:
        case "int":
            return int(text) if text.isdigit() else UNKNOWN
        case "bool":
            return {"true": True, "false": False}.get(text.lower(), UNKNOWN)
        case "str":
            return text if isinstance(value, str | int | float) else UNKNOWN
        case _:
            return UNKNOWN


def _all_known(items: tuple[object, ...], annotation: str) -> object:
    """Return a list, or UNKNOWN where the field takes no list with an entry that is not known."""
    return UNKNOWN if UNKNOWN in items and "tuple[str | Unknown" not in annotation else items
