"""CacheDashboard: the graphs to look at first, for caches of any kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from elasticache_kit.cdk.alarm import CacheAlarms
from elasticache_kit.cdk.argument import construct_path, typed, violation
from elasticache_kit.cdk.watched import Watched, WatchedCache, watch
from elasticache_kit.model import metric as facts
from elasticache_kit.model.metric import Scope
from elasticache_kit.model.rule import refuse

_WIDTH = 24
_GRAPH_WIDTH = 8
_GRAPH_HEIGHT = 6
# CloudWatch refuses more metrics in all graphs of a dashboard.
_MOST_METRICS = 2500


@dataclass(frozen=True, slots=True)
class _Graph:
    """A graph: its title and what it shows of each node, as pairs of a metric and a statistic."""

    title: str
    shows: tuple[tuple[str, str], ...]


_LATENCY = (
    _Graph("Latency of reads, p99 (microseconds)", (("SuccessfulReadRequestLatency", "p99"),)),
    _Graph("Latency of writes, p99 (microseconds)", (("SuccessfulWriteRequestLatency", "p99"),)),
)
_CONNECTIONS = _Graph("Connections", (("CurrConnections", "Average"),))
_EVICTIONS = _Graph("Evictions", (("Evictions", "Sum"),))
_NETWORK = _Graph("Network (bytes)", (("NetworkBytesIn", "Average"), ("NetworkBytesOut", "Average")))
_CPU = _Graph("CPU (%)", (("CPUUtilization", "Average"),))
_HITS = _Graph("Hits and misses", (("GetHits", "Sum"), ("GetMisses", "Sum")))
_HIT_RATE = _Graph("Hit rate (%)", (("CacheHitRate", "Average"),))
_LIMITED = (
    _Graph("Data (bytes)", (("BytesUsedForCache", "Maximum"),)),
    _Graph("Processing units", (("ElastiCacheProcessingUnits", "Sum"),)),
    _Graph("Throttled commands", (("ThrottledCmds", "Sum"),)),
)

_GRAPHS: dict[Scope, tuple[_Graph, ...]] = {
    Scope.NODE: (
        _Graph("Engine CPU (%)", (("EngineCPUUtilization", "Average"),)),
        _CPU,
        _Graph("Memory used by data (%)", (("DatabaseMemoryUsagePercentage", "Average"),)),
        _CONNECTIONS,
        _HIT_RATE,
        _EVICTIONS,
        *_LATENCY,
        _Graph("Replication lag (seconds)", (("ReplicationLag", "Maximum"),)),
        _NETWORK,
        _Graph("Freeable memory (bytes)", (("FreeableMemory", "Minimum"),)),
        _Graph("Traffic management", (("TrafficManagementActive", "Maximum"),)),
    ),
    Scope.MEMCACHED: (
        _CPU,
        _Graph("Freeable memory (bytes)", (("FreeableMemory", "Minimum"),)),
        _CONNECTIONS,
        _HITS,
        _EVICTIONS,
        _NETWORK,
    ),
    Scope.SERVERLESS: (*_LIMITED, _CONNECTIONS, _HIT_RATE, _EVICTIONS, *_LATENCY, _NETWORK),
    Scope.SERVERLESS_MEMCACHED: (*_LIMITED, _CONNECTIONS, _HITS, _EVICTIONS, *_LATENCY, _NETWORK),
}


class CacheDashboard(cloudwatch.Dashboard):
    """Makes an AWS::CloudWatch::Dashboard of caches: one line for each node, and the thresholds of their alarms.

    The nodes are those that are known at synth. A node that auto scaling adds is not on it.

    Args:
        scope: the construct that this one is part of.
        construct_id: its id in that scope.
        caches: replication groups, Memcached clusters and serverless caches, made in this app or imported; of an import
            the number of nodes must be told where it is imported.
        alarms: alarms whose state stands at the top. Default: none.
        dashboard_name: the name. Default: CloudFormation makes one up.
        default_interval: how far back it looks when it is opened. Default: 3 hours.

    Raises:
        ValidationError: there is no cache, the number of the nodes of one is not known at synth, or they have more
            metrics than a dashboard takes.
    """

    @typed
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        caches: Sequence[WatchedCache],
        alarms: Sequence[CacheAlarms] = (),
        dashboard_name: str | None = None,
        default_interval: Duration | None = None,
    ) -> None:
        watched = [(cache.node.path, watch(cache)) for cache in caches]
        _refuse_size(construct_path(scope, construct_id), [part for _, part in watched])
        super().__init__(
            scope,
            construct_id,
            dashboard_name=dashboard_name,
            default_interval=default_interval or Duration.hours(3),
        )
        listed = [alarm for group in alarms for alarm in group.all]
        if listed:
            self.add_widgets(
                cloudwatch.AlarmStatusWidget(
                    title="Alarms", width=_WIDTH, alarms=[cast("cloudwatch.IAlarm", alarm) for alarm in listed]
                )
            )
        for path, cache in watched:
            self.add_widgets(cloudwatch.TextWidget(markdown=f"## {path}", width=_WIDTH, height=1))
            self.add_widgets(*(_widget(graph, cache) for graph in _GRAPHS[cache.scope]))


def _widget(graph: _Graph, cache: Watched) -> cloudwatch.GraphWidget:
    several = len(graph.shows) > 1
    return cloudwatch.GraphWidget(
        title=graph.title,
        width=_GRAPH_WIDTH,
        height=_GRAPH_HEIGHT,
        left=[
            metrics.metric(name, statistic=statistic, label=_label(part, name, several=several))
            for part, metrics in cache.parts.items()
            for name, statistic in graph.shows
        ],
        left_annotations=_thresholds(graph, cache),
        left_y_axis=cloudwatch.YAxisProps(min=0),
    )


def _label(part: str, name: str, *, several: bool) -> str:
    """Return what tells a line from the others: the node, and the metric where a graph shows several."""
    return " ".join(word for word in (part, name if several or not part else "") if word)


def _thresholds(graph: _Graph, cache: Watched) -> list[cloudwatch.HorizontalAnnotation]:
    """Return the thresholds that the recommended alarms have for what a graph shows."""
    found: list[cloudwatch.HorizontalAnnotation] = []
    for fact in facts.alarms(cache.scope):
        threshold = cache.threshold(fact)
        if threshold and cache.expects(fact) and (fact.metric.name, fact.statistic) in graph.shows:
            found.append(cloudwatch.HorizontalAnnotation(value=threshold, label=fact.name))
    return found


def _refuse_size(path: str, caches: Sequence[Watched]) -> None:
    number = sum(len(graph.shows) * len(cache.parts) for cache in caches for graph in _GRAPHS[cache.scope])
    if not caches:
        message = "a dashboard without a cache shows nothing"
        refuse(path, [violation("cdk-dashboard-empty", "caches", (), message, "give at least one cache")])
    if number > _MOST_METRICS:
        message = f"CloudWatch takes {_MOST_METRICS} metrics in a dashboard, and these caches have {number}"
        remedy = "make several dashboards of fewer caches"
        refuse(path, [violation("cdk-dashboard-size", "caches", None, message, remedy)])
