"""Metrics and the alarms that go with them."""

from __future__ import annotations

import pytest

from elasticache_kit.model.metric import Scope, alarms, metric, metrics
from elasticache_kit.model.node_type import NodeType

SMALL = NodeType.of("cache.t4g.small")
LARGE = NodeType.of("cache.r7g.2xlarge")


def alarm_names(node_type: NodeType) -> set[str]:
    """Return the alarms that are meant for nodes of a type."""
    return {alarm.name for alarm in alarms(Scope.NODE) if alarm.suits(node_type)}


@pytest.mark.parametrize(
    ("scope", "name", "dimensions", "narrower"),
    [
        ("node", "EngineCPUUtilization", ("CacheClusterId",), ("CacheNodeId",)),
        ("node", "BytesUsedForCache", ("CacheClusterId",), ("CacheNodeId", "Tier")),
        ("group", "EngineCPUUtilization", ("ReplicationGroupId", "Role"), ()),
        ("memcached", "GetHits", ("CacheClusterId",), ("CacheNodeId",)),
        ("serverless", "BytesUsedForCache", ("clusterId",), ()),
        ("serverless-memcached", "CmdGet", ("clusterId",), ()),
    ],
)
def test_a_metric_knows_its_dimensions(
    scope: str, name: str, dimensions: tuple[str, ...], narrower: tuple[str, ...]
) -> None:
    """A serverless cache has one of its own, in small letters."""
    found = metric(scope, name)

    assert (found.dimensions, found.narrower) == (dimensions, narrower)


@pytest.mark.parametrize("scope", Scope)
def test_every_metric_is_whole(scope: Scope) -> None:
    """It has a unit, a statistic and a source, and is there once."""
    found = metrics(scope)

    assert found
    assert len({item.name for item in found}) == len(found)
    for item in found:
        assert item.scope is scope
        assert item.unit
        assert item.statistic in {"Average", "Sum", "Maximum", "Minimum"}
        assert item.source


@pytest.mark.parametrize("scope", Scope)
def test_no_level_is_summed(scope: Scope) -> None:
    """Added up over a longer period, the connections of five minutes would be five times as many."""
    levels = [item for item in metrics(scope) if item.name.startswith("Curr") or item.unit in {"Percent", "Boolean"}]

    assert levels
    assert not [item.name for item in levels if item.statistic == "Sum"]


def test_what_happens_is_summed() -> None:
    """Beside the levels there are counts, for which the sum of a period is what there was."""
    for name in ("CacheHits", "Evictions", "NewConnections"):
        assert metric(Scope.NODE, name).statistic == "Sum"


def test_the_nodes_of_both_kinds_have_host_metrics() -> None:
    """They come from the machine, not from the engine."""
    for scope in (Scope.NODE, Scope.MEMCACHED):
        assert metric(scope, "CPUUtilization").unit == "Percent"


def test_metrics_of_one_engine_are_not_those_of_another() -> None:
    """A dashboard of Valkey shows no slabs."""
    assert "UnusedMemory" not in {item.name for item in metrics(Scope.NODE)}
    assert "ReplicationLag" not in {item.name for item in metrics(Scope.MEMCACHED)}


def test_what_is_no_scope_is_refused() -> None:
    """So is a metric that a scope does not have."""
    with pytest.raises(ValueError, match="cluster"):
        metrics("cluster")
    with pytest.raises(KeyError):
        metric(Scope.SERVERLESS, "EngineCPUUtilization")


def test_small_nodes_are_watched_by_cpu_and_large_ones_by_engine_cpu() -> None:
    """One thread cannot fill many processors."""
    assert "cpu" in alarm_names(SMALL)
    assert "engine-cpu" not in alarm_names(SMALL)
    assert "cpu" not in alarm_names(LARGE)
    assert "engine-cpu" in alarm_names(LARGE)


def test_a_node_type_that_is_not_known_may_need_any_alarm() -> None:
    """Nobody knows its processors."""
    assert alarm_names(NodeType.of("cache.r99g.large")) == {alarm.name for alarm in alarms(Scope.NODE)}


def test_thresholds_follow_the_node_type() -> None:
    """The share of a processor and of the connections is that of the node."""
    found = {alarm.name: alarm for alarm in alarms(Scope.NODE)}

    assert found["cpu"].threshold(SMALL) == 45
    assert found["engine-cpu"].threshold(LARGE) == 90
    assert found["connections"].threshold(SMALL) == pytest.approx(52000)
    assert found["connections"].threshold(NodeType.of("cache.t4g.micro")) == pytest.approx(16000)
    assert found["freeable-memory"].threshold() == 100 * 1024 * 1024


def test_a_threshold_that_cannot_be_told_is_none() -> None:
    """Where a figure is missing, or where only the application knows."""
    found = {alarm.name: alarm for alarm in alarms(Scope.NODE)}

    assert found["cpu"].threshold() is None
    assert found["connections"].threshold(NodeType.of("cache.r99g.large")) is None
    assert found["evictions"].threshold(SMALL) is None
    assert found["evictions"].basis == "chosen"


def test_thresholds_of_a_serverless_cache_follow_its_limits() -> None:
    """AWS suggests three quarters of them."""
    storage = next(alarm for alarm in alarms(Scope.SERVERLESS) if alarm.name == "storage")

    assert storage.threshold(maximum=1000) == 750
    assert storage.threshold() is None


@pytest.mark.parametrize("scope", Scope)
def test_every_alarm_is_whole(scope: Scope) -> None:
    """It watches a metric of its scope, and says why."""
    found = alarms(scope)

    assert len({alarm.name for alarm in found}) == len(found)
    for alarm in found:
        assert alarm.metric.scope is scope
        assert 1 <= alarm.datapoints_to_alarm <= alarm.evaluation_periods
        assert (alarm.value is None) is (alarm.basis == "chosen")
        assert alarm.why.endswith(".")
        assert alarm.source
