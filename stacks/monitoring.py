"""Alarms and a dashboard for the caches of other stacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import CfnOutput, Stack

from elasticache_kit.cdk.alarm import CacheAlarms
from elasticache_kit.cdk.dashboard import CacheDashboard
from elasticache_kit.cdk.reference import ReplicationGroupReference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_sns as sns
    from constructs import Construct

    from elasticache_kit.cdk.watched import WatchedCache

# A replica that is a minute behind serves answers that an application should not give any more.
REPLICATION_LAG_SECONDS = 60


class MonitoringStack(Stack):
    """The alarms that AWS recommends, one for each node, and one dashboard of all caches.

    Args:
        scope: the app.
        construct_id: the name of the stack.
        caches: the caches by what they are called here.
        topic: who hears of an alarm. Default: nobody, an alarm only has a state.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        caches: Mapping[str, WatchedCache],
        topic: sns.ITopic | None = None,
    ) -> None:
        super().__init__(scope, construct_id, description="Alarms and dashboard of the ElastiCache stacks")

        alarms = [
            CacheAlarms(self, f"{name}Alarms", cache=cache, topic=topic, thresholds=_thresholds(cache))
            for name, cache in caches.items()
        ]
        dashboard = CacheDashboard(self, "Dashboard", caches=list(caches.values()), alarms=alarms)

        CfnOutput(self, "DashboardName", value=dashboard.dashboard_name)


def _thresholds(cache: WatchedCache) -> dict[str, float]:
    """Return what AWS leaves to the application."""
    return {"replication-lag": REPLICATION_LAG_SECONDS} if isinstance(cache, ReplicationGroupReference) else {}
