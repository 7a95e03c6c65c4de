"""Where the counts of a cache go: Prometheus and OpenTelemetry."""

from __future__ import annotations

from typing import Any

import pytest

from elasticache_kit.cache import LeasedCache, OpenTelemetryMetrics, Policy, PrometheusMetrics

pytestmark = pytest.mark.engine


def never() -> Any:
    """Be a loader that must not be called."""
    pytest.fail("the database was asked")


def test_prometheus_gets_the_counts(standalone: Any) -> None:
    """By event, and the state of the breaker."""
    from prometheus_client import CollectorRegistry  # noqa: PLC0415 - of this test only

    registry = CollectorRegistry()
    metrics = PrometheusMetrics("orders", registry)
    cache = LeasedCache(standalone, Policy(prefix="t"), metrics=metrics)
    cache.read("k", lambda: 1)
    cache.read("k", never)
    metrics.breaker(is_open=True)

    def value(event: str) -> float | None:
        labels = {"cache": "orders", "event": event}
        return registry.get_sample_value("elasticache_kit_cache_events_total", labels)

    assert (value("hit"), value("miss"), value("load"), value("fenced")) == (1, 1, 1, 0)
    assert registry.get_sample_value("elasticache_kit_cache_breaker_open", {"cache": "orders"}) == 1


def test_open_telemetry_gets_them_too(standalone: Any) -> None:
    """The same numbers."""
    from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415 - of this test only
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader  # noqa: PLC0415 - see above

    exporter = InMemoryMetricReader()
    metrics = OpenTelemetryMetrics("orders", MeterProvider([exporter]).get_meter("test"))
    cache = LeasedCache(standalone, Policy(prefix="t"), metrics=metrics)
    cache.read("k", lambda: 1)
    cache.read("k", never)
    for is_open in (True, True, False, True):
        metrics.breaker(is_open=is_open)
    data: Any = exporter.get_metrics_data()
    found = {metric.name: metric.data.data_points for metric in data.resource_metrics[0].scope_metrics[0].metrics}
    events = {point.attributes["event"]: point.value for point in found["elasticache_kit.cache.events"]}
    assert events == {"miss": 1, "load": 1, "fill": 1, "hit": 1}
    assert [point.value for point in found["elasticache_kit.cache.breaker_open"]] == [1]
