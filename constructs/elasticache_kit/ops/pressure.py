"""Pressure: what CloudWatch measured of nodes in the last hour, against the alarms that AWS recommends.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.WhichShouldIMonitor.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from elasticache_kit.errors import ValidationError
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.metric import NAMESPACE, AlarmFact, Scope, alarms
from elasticache_kit.model.node_type import NodeType
from elasticache_kit.ops.session import Session, reaching

_LOOK_BACK = timedelta(hours=1)
_PERIOD_SECONDS = 300
# GetMetricData takes no more in one call.
_MOST_QUERIES = 500


@dataclass(frozen=True, slots=True)
class Pressure:
    """A metric of a node that was beyond the threshold of a recommended alarm.

    Args:
        cache_cluster_id: the node.
        metric: for example `EngineCPUUtilization`.
        worst: the worst value of five minutes in the last hour.
        threshold: the threshold of the alarm.
        why: what it tells of.
    """

    cache_cluster_id: str
    metric: str
    worst: float
    threshold: float
    why: str


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked of a node."""

    cache_cluster_id: str
    alarm: AlarmFact
    threshold: float

    def query(self, number: int) -> dict[str, Any]:
        """Return it as GetMetricData takes it."""
        dimensions = [{"Name": "CacheClusterId", "Value": self.cache_cluster_id}]
        metric = {"Namespace": NAMESPACE, "MetricName": self.alarm.metric.name, "Dimensions": dimensions}
        stat = {"Metric": metric, "Period": _PERIOD_SECONDS, "Stat": self.alarm.statistic}
        return {"Id": f"q{number}", "MetricStat": stat, "ReturnData": True}

    def answer(self, values: Iterable[float]) -> Pressure | None:
        """Return the pressure that the values of an hour show; None where they are as they should be, or none."""
        falling = self.alarm.comparison == "LessThanThreshold"
        worst = (min if falling else max)(values, default=None)
        if worst is None or not _beyond(worst, self.threshold, self.alarm.comparison):
            return None
        return Pressure(self.cache_cluster_id, self.alarm.metric.name, worst, self.threshold, self.alarm.why)


def observe(session: Session, nodes: Iterable[tuple[str, str, str]]) -> tuple[Pressure, ...]:
    """Return what was beyond a threshold in the last hour; nothing where CloudWatch has no data.

    Args:
        session: where to ask.
        nodes: the cache cluster id, the node type and the engine of each node.

    Raises:
        ConnectionFailedError: the API cannot be reached, or does not permit it.
    """
    questions = [question for node in nodes for question in _questions(*node)]
    now = datetime.now(UTC)
    found: list[Pressure] = []
    client: Any = session.reading("cloudwatch") if questions else None
    for start in range(0, len(questions), _MOST_QUERIES):
        asked = questions[start : start + _MOST_QUERIES]
        with reaching():
            answer = client.get_metric_data(
                MetricDataQueries=[question.query(number) for number, question in enumerate(asked)],
                StartTime=now - _LOOK_BACK,
                EndTime=now,
            )
        values = {item["Id"]: item["Values"] for item in answer["MetricDataResults"]}
        answers = (question.answer(values.get(f"q{number}", ())) for number, question in enumerate(asked))
        found += [item for item in answers if item is not None]
    return tuple(found)


def _questions(cache_cluster_id: str, cache_node_type: str, engine: str) -> Iterator[_Question]:
    try:
        node_type = NodeType.of(cache_node_type)
    except ValidationError:
        return
    for alarm in alarms(Scope.MEMCACHED if engine == Engine.MEMCACHED else Scope.NODE):
        threshold = alarm.threshold(node_type)
        if threshold is not None and alarm.suits(node_type):
            yield _Question(cache_cluster_id, alarm, threshold)


def _beyond(value: float, threshold: float, comparison: str) -> bool:
    match comparison:
        case "LessThanThreshold":
            return value < threshold
        case "GreaterThanThreshold":
            return value > threshold
        case _:
            return value >= threshold
