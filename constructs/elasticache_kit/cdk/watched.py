"""Watched: what alarms and dashboards ask of a cache, whatever its kind, made in this app or imported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.cdk.memcached.metrics import MemcachedMetrics
from elasticache_kit.cdk.memcached.reference import IMemcachedCluster
from elasticache_kit.cdk.reference import ReplicationGroupReference
from elasticache_kit.cdk.replication_group_metrics import ReplicationGroupMetrics
from elasticache_kit.cdk.serverless.metrics import ServerlessMetrics
from elasticache_kit.cdk.serverless.reference import IServerlessCache
from elasticache_kit.model.engine import Engine, EngineVersion
from elasticache_kit.model.node_type import NodeType
from elasticache_kit.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticache_kit.cdk.metric import CacheMetrics
    from elasticache_kit.model.metric import AlarmFact, Scope
    from elasticache_kit.model.replication_group import ReplicationGroupSpec
    from elasticache_kit.model.serverless_cache import ServerlessCacheSpec

WatchedCache = ReplicationGroupReference | IMemcachedCluster | IServerlessCache

_BYTES_OF_A_GB = 10**9
# Alarms that only some caches can raise; the others need no condition.
_WITH_A_TOKEN = frozenset({"authentication-failures"})
_WITH_USERS = frozenset(
    {"command-authorization-failures", "key-authorization-failures", "channel-authorization-failures"}
)
_WITH_DATABASES_OF_USERS = frozenset({"database-authorization-failures"})
_WITH_ASYNCHRONOUS_DURABILITY = frozenset({"durability-lag", "durability-buffer"})
_WITH_REPLICAS = frozenset({"replication-lag"})
_FIRST_WITH_DATABASES = EngineVersion.of(Engine.VALKEY, "9.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A cache, as alarms see it.

    Args:
        scope: what its metrics are measured on.
        parts: the metrics of each part that has an alarm of its own, by what tells the parts apart: `0001-001` for a
            node. A cache that is one whole has one part without a name.
        node_type: the type of its nodes; None where it has none or they are not known.
        maximums: the limits of a serverless cache by the name of the metric that they limit, in its unit over a second
            where it is a rate.
        impossible: the alarms that this cache cannot raise, as far as is known.
    """

    scope: Scope
    parts: Mapping[str, CacheMetrics]
    node_type: NodeType | None
    maximums: Mapping[str, float]
    impossible: frozenset[str]

    def expects(self, fact: AlarmFact) -> bool:
        """Tell whether an alarm is of use for this cache."""
        return fact.name not in self.impossible and (self.node_type is None or fact.suits(self.node_type))

    def threshold(self, fact: AlarmFact) -> float | None:
        """Return the threshold that follows from what is known of the cache, None where none does."""
        maximum = self.maximums.get(fact.metric.name)
        if maximum is not None and fact.statistic == "Sum":
            maximum *= fact.period_seconds
        return fact.threshold(self.node_type, maximum)


def watch(cache: WatchedCache) -> Watched:
    """Look at a cache with the eyes of an alarm.

    Raises:
        ValidationError: the number of its nodes is not known at synth.
    """
    if isinstance(cache, IServerlessCache):
        return _serverless(cache)
    return _memcached(cache) if isinstance(cache, IMemcachedCluster) else _replication_group(cache)


def _replication_group(cache: ReplicationGroupReference) -> Watched:
    metrics = ReplicationGroupMetrics(cache)
    begin = f"{cache.replication_group_id}-"
    names = metrics.cache_cluster_ids
    return Watched(
        scope=metrics.scope,
        parts={name.removeprefix(begin): ReplicationGroupMetrics(cache, (name,)) for name in names},
        node_type=_node_type(cache.spec.cache_node_type),
        maximums={},
        impossible=_of_a_replication_group(cache.spec, len(names)),
    )


def _of_a_replication_group(spec: ReplicationGroupSpec, nodes: int) -> frozenset[str]:
    impossible: frozenset[str] = frozenset()
    if spec.user_group_ids is None:
        impossible |= _WITH_USERS | _WITH_DATABASES_OF_USERS
    elif spec.engine != Engine.VALKEY or _version(spec) < _FIRST_WITH_DATABASES:
        impossible |= _WITH_DATABASES_OF_USERS
    if spec.user_group_ids is None and spec.auth_token is None:
        impossible |= _WITH_A_TOKEN
    if spec.durability != "async":
        impossible |= _WITH_ASYNCHRONOUS_DURABILITY
    if nodes == 1:
        impossible |= _WITH_REPLICAS
    return impossible


def _version(spec: ReplicationGroupSpec) -> EngineVersion:
    version = spec.engine_version
    return (
        _FIRST_WITH_DATABASES
        if version is None or isinstance(version, Unknown)
        else EngineVersion.of(Engine.VALKEY, version)
    )


def _memcached(cache: IMemcachedCluster) -> Watched:
    metrics = MemcachedMetrics(cache)
    return Watched(
        scope=metrics.scope,
        parts={name: MemcachedMetrics(cache, name) for name in cache.cache_node_ids},
        node_type=_node_type(cache.spec.cache_node_type),
        maximums={},
        impossible=frozenset(),
    )


def _serverless(cache: IServerlessCache) -> Watched:
    metrics = ServerlessMetrics(cache)
    return Watched(
        scope=metrics.scope,
        parts={"": metrics},
        node_type=None,
        maximums=_limits(cache.spec),
        impossible=_WITH_A_TOKEN | _WITH_USERS if cache.spec.user_group_id is None else frozenset(),
    )


def _limits(spec: ServerlessCacheSpec) -> dict[str, float]:
    """Return the limits that a serverless cache has; 0 is none."""
    limits = spec.cache_usage_limits
    if limits is None or isinstance(limits, Unknown):
        return {}
    found: dict[str, float] = {}
    for name, limit, factor in (
        ("BytesUsedForCache", limits.data_storage, _BYTES_OF_A_GB),
        ("ElastiCacheProcessingUnits", limits.ecpu_per_second, 1),
    ):
        maximum = None if limit is None or isinstance(limit, Unknown) else limit.maximum
        if maximum and not isinstance(maximum, Unknown):
            found[name] = maximum * factor
    return found


def _node_type(name: str | Unknown | None) -> NodeType | None:
    return None if name is None or isinstance(name, Unknown) else NodeType.of(name)
