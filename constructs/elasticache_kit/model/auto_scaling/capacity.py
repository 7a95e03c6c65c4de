"""Rules of the dimension that is scaled, and of its bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model import quota
from elasticache_kit.model.auto_scaling.spec import NODE_GROUPS, NODES, REPLICAS
from elasticache_kit.model.replication_group import effective
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import UndecidedError, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.auto_scaling.spec import ScalableTargetSpec

_PREFIXES = {
    NODE_GROUPS: "replication-group/",
    REPLICAS: "replication-group/",
    NODES: "cache-cluster/",
}


def dimension(spec: ScalableTargetSpec) -> Iterator[Finding]:
    """as-dimension."""
    name = known(spec.scalable_dimension)
    if name is None or name not in _PREFIXES:
        yield Finding("scalable_dimension", name, f"it is one of {', '.join(_PREFIXES)}", "take one of them")


def resource_id(spec: ScalableTargetSpec) -> Iterator[Finding]:
    """as-resource-id."""
    name, target = known(spec.scalable_dimension), known(spec.resource_id)
    prefix = _PREFIXES.get(name or "")
    if prefix is not None and target is not None and not target.startswith(prefix):
        yield Finding("resource_id", target, f"for {name} it is {prefix}<id>", f"put {prefix} before the id")


def shards_range(spec: ScalableTargetSpec) -> Iterator[Finding]:
    """as-shards-range."""
    yield from _range(spec, NODE_GROUPS, quota.AUTO_SCALING_SHARDS, "shards")


def replicas_range(spec: ScalableTargetSpec) -> Iterator[Finding]:
    """as-replicas-range."""
    yield from _range(spec, REPLICAS, quota.AUTO_SCALING_REPLICAS, "replicas")


def bounds(spec: ScalableTargetSpec) -> Iterator[Finding]:
    """as-min-max."""
    least, most = known(spec.min_capacity), known(spec.max_capacity)
    if least is None or most is None:
        name = "min_capacity" if least is None else "max_capacity"
        yield Finding(name, None, "a scalable target has both bounds", f"give {name}")
    elif least > most:
        yield Finding("min_capacity", least, f"it is above max_capacity, which is {most}", "turn the two around")


def moves_now(spec: ScalableTargetSpec) -> Iterator[Finding]:
    """as-min-max-moves-now."""
    group = known(spec.replication_group)
    least, most = known(spec.min_capacity), known(spec.max_capacity)
    if group is None or least is None or most is None or least > most:
        return
    counts = effective.replica_counts(group)
    match known(spec.scalable_dimension):
        case dimension_name if dimension_name == NODE_GROUPS:
            found, what = {len(counts)}, "shards"
        case dimension_name if dimension_name == REPLICAS:
            found, what = set(counts), "replicas in a shard"
        case _:
            raise UndecidedError
    for count in sorted(found):
        if not least <= count <= most:
            yield Finding(
                "min_capacity" if count < least else "max_capacity",
                least if count < least else most,
                f"the group has {count} {what}, which changes at once",
                f"choose bounds that hold {count}, unless that is what you want",
            )


def _range(spec: ScalableTargetSpec, name: str, most: int, what: str) -> Iterator[Finding]:
    if known(spec.scalable_dimension) != name:
        return
    for bound in ("min_capacity", "max_capacity"):
        value = getattr(spec, bound)
        if isinstance(value, int) and not 1 <= value <= most:
            yield Finding(bound, value, f"{what} scale between 1 and {most}", "take a number in this range")


CHECKS = {
    "as-dimension": dimension,
    "as-resource-id": resource_id,
    "as-shards-range": shards_range,
    "as-replicas-range": replicas_range,
    "as-min-max": bounds,
    "as-min-max-moves-now": moves_now,
}
