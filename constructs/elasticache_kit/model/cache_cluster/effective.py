"""What ElastiCache takes where the spec of a cache cluster is silent.

Every function raises UndecidedError where the answer depends on a value that is UNKNOWN, or on one that is wrong in a
way that a rule of its own reports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.errors import ValidationError
from elasticache_kit.model.engine import Engine, EngineVersion, default_version
from elasticache_kit.model.node_type import NodeType
from elasticache_kit.model.unknown import UndecidedError, known

if TYPE_CHECKING:
    from elasticache_kit.model.cache_cluster.spec import CacheClusterSpec

ENGINES = (Engine.MEMCACHED, Engine.REDIS)


def engine(spec: CacheClusterSpec) -> Engine:
    """Return the engine, memcached or redis."""
    name = known(spec.engine)
    if name not in ENGINES:
        raise UndecidedError
    return Engine(name)


def version(spec: CacheClusterSpec) -> EngineVersion:
    """Return the engine version: the default one of the engine where it is omitted."""
    name, text = engine(spec), known(spec.engine_version)
    if text is None:
        return default_version(name)
    try:
        return EngineVersion.of(name, text)
    except ValidationError:
        raise UndecidedError from None


def node_type(spec: CacheClusterSpec) -> NodeType:
    """Return the node type."""
    name = known(spec.cache_node_type)
    if name is None:
        raise UndecidedError
    try:
        return NodeType.of(name)
    except ValidationError:
        raise UndecidedError from None


def nodes(spec: CacheClusterSpec) -> int:
    """Return the number of nodes."""
    count = known(spec.num_cache_nodes)
    if count is None:
        raise UndecidedError
    return count


def transit_encryption(spec: CacheClusterSpec) -> bool:
    """Tell whether TLS is on: off where it is omitted."""
    return known(spec.transit_encryption_enabled) is True


def zones_cross(spec: CacheClusterSpec) -> bool:
    """Tell whether the nodes are spread over zones: not where AZMode is omitted."""
    return known(spec.az_mode) == "cross-az"
