"""Metrics: what CloudWatch knows of a cache, and when to raise an alarm.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict, cast

from elasticache_kit.model.data import load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticache_kit.model.node_type import NodeType

NAMESPACE = "AWS/ElastiCache"

Comparison = Literal["GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold"]
Basis = Literal["number", "per_vcpu", "of_maxclients", "of_maximum", "chosen"]


class Scope(StrEnum):
    """What a metric is measured on."""

    NODE = "node"  # a node of a replication group
    GROUP = "group"  # a replication group, by the role of its nodes
    MEMCACHED = "memcached"  # a Memcached cluster, or one node of it
    SERVERLESS = "serverless"  # a serverless cache of Valkey or Redis OSS
    SERVERLESS_MEMCACHED = "serverless-memcached"


class _MetricFact(TypedDict):
    name: str
    scope: list[str]
    unit: str
    statistic: str
    dimensions: NotRequired[list[str]]
    note: NotRequired[str]
    source: list[str]


class _ThresholdFact(TypedDict):
    basis: Basis
    value: NotRequired[float]


class _AlarmFact(TypedDict):
    name: str
    scope: str
    metric: str
    statistic: str
    comparison: Comparison
    threshold: _ThresholdFact
    evaluation_periods: int
    datapoints_to_alarm: int
    smallest_vcpu: NotRequired[int]
    largest_vcpu: NotRequired[int]
    why: str
    source: list[str]


class _MetricFacts(TypedDict):
    dimensions: dict[str, list[str]]
    metrics: list[_MetricFact]
    alarms: list[_AlarmFact]


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of the namespace AWS/ElastiCache.

    Args:
        name: as CloudWatch writes it.
        scope: what it is measured on.
        unit: as AWS names it, for example `Percent` or `Microseconds`.
        statistic: the one that says most, for example `Average`.
        dimensions: those that must be given, for example `CacheClusterId`.
        narrower: those that may be given too, for example `CacheNodeId`.
        note: when it is there, and what to know of it; empty where nothing is to be said.
        source: where it is written.
    """

    name: str
    scope: Scope
    unit: str
    statistic: str
    dimensions: tuple[str, ...]
    narrower: tuple[str, ...]
    note: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AlarmFact:
    """An alarm that AWS recommends, or that its pages suggest.

    Args:
        name: its name, for good, for example `engine-cpu`.
        metric: what it watches.
        statistic: how the values of a period are taken together.
        comparison: CloudWatch's name of the comparison with the threshold.
        basis: where the threshold comes from: a `number`, a share `per_vcpu`, `of_maxclients` or `of_maximum`, or
            `chosen` by whoever knows the application.
        value: the number or the share; None where AWS names none.
        period_seconds: the length of a period.
        evaluation_periods: how many periods are looked at.
        datapoints_to_alarm: how many of them must be beyond the threshold.
        smallest_vcpu: the fewest virtual processors that it is meant for. Default: 1.
        largest_vcpu: the most virtual processors that it is meant for. Default: no bound.
        why: what it tells of, one sentence.
        source: where it is written; `chosen here` marks a number of ours.
    """

    name: str
    metric: Metric
    statistic: str
    comparison: Comparison
    basis: Basis
    value: float | None
    period_seconds: int
    evaluation_periods: int
    datapoints_to_alarm: int
    smallest_vcpu: int
    largest_vcpu: int | None
    why: str
    source: tuple[str, ...]

    def suits(self, node_type: NodeType) -> bool:
        """Tell whether the alarm is meant for nodes of a type; of a type that is not known it may be."""
        if node_type.vcpu is None:
            return True
        return self.smallest_vcpu <= node_type.vcpu and (
            self.largest_vcpu is None or node_type.vcpu <= self.largest_vcpu
        )

    def threshold(self, node_type: NodeType | None = None, maximum: float | None = None) -> float | None:
        """Return the threshold in the unit of the metric, None where it must be chosen or where a figure is missing.

        Args:
            node_type: the type of the nodes, for what depends on their processors or connections.
            maximum: the limit that a serverless cache has, in the unit of the metric over one period.
        """
        if self.value is None:
            return None
        factor: float | None
        match self.basis:
            case "number":
                factor = 1
            case "per_vcpu":
                factor = 1 / node_type.vcpu if node_type and node_type.vcpu else None
            case "of_maxclients":
                factor = node_type.maxclients if node_type else None
            case _:
                factor = maximum
        return None if factor is None else self.value * factor


def metrics(scope: Scope | str) -> tuple[Metric, ...]:
    """Return the metrics of a scope, in the order of the pages of AWS.

    Raises:
        ValueError: there is no such scope.
    """
    return tuple(_metrics()[Scope(scope)].values())


def metric(scope: Scope | str, name: str) -> Metric:
    """Return a metric.

    Raises:
        KeyError: the scope has no such metric.
        ValueError: there is no such scope.
    """
    return _metrics()[Scope(scope)][name]


@cache
def alarms(scope: Scope | str) -> tuple[AlarmFact, ...]:
    """Return the alarms of a scope.

    Raises:
        ValueError: there is no such scope.
    """
    return tuple(_alarm(fact) for fact in _facts()["alarms"] if fact["scope"] == Scope(scope))


def _facts() -> _MetricFacts:
    return cast("_MetricFacts", load("metrics"))


@cache
def _metrics() -> Mapping[Scope, Mapping[str, Metric]]:
    found: dict[Scope, dict[str, Metric]] = {scope: {} for scope in Scope}
    for fact in _facts()["metrics"]:
        for scope in map(Scope, fact["scope"]):
            first, *narrower = (tuple(names.split()) for names in _facts()["dimensions"][scope])
            found[scope][fact["name"]] = Metric(
                name=fact["name"],
                scope=scope,
                unit=fact["unit"],
                statistic=fact["statistic"],
                dimensions=first,
                narrower=(*(name for names in narrower for name in names), *fact.get("dimensions", ())),
                note=fact.get("note", ""),
                source=tuple(fact["source"]),
            )
    return found


def _alarm(fact: _AlarmFact) -> AlarmFact:
    return AlarmFact(
        name=fact["name"],
        metric=metric(fact["scope"], fact["metric"]),
        statistic=fact["statistic"],
        comparison=fact["comparison"],
        basis=fact["threshold"]["basis"],
        value=fact["threshold"].get("value"),
        period_seconds=60,
        evaluation_periods=fact["evaluation_periods"],
        datapoints_to_alarm=fact["datapoints_to_alarm"],
        smallest_vcpu=fact.get("smallest_vcpu", 1),
        largest_vcpu=fact.get("largest_vcpu"),
        why=fact["why"],
        source=tuple(fact["source"]),
    )
