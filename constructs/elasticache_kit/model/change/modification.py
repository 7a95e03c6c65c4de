"""What the rulebook says to the modification of a resource, whose properties come as CloudFormation names them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, cast

from elasticache_kit.model import cache_cluster, global_replication_group, replication_group, resolved, serverless_cache
from elasticache_kit.model.change.fact import ELASTICACHE, types
from elasticache_kit.model.change.value import Deferred
from elasticache_kit.model.property import properties as properties_of
from elasticache_kit.model.property import snake
from elasticache_kit.model.unknown import UNKNOWN, Unknown

if TYPE_CHECKING:
    from elasticache_kit.model.change.state import State
    from elasticache_kit.model.property import Property
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
_READERS: Mapping[str, Callable[[Any], object]] = {
    "bool": resolved.boolean,
    "int": resolved.integer,
    "str": resolved.text,
}


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
    kinds = properties_of(new.type)
    sides = (replace(spec(subject.spec, side.properties, kinds), **side.context) for side in (old, new))
    found = subject.check(*sides)
    return tuple(replace(item, property=names.get(item.property, item.property)) for item in found)


def spec(kind: type, properties: Mapping[str, object], kinds: Mapping[str, Property]) -> Any:
    """Return the spec that properties of CloudFormation describe; those that it has no field for are left out."""
    annotations = {item.name: str(item.type) for item in fields(kind)}
    given = {snake(name): (value, kinds.get(name)) for name, value in properties.items()}
    return kind(**{name: _read(*found, annotations[name]) for name, found in given.items() if name in annotations})


def _read(value: object, known: Property | None, annotation: str) -> object:
    """Read a value as the type that a field says it has; UNKNOWN where it does not look like one."""
    kind = annotation.partition(" | Unknown | None")[0]
    if isinstance(value, Deferred | Unknown):
        return UNKNOWN
    if kind.startswith("tuple["):
        inner = kind.removeprefix("tuple[").removesuffix(", ...]").removesuffix(" | Unknown")
        items = cast("list[object]", value) if isinstance(value, list | tuple) else None
        of = known.items if known is not None else None
        return UNKNOWN if items is None else _all_known(tuple(_read(item, of, inner) for item in items), annotation)
    if kind in _NESTED:
        members = (known.properties if known is not None else None) or {}
        return (
            spec(_NESTED[kind], cast("Mapping[str, object]", value), members) if isinstance(value, Mapping) else UNKNOWN
        )
    found = _READERS[kind](value) if kind in _READERS else None
    if found is None:
        return UNKNOWN
    return known.spelled(found) if isinstance(found, str) and known is not None else found


def _all_known(items: tuple[object, ...], annotation: str) -> object:
    """Return a list, or UNKNOWN where the field takes no list with an entry that is not known."""
    return UNKNOWN if UNKNOWN in items and "tuple[str | Unknown" not in annotation else items
