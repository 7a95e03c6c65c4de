"""The metrics of each cache: which engines to ask, and under which dimensions CloudWatch has what they say."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from elasticache_kit.emulator import fleet_key
from elasticache_kit.emulator.fleet.admin import ReplyError
from elasticache_kit.emulator.metric import engine_reading, memcached_reading
from elasticache_kit.emulator.metric.datum import Datum, Dimensions, data
from elasticache_kit.emulator.metric.engine_reading import EngineReading
from elasticache_kit.emulator.metric.memcached_reading import MemcachedReading
from elasticache_kit.emulator.metric.value import ratio
from elasticache_kit.errors import EmulatorError, NotFoundError
from elasticache_kit.model.metric import Scope
from elasticache_kit.model.node_type import NodeType

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet
    from elasticache_kit.emulator.fleet.node import Node
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.cache_cluster import CacheCluster
    from elasticache_kit.emulator.state.replication_group import ReplicationGroup
    from elasticache_kit.emulator.state.serverless_cache import ServerlessCache

# The id of the one node that a member of a replication group has.
ONLY_NODE = "0001"
# Of the nodes behind a serverless cache these say the same, or are no sum.
_MEANS = frozenset({"SuccessfulReadRequestLatency", "SuccessfulWriteRequestLatency"})


@dataclass(slots=True)
class CacheMetrics:
    """Asks engines, and remembers what each said last: most metrics are what was added since.

    Args:
        fleet: the engines.
    """

    fleet: Fleet
    _engines: dict[tuple[str, str], EngineReading] = field(default_factory=dict[tuple[str, str], EngineReading])
    _processes: dict[tuple[str, str], MemcachedReading] = field(default_factory=dict[tuple[str, str], MemcachedReading])
    _kinds: dict[str, Mapping[str, frozenset[str]]] = field(default_factory=dict[str, Mapping[str, frozenset[str]]])

    def read(self, region: Region, minute: dt.datetime) -> Iterator[Datum]:
        """Yield what the caches of a region have to tell at this moment.

        A cache without engines, or one that does not answer, tells nothing: its metrics have a gap, as on AWS.
        """
        for group in list(region.replication_groups.values()):
            yield from self._replication_group(region, group, minute)
        for cluster in list(region.cache_clusters.values()):
            yield from self._cache_cluster(region, cluster, minute)
        for cache in list(region.serverless_caches.values()):
            yield from self._serverless_cache(region, cache, minute)

    def _replication_group(self, region: Region, group: ReplicationGroup, minute: dt.datetime) -> Iterator[Datum]:
        key = region.fleet_key(group.replication_group_id)
        for name, values in self._nodes(key, _node_type(group.spec.cache_node_type)):
            yield from data(Scope.NODE, values, _of_node(name, ONLY_NODE), minute)
            role = "Primary" if values["IsMaster"] else "Replica"
            of_group = ((("ReplicationGroupId", group.replication_group_id), ("Role", role)),)
            yield from data(Scope.GROUP, values, of_group, minute)

    def _cache_cluster(self, region: Region, cluster: CacheCluster, minute: dt.datetime) -> Iterator[Datum]:
        key = fleet_key.of_cache_cluster(region, cluster.cache_cluster_id)
        node_type = _node_type(cluster.spec.cache_node_type)
        for _, values in self._nodes(key, node_type):
            yield from data(Scope.NODE, values, _of_node(cluster.cache_cluster_id, ONLY_NODE), minute)
        for name, values in self._memcached(key, node_type):
            yield from data(Scope.MEMCACHED, values, _of_node(cluster.cache_cluster_id, name), minute)

    def _serverless_cache(self, region: Region, cache: ServerlessCache, minute: dt.datetime) -> Iterator[Datum]:
        key = fleet_key.of_serverless_cache(region, cache.serverless_cache_name)
        of_cache = ((("clusterId", cache.serverless_cache_name),),)
        engines = [values for _, values in self._nodes(key, None) if values["IsMaster"]]
        if engines:
            yield from data(Scope.SERVERLESS, _sum(engines), of_cache, minute)
        processes = [values for _, values in self._memcached(key, None)]
        if processes:
            yield from data(Scope.SERVERLESS_MEMCACHED, _sum(processes), of_cache, minute)

    def _nodes(self, key: str, node_type: NodeType | None) -> Iterator[tuple[str, dict[str, float]]]:
        """Yield the nodes of a group by name, with what each tells."""
        try:
            nodes = self.fleet.group(key).nodes
        except NotFoundError:
            return  # not started yet, or gone, or without engines
        for name, node in nodes.items():
            try:
                now = self._ask(node)
            except (OSError, ReplyError):
                self._engines.pop((key, name), None)
                continue
            before = self._engines.get((key, name))
            self._engines[key, name] = now
            known = self._kinds[now.fields.get("executable", "")]
            yield name, engine_reading.values(before, now, node_type, known)

    def _ask(self, node: Node) -> EngineReading:
        """Ask an engine, once for all what kinds its commands are of.

        Raises:
            OSError, ReplyError: it does not answer, or not with what was asked for.
        """
        with node.engine.admin() as admin:
            text = admin.command("INFO", "everything")
            fields = engine_reading.parse(text if isinstance(text, str) else "")
            program = fields.get("executable", "")
            if program not in self._kinds:
                commands = admin.command("COMMAND")
                self._kinds[program] = engine_reading.kinds(commands if isinstance(commands, list) else ())
        return EngineReading(time.monotonic(), node.engine.pid, fields)

    def _memcached(self, key: str, node_type: NodeType | None) -> Iterator[tuple[str, dict[str, float]]]:
        """Yield the nodes of a Memcached cluster by name, with what each tells."""
        cluster = self.fleet.find_memcached(key)
        if cluster is None:
            return
        for name in list(cluster.alive):
            try:
                now = MemcachedReading(time.monotonic(), cluster.stats(name))
            except (OSError, EmulatorError, NotFoundError):
                self._processes.pop((key, name), None)
                continue
            before = self._processes.get((key, name))
            self._processes[key, name] = now
            yield name, memcached_reading.values(before, now, node_type)


def _sum(parts: list[dict[str, float]]) -> dict[str, float]:
    """Return the metrics of the whole from those of its parts."""
    names = {name for part in parts for name in part}
    found = {name: sum(part.get(name, 0.0) for part in parts) for name in names}
    for name in _MEANS & names:
        told = [part[name] for part in parts if name in part]
        found[name] = sum(told) / len(told)
    found.pop("CacheHitRate", None)
    hits, misses = found.get("CacheHits", 0.0), found.get("CacheMisses", 0.0)
    found |= ratio("CacheHitRate", 100 * hits, hits + misses)
    return found | {"TotalCmdsCount": found["ProcessedCommands"]} if "ProcessedCommands" in found else found


def _of_node(cache_cluster_id: str, cache_node_id: str) -> tuple[Dimensions, ...]:
    """Return the dimensions that AWS has the metrics of a node under: the cluster alone, and with the node."""
    cluster = ("CacheClusterId", cache_cluster_id)
    return (cluster,), (cluster, ("CacheNodeId", cache_node_id))


def _node_type(name: object) -> NodeType | None:
    return NodeType.of(name) if isinstance(name, str) else None
