"""Alarms that never get a value: a metric, a dimension or a node that does not exist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.model.compliance.member import foreign_node
from elasticache_kit.model.compliance.resource import Properties, Resource, is_intrinsic, items, literal
from elasticache_kit.model.metric import NAMESPACE, Metric, Scope, metrics
from elasticache_kit.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from elasticache_kit.model.compliance.resource import Check

_SCOPES = {
    "AWS::ElastiCache::ReplicationGroup": (Scope.NODE, Scope.GROUP),
    "AWS::ElastiCache::ServerlessCache": (Scope.SERVERLESS, Scope.SERVERLESS_MEMCACHED),
}


@dataclass(frozen=True, slots=True)
class _Series:
    """What an alarm reads: a metric and its dimensions, and where in the alarm that is said."""

    name: str
    dimensions: Mapping[str, object]
    location: str


def _metric(alarm: Resource) -> Iterator[tuple[str, str]]:
    for series in _series(alarm):
        scopes = _scopes(alarm, series)
        if not _named(series.name, scopes):
            kind = " of this kind of cache" if _named(series.name, tuple(Scope)) else ""
            yield f"{series.location}.MetricName", f"{series.name} is no metric of ElastiCache{kind}"


def _dimension(alarm: Resource) -> Iterator[tuple[str, str]]:
    for series in _series(alarm):
        found = _named(series.name, _scopes(alarm, series))
        given = set(series.dimensions)
        if found and given and not any(_fits(metric, given) for metric in found):
            published = " or ".join(sorted({" and ".join(metric.dimensions) for metric in found}))
            said = " and ".join(sorted(given))
            yield f"{series.location}.Dimensions", f"{series.name} is published under {published}, not under {said}"


def _node(alarm: Resource) -> Iterator[tuple[str, str]]:
    for series in _series(alarm):
        wrong = foreign_node(alarm, series.dimensions.get("CacheClusterId"))
        if wrong is not None:
            yield f"{series.location}.Dimensions", wrong


def _series(alarm: Resource) -> Iterator[_Series]:
    """Yield what an alarm reads of ElastiCache, as far as it is known."""
    if alarm.get("Namespace") == NAMESPACE:
        yield from _read(alarm.properties, "Properties")
    for index, query in enumerate(items(alarm.get("Metrics"))):
        for stat in items([query.get("MetricStat")]):
            for metric in items([stat.get("Metric")]):
                if metric.get("Namespace") == NAMESPACE:
                    yield from _read(metric, f"Properties.Metrics.{index}.MetricStat.Metric")


def _read(metric: Properties, location: str) -> Iterator[_Series]:
    name, listed = metric.get("MetricName"), literal(metric.get("Dimensions"))
    dimensions = {
        str(item["Name"]): item.get("Value") for item in items(listed) if not is_intrinsic(item.get("Name", {}))
    }
    if isinstance(name, str) and not isinstance(listed, Unknown):
        yield _Series(name, dimensions, location)


def _scopes(alarm: Resource, series: _Series) -> tuple[Scope, ...]:
    """Return what the watched cache may be: what the dimensions refer to in this template says it."""
    for value in series.dimensions.values():
        cache = alarm.referred(value)
        if cache is None:
            continue
        if cache.type == "AWS::ElastiCache::CacheCluster":
            engine = cache.get("Engine")
            if not isinstance(engine, Unknown):
                return (Scope.MEMCACHED,) if engine == "memcached" else (Scope.NODE,)
        return _SCOPES.get(cache.type, tuple(Scope))
    return tuple(Scope)


def _named(name: str, scopes: tuple[Scope, ...]) -> list[Metric]:
    return [metric for scope in scopes for metric in metrics(scope) if metric.name == name]


def _fits(metric: Metric, given: set[str]) -> bool:
    return set(metric.dimensions) <= given <= {*metric.dimensions, *metric.narrower}


CHECKS: dict[str, Check] = {"alarm-metric": _metric, "alarm-dimension": _dimension, "alarm-node": _node}
