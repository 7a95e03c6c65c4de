"""Alarms on how reads of a database cache end: in the cache, in the database, or past a cache that is down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from elasticache_kit.cdk.alarm import allow_alarms, topic_action
from elasticache_kit.cdk.watched import watch
from elasticache_kit.model.application_metric import DIMENSION, FALLBACK, NAMESPACE, READS

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_sns import ITopicRef
    from constructs import Construct

    from elasticache_kit.cdk.reference import ReplicationGroupReference

PERIOD = Duration.minutes(5)
PERIODS = 3
# An alarm takes this many metrics.
_MOST_METRICS = 10
_ALL = 100


@dataclass(frozen=True, slots=True)
class _Share:
    """What an alarm watches: an id, an expression in percent over metrics by name, and which side is bad."""

    construct_id: str
    expression: str
    metrics: dict[str, Any]
    operator: cloudwatch.ComparisonOperator


def hit_rate(
    scope: Construct, cache: ReplicationGroupReference, percent: int, topic: ITopicRef | None
) -> cloudwatch.Alarm | None:
    """Raise an alarm below a hit rate; None where that is 0, or where there are more nodes than an alarm takes."""
    parts = watch(cache).parts.values()
    if percent == 0 or len(parts) > _MOST_METRICS:
        return None
    # Who reads what must be current reads from primaries; replicas have no hits to tell of, so the best one speaks.
    rates = {f"m{number}": part.metric("CacheHitRate") for number, part in enumerate(parts)}
    operator = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
    share = _Share("HitRate", f"MAX([{', '.join(rates)}])", rates, operator)
    return _alarm(scope, share, percent, topic)


def fallback(
    scope: Construct, cache: ReplicationGroupReference, percent: int, topic: ITopicRef | None
) -> cloudwatch.Alarm | None:
    """Raise an alarm above a share of reads that went past the cache; None where that is all of them."""
    if percent == _ALL:
        return None
    counts = {
        name: cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=name,
            dimensions_map={DIMENSION: cache.replication_group_id},
            statistic="Sum",
            period=PERIOD,
        )
        for name in READS
    }
    # An event that did not happen has no data, which is 0 here.
    reads = " + ".join(f"FILL({name}, 0)" for name in READS)
    operator = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
    share = _Share("Fallback", f"100 * {FALLBACK} / ({reads})", counts, operator)
    return _alarm(scope, share, percent, topic)


def _alarm(scope: Construct, share: _Share, percent: int, topic: ITopicRef | None) -> cloudwatch.Alarm:
    expression = cloudwatch.MathExpression(
        expression=share.expression, using_metrics=share.metrics, label=share.construct_id, period=PERIOD
    )
    alarm = cloudwatch.Alarm(
        scope,
        share.construct_id,
        metric=cast("cloudwatch.IMetric", expression),
        threshold=percent,
        evaluation_periods=PERIODS,
        comparison_operator=share.operator,
        # A night without readers is none of a bad cache.
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        alarm_description=f"{share.construct_id} of {scope.node.path}, percent",
    )
    if topic is not None:
        allow_alarms(topic)
        action = topic_action(alarm, topic)
        alarm.add_alarm_action(action)
        alarm.add_ok_action(action)
    return alarm
