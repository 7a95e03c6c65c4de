"""The offer of node types: what a cache of any kind may not ask for, as findings for the rules of each kind."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from elasticache_kit.errors import ValidationError
from elasticache_kit.model.node_type import NodeType, node_families, node_types
from elasticache_kit.model.rule import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from elasticache_kit.model.engine import EngineVersion


def missing(name: str | None, version: Callable[[], EngineVersion]) -> Iterator[Finding]:
    """Say where a node type does not exist, or does not run the engine in its version.

    Args:
        name: the node type.
        version: the engine version, asked for only where it matters.
    """
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
    if node_type.supports("create_new"):
        yield from _idle(node_type, version())


def unheard_of(node_type: NodeType) -> Iterator[Finding]:
    """Say where a node type is of a family that came out after this release, or never did."""
    if not node_type.known and node_type.family not in node_families():
        yield Finding(
            "cache_node_type",
            node_type.name,
            f"the family {node_type.family} is not known",
            f"{_like(node_type.name)}, or go on if AWS offers it by now",
        )


def closed(node_type: NodeType) -> Iterator[Finding]:
    """Say where a node type is T2."""
    if node_type.family == "t2":
        yield Finding(
            "cache_node_type",
            node_type.name,
            "T2 nodes are not made any more",
            f"take cache.t4g.{node_type.size}",
        )


def previous(node_type: NodeType) -> Iterator[Finding]:
    """Say where a node type is of a previous generation."""
    if node_type.known and not node_type.supports("create_new") and node_type.family != "t2":
        yield Finding(
            "cache_node_type",
            node_type.name,
            "node types of previous generations are not made any more",
            "take a current one, for example cache.t4g.small, cache.m7g.large or cache.r7g.large",
        )


def _idle(node_type: NodeType, version: EngineVersion) -> Iterator[Finding]:
    """Say where a node type does not run an engine version."""
    first = node_type.min_version(version.engine)
    if first is None:
        runs = " and ".join(sorted(item.engine for item in node_type.engine_min_versions))
        yield Finding(
            "cache_node_type",
            node_type.name,
            f"it does not run {version.engine}, only {runs}",
            "take another node type or engine",
        )
    elif version < first:
        yield Finding(
            "cache_node_type",
            node_type.name,
            f"it runs {first} and newer, not {version}",
            f"take engine_version={first.version!r} or newer, or another node type",
        )


def _like(name: str) -> str:
    """Name the node type that was probably meant."""
    current = [item.name for item in node_types().values() if item.supports("create_new")]
    near = difflib.get_close_matches(name, current, n=1)
    return f"take {near[0]}" if near else "take one such as cache.t4g.small or cache.r7g.large"
