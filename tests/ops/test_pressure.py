"""What CloudWatch measured, against the alarms that AWS recommends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.ops import pressure

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session

NODE = ("orders-001", "cache.m7g.xlarge", "valkey")


def measure(account: Session, metric: str, value: float, minutes_ago: int = 10) -> None:
    """Put a value where CloudWatch keeps those of a node."""
    client: Any = account.changing("cloudwatch")
    client.put_metric_data(
        Namespace="AWS/ElastiCache",
        MetricData=[
            {
                "MetricName": metric,
                "Dimensions": [{"Name": "CacheClusterId", "Value": "orders-001"}],
                "Timestamp": datetime.now(UTC) - timedelta(minutes=minutes_ago),
                "Value": value,
            }
        ],
    )


def test_without_data_there_is_no_pressure(account: Session) -> None:
    """Nothing is made up, and no division by zero is near."""
    assert pressure.observe(account, [NODE]) == ()


@pytest.mark.parametrize(("value", "found"), [(99.0, True), (5.0, False)])
def test_a_busy_engine_is_found_and_an_idle_one_is_not(account: Session, value: float, found: bool) -> None:
    """The threshold is that of the alarm in the rulebook."""
    measure(account, "EngineCPUUtilization", value)

    seen = pressure.observe(account, [NODE])

    assert [(item.metric, item.worst) for item in seen] == ([("EngineCPUUtilization", value)] if found else [])


def test_what_was_long_ago_does_not_count(account: Session) -> None:
    """The last hour is looked at."""
    measure(account, "EngineCPUUtilization", 99, minutes_ago=90)

    assert pressure.observe(account, [NODE]) == ()


def test_of_a_node_type_that_nobody_knows_nothing_is_asked(account: Session) -> None:
    """Thresholds depend on it."""
    assert pressure.observe(account, [("orders-001", "none", "valkey")]) == ()
