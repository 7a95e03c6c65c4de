"""Rules of the id, the engine, the node type and the tags of a global datastore."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.errors import ValidationError
from elasticache_kit.model import identifier, tag
from elasticache_kit.model.engine import Engine, EngineVersion
from elasticache_kit.model.global_replication_group import effective
from elasticache_kit.model.node_type import NodeType
from elasticache_kit.model.replication_group import effective as group_effective
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.global_replication_group.spec import GlobalReplicationGroupSpec

_ENGINES = (Engine.VALKEY, Engine.REDIS)
_FIRST_REDIS = "5.0.6"
_SMALL = ("micro", "small", "medium")


def id_suffix(spec: GlobalReplicationGroupSpec) -> Iterator[Finding]:
    """gl-id-suffix."""
    name = known(spec.global_replication_group_id_suffix)
    for problem in identifier.global_replication_group_id_suffix(name) if name is not None else ():
        yield Finding(
            "global_replication_group_id_suffix",
            name,
            f"the suffix {problem}",
            "take ASCII letters, digits and single hyphens, no hyphen first or last",
        )


def engine(spec: GlobalReplicationGroupSpec) -> Iterator[Finding]:
    """gl-engine."""
    name = known(spec.engine)
    if name is not None and name not in _ENGINES:
        yield Finding("engine", name, "a global datastore runs valkey or redis", "take one of them")


def engine_version(spec: GlobalReplicationGroupSpec) -> Iterator[Finding]:
    """gl-engine-version."""
    first = EngineVersion.of(Engine.REDIS, _FIRST_REDIS)
    for group in effective.groups(spec):
        version = effective.decided(group_effective.version, group)
        if version is not None and version.engine is Engine.REDIS and version < first:
            yield Finding(
                "members",
                group.replication_group_id,
                f"a global datastore is said to need redis {_FIRST_REDIS}, not {version}",
                "take a newer engine_version",
            )


def node_type(spec: GlobalReplicationGroupSpec) -> Iterator[Finding]:
    """gl-node-family."""
    named: list[tuple[str, str]] = []
    if isinstance(spec.cache_node_type, str):
        named.append(("cache_node_type", spec.cache_node_type))
    named += [
        ("members", group.cache_node_type) for group in effective.groups(spec) if isinstance(group.cache_node_type, str)
    ]
    for name, value in dict.fromkeys(named):
        try:
            node = NodeType.of(value)
        except ValidationError:
            continue
        if node.size in _SMALL or (node.known and not node.supports("global_datastore")):
            yield Finding(
                name,
                value,
                "these nodes cannot be in a global datastore",
                "take large or larger nodes of m5, m6g, m7g, m8g, r5, r6g, r6gd, r7g, r8g, c7gn or c8gn",
            )


def tags(spec: GlobalReplicationGroupSpec) -> Iterator[Finding]:
    """gl-tags."""
    yield from tag.findings(spec.tags)


CHECKS = {
    "gl-id-suffix": id_suffix,
    "gl-engine": engine,
    "gl-engine-version": engine_version,
    "gl-node-family": node_type,
    "gl-tags": tags,
}
