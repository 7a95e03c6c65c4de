"""Rules of the node type."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from elasticache_kit.errors import ValidationError
from elasticache_kit.model.node_type import NodeType, node_families, node_types
from elasticache_kit.model.replication_group import effective
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.replication_group.spec import ReplicationGroupSpec

_TIERED = "r6gd"


def node_type_exists(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-node-type-exists."""
    name = known(spec.cache_node_type)
    if name is None:
        return
    try:
        node_type = NodeType.of(name)
    except ValidationError:
        yield Finding("cache_node_type", name, "this is not the name of a node type", _like(name))
        return
    if not node_type.known:
        if node_type.family in node_families():
            yield Finding("cache_node_type", name, f"the family {node_type.family} has no such size", _like(name))
        return
    if not node_type.supports("create_new"):
        return
    version = effective.version(spec)
    first = node_type.min_version(version.engine)
    if first is None:
        runs = " and ".join(sorted(item.engine for item in node_type.engine_min_versions))
        yield Finding(
            "cache_node_type",
            name,
            f"it does not run {version.engine}, only {runs}",
            "take another node type or engine",
        )
    elif version < first:
        yield Finding(
            "cache_node_type",
            name,
            f"it runs {first} and newer, not {version}",
            f"take engine_version={first.version!r} or newer, or another node type",
        )


def node_type_known(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-node-type-known."""
    node_type = effective.node_type(spec)
    if not node_type.known and node_type.family not in node_families():
        yield Finding(
            "cache_node_type",
            node_type.name,
            f"the family {node_type.family} is not known",
            f"{_like(node_type.name)}, or go on if AWS offers it by now",
        )


def t2_closed(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-t2-closed."""
    node_type = effective.node_type(spec)
    if node_type.family == "t2":
        yield Finding(
            "cache_node_type",
            node_type.name,
            "T2 nodes are not made any more",
            f"take cache.t4g.{node_type.size}",
        )


def previous_generation(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-prev-generation."""
    node_type = effective.node_type(spec)
    if node_type.known and not node_type.supports("create_new") and node_type.family != "t2":
        yield Finding(
            "cache_node_type",
            node_type.name,
            "node types of previous generations are not made any more",
            "take a current one, for example cache.t4g.small, cache.m7g.large or cache.r7g.large",
        )


def t1_no_failover(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-t1-no-failover."""
    node_type = effective.node_type(spec)
    if node_type.family == "t1" and (spec.automatic_failover_enabled is True or spec.multi_az_enabled is True):
        yield Finding(
            "cache_node_type",
            node_type.name,
            "T1 nodes have neither automatic failover nor Multi-AZ",
            "take a current node type, for example cache.t4g.micro",
        )


def tiering_must(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-tiering-must."""
    node_type = effective.node_type(spec)
    if node_type.family == _TIERED:
        yield Finding(
            "cache_node_type",
            node_type.name,
            f"{_TIERED} nodes need data tiering, which elasticache-kit does not offer yet",
            "take a node type that keeps all data in memory, for example of the family r6g or r7g",
        )


def tiering_version(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-tiering-version."""
    if effective.node_type(spec).family == _TIERED and not (version := effective.version(spec)).supports(
        "data_tiering"
    ):
        yield Finding(
            "engine_version",
            version.version,
            f"{_TIERED} nodes need valkey 7.2 or redis 6.2, not {version}",
            "take a newer engine_version",
        )


def _like(name: str) -> str:
    """Name the node type that was probably meant."""
    current = [item.name for item in node_types().values() if item.supports("create_new")]
    near = difflib.get_close_matches(name, current, n=1)
    return f"take {near[0]}" if near else "take one such as cache.t4g.small or cache.r7g.large"


CHECKS = {
    "rg-node-type-exists": node_type_exists,
    "rg-node-type-known": node_type_known,
    "rg-t2-closed": t2_closed,
    "rg-prev-generation": previous_generation,
    "rg-t1-no-failover": t1_no_failover,
    "rg-tiering-must": tiering_must,
    "rg-tiering-version": tiering_version,
}
