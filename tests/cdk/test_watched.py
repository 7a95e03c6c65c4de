"""What works on any cache, on caches that are made here: alarms, a dashboard and backups in one stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import aws_scheduler as scheduler
from aws_cdk.assertions import Template

from elasticache_kit.cdk import ReplicationGroup, ShardedReplicationGroup
from elasticache_kit.cdk.alarm import CacheAlarms
from elasticache_kit.cdk.backup import ScheduledBackup
from elasticache_kit.cdk.dashboard import CacheDashboard
from elasticache_kit.cdk.export_bucket import ExportBucket
from elasticache_kit.cdk.memcached.cluster import MemcachedCluster
from elasticache_kit.cdk.serverless.cache import ServerlessCache
from elasticache_kit.cdk.serverless.engine import ServerlessEngine
from tests.cdk.lint import findings

if TYPE_CHECKING:
    from aws_cdk import Stack
    from aws_cdk import aws_ec2 as ec2


def _plain(stack: Stack, vpc: ec2.Vpc) -> ReplicationGroup:
    return ReplicationGroup(stack, "Cache", vpc=vpc)


def _sharded(stack: Stack, vpc: ec2.Vpc) -> ShardedReplicationGroup:
    return ShardedReplicationGroup(stack, "Cache", vpc=vpc)


def _memcached(stack: Stack, vpc: ec2.Vpc) -> MemcachedCluster:
    return MemcachedCluster(stack, "Cache", vpc=vpc, num_cache_nodes=2)


def _serverless(stack: Stack, vpc: ec2.Vpc) -> ServerlessCache:
    return ServerlessCache(
        stack, "Cache", vpc=vpc, engine=ServerlessEngine.VALKEY_9, data_storage_maximum=10, ecpu_per_second_maximum=1000
    )


def _serverless_memcached(stack: Stack, vpc: ec2.Vpc) -> ServerlessCache:
    return ServerlessCache(stack, "Cache", vpc=vpc, engine=ServerlessEngine.MEMCACHED_1_6)


@pytest.mark.parametrize(
    ("make", "dimensions", "alarms"),
    [
        (_plain, {"CacheClusterId", "CacheNodeId"}, 2 * 5),
        (_sharded, {"CacheClusterId", "CacheNodeId"}, None),
        (_memcached, {"CacheClusterId", "CacheNodeId"}, 2 * 4),
        (_serverless, {"clusterId"}, 3),
        (_serverless_memcached, {"clusterId"}, 1),
    ],
)
def test_a_cache_is_watched(stack: Stack, vpc: ec2.Vpc, make: Any, dimensions: set[str], alarms: int | None) -> None:
    """Alarms and dashboard name a cache by what only its deployment knows."""
    cache = make(stack, vpc)
    made = CacheAlarms(stack, "Alarms", cache=cache)
    CacheDashboard(stack, "Dashboard", caches=[cache], alarms=[made])
    template = Template.from_stack(stack)
    found = [alarm["Properties"] for alarm in template.find_resources("AWS::CloudWatch::Alarm").values()]

    assert len(found) == (alarms or len(cache.cache_cluster_ids) * 5)
    assert {frozenset(one["Name"] for one in alarm["Dimensions"]) for alarm in found} == {frozenset(dimensions)}
    assert all("Ref" in str(alarm["Dimensions"][0]["Value"]) for alarm in found)
    assert findings(stack) == []


@pytest.mark.parametrize("make", [_plain, _sharded, _serverless, _serverless_memcached])
def test_a_cache_is_backed_up(stack: Stack, vpc: ec2.Vpc, make: Any) -> None:
    """Every kind that has snapshots can be backed up and exported."""
    cache = make(stack, vpc)
    ScheduledBackup(
        stack,
        "Backup",
        cache=cache,
        schedule=scheduler.ScheduleExpression.cron(minute="0", hour="3"),
        export_bucket=ExportBucket(stack, "Bucket"),
    )

    Template.from_stack(stack).resource_count_is("AWS::StepFunctions::StateMachine", 1)
    assert findings(stack) == []
