"""Metrics: what CloudWatch knows of a cache, with the dimensions under which it really has data.

Each kind of cache has a class of metrics, with one method for each metric; owned and imported caches have the same.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from elasticache_kit.cdk.argument import typed
from elasticache_kit.cdk.membership import is_scaled
from elasticache_kit.cdk.token import is_token
from elasticache_kit.errors import ValidationError
from elasticache_kit.model import metric as facts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import Resource

CacheMetric = cloudwatch.Metric | cloudwatch.MathExpression

# ElastiCache publishes every minute.
_PERIOD_SECONDS = 60
# How the values of several nodes are taken together: as the statistic takes those of a period. Of a percentile it is
# the worst node that counts.
_TOGETHER = {"Sum": "SUM", "SampleCount": "SUM", "Average": "AVG", "Minimum": "MIN"}
_OF_A_PERCENTILE = "MAX"


class CacheMetrics(ABC):
    """The metrics of one cache, or of some of its nodes.

    Args:
        cache: the cache, made in this app or imported.
    """

    def __init__(self, cache: Resource) -> None:
        self._cache = cache

    @property
    @abstractmethod
    def scope(self) -> facts.Scope:
        """What they are measured on, as the rulebook names it."""

    @property
    def known(self) -> Mapping[str, facts.Metric]:
        """The metrics that there are, by name."""
        return {fact.name: fact for fact in facts.metrics(self.scope)}

    @property
    @abstractmethod
    def dimensions(self) -> tuple[Mapping[str, str], ...]:
        """The dimensions of each series of values, one for each node where nodes have their own."""

    @typed
    def metric(
        self,
        name: str,
        *,
        statistic: str | None = None,
        period: Duration | None = None,
        label: str | None = None,
    ) -> CacheMetric:
        """Return a metric by the name that CloudWatch has for it; a name that it does not have gets no data, ever.

        Args:
            name: for example `EngineCPUUtilization`.
            statistic: how the values of a period are taken together, for example `Average`, `Maximum` or `p99`. Those
                of several nodes are taken together in the same way. Default: the one that says most of this metric.
            period: the length of a period. Default: one minute, which is how often ElastiCache publishes.
            label: what a graph calls it. Default: its name.

        Raises:
            ValidationError: there is no such metric, or the number of the nodes is not known at synth.
        """
        known = self.known
        if name not in known and not is_token(name):
            raise ValidationError(
                f"{self._cache.node.path}: {name!r} is no metric of it; the metrics are {', '.join(known)}; "
                "of one that came out after this release make a cloudwatch.Metric with the dimensions of this object"
            )
        chosen = statistic or (known[name].statistic if name in known else "Average")
        length = period or Duration.seconds(_PERIOD_SECONDS)
        series = [self._one(name, dimensions, chosen, length, label) for dimensions in self.dimensions]
        return series[0] if len(series) == 1 else self._together(name, series, chosen, length, label)

    def _refuse_node(self, name: str, known: Sequence[str]) -> None:
        """Refuse a node that the cache does not have, unless auto scaling may add it."""
        if not is_scaled(self._cache):
            raise ValidationError(f"{self._cache.node.path} has no node {name!r}; its nodes are {', '.join(known)}")

    def _one(
        self, name: str, dimensions: Mapping[str, str], statistic: str, period: Duration, label: str | None
    ) -> cloudwatch.Metric:
        metric = cloudwatch.Metric(
            namespace=facts.NAMESPACE,
            metric_name=name,
            dimensions_map=dict(dimensions),
            statistic=statistic,
            period=period,
            label=label,
        )
        # A dashboard in another Region shows it all the same.
        return metric.attach_to(self._cache)

    def _together(
        self, name: str, series: Sequence[cloudwatch.Metric], statistic: str, period: Duration, label: str | None
    ) -> cloudwatch.MathExpression:
        # A graph takes each id once, so an id says all that makes a difference.
        word = "metric" if is_token(name) else f"{name[0].lower()}{name[1:]}"
        stem = re.sub(r"\W", "_", f"{word}_{statistic}_{self._cache.node.addr[-8:]}")
        metrics: dict[str, cloudwatch.IMetric] = {
            f"{stem}_{number}": metric for number, metric in enumerate(series, start=1)
        }
        return cloudwatch.MathExpression(
            expression=f"{_TOGETHER.get(statistic, _OF_A_PERCENTILE)}([{', '.join(metrics)}])",
            label=label or name,
            period=period,
            using_metrics=metrics,
        )


@dataclass(frozen=True, slots=True)
class MetricFunction:
    """What a method of the metrics of a cache is: it makes one metric."""

    metrics: CacheMetrics
    name: str

    @typed
    def __call__(
        self, *, statistic: str | None = None, period: Duration | None = None, label: str | None = None
    ) -> CacheMetric:
        """Return the metric; see CacheMetrics.metric."""
        return self.metrics.metric(self.name, statistic=statistic, period=period, label=label)


@dataclass(frozen=True, slots=True)
class NamedMetric:
    """A metric as a method of a class of metrics.

    Args:
        name: as CloudWatch writes it.
    """

    name: str

    @overload
    def __get__(self, metrics: None, owner: type[CacheMetrics]) -> NamedMetric: ...
    @overload
    def __get__(self, metrics: CacheMetrics, owner: type[CacheMetrics]) -> MetricFunction: ...
    def __get__(self, metrics: CacheMetrics | None, owner: type[CacheMetrics]) -> NamedMetric | MetricFunction:
        """Return the method of these metrics."""
        return self if metrics is None else MetricFunction(metrics, self.name)
