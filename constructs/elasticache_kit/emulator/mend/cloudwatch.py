"""CloudWatch, to which moto's services give their metrics as providers, and ElastiCache none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from moto.cloudwatch.models import MetricDatum
from moto.core.common_models import CloudWatchMetricProvider

from elasticache_kit.emulator import runtime
from elasticache_kit.model.metric import NAMESPACE

if TYPE_CHECKING:
    from elasticache_kit.emulator.metric.datum import Datum


class EngineDatum(MetricDatum):
    """A value that GetMetricStatistics finds under its own dimensions only, as on AWS.

    moto takes any value that has the dimensions that are asked for, which is right for ListMetrics alone: a metric of a
    cluster would be found again under each of its nodes. And for ListMetrics it compares each value with every metric
    that it has found, so one value speaks for all of a metric.
    """

    def __init__(self, item: Datum, *, speaks: bool) -> None:
        dimensions = [{"Name": name, "Value": value} for name, value in item.dimensions]
        super().__init__(NAMESPACE, item.name, item.value, dimensions, item.minute, item.unit)
        self.speaks = speaks

    def filter(self, namespace: Any, name: Any, dimensions: Any, already_present_metrics: Any = None) -> bool:
        """Tell whether the value is asked for; ListMetrics says what it has found already."""
        if already_present_metrics is None:
            if dimensions and len(dimensions) != len(self.dimensions):
                return False
        elif not self.speaks:
            return False
        return super().filter(namespace, name, dimensions, already_present_metrics)


class EngineMetrics(CloudWatchMetricProvider):
    """Gives CloudWatch what the engines of the emulator that runs have to tell; nothing without engines."""

    @staticmethod
    def get_cloudwatch_metrics(account_id: str, region: str) -> Any:
        """Return the metrics of a region."""
        sampler = runtime.current().sampler
        data = sampler.data(account_id, region) if sampler else []
        newest = {(item.name, item.dimensions): place for place, item in enumerate(data)}
        return [
            EngineDatum(item, speaks=newest[item.name, item.dimensions] == place) for place, item in enumerate(data)
        ]


def install() -> Callable[[], None]:
    """Return what undoes nothing: moto finds providers among subclasses, and this one is silent without an emulator."""
    return lambda: None
