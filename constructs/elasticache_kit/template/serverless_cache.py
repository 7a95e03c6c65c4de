"""AWS::ElastiCache::ServerlessCache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model.serverless_cache import CacheUsageLimitsSpec, ServerlessCacheSpec, UsageLimitSpec
from elasticache_kit.model.unknown import Unknown
from elasticache_kit.template import subnet_group, user_group
from elasticache_kit.template.properties import Properties

if TYPE_CHECKING:
    from elasticache_kit.template.document import Resource
    from elasticache_kit.template.scope import Scope

TYPE = "AWS::ElastiCache::ServerlessCache"

_SNAPSHOT = "AWS::ElastiCache::ServerlessCacheSnapshot"


def spec(scope: Scope, resource: Resource) -> ServerlessCacheSpec:
    """Describe a serverless cache to the rulebook, with what the template tells of all that it names."""
    properties = Properties.of(scope, resource)
    engine, users = user_group.named(scope, resource.properties.get("UserGroupId"))
    return ServerlessCacheSpec(
        serverless_cache_name=properties.text("ServerlessCacheName"),
        engine=properties.text("Engine"),
        major_engine_version=properties.text("MajorEngineVersion"),
        description=properties.text("Description"),
        cache_usage_limits=_limits(properties.inner("CacheUsageLimits")),
        connection_type=properties.text("ConnectionType"),
        network_type=properties.text("NetworkType"),
        subnet_ids=properties.texts("SubnetIds"),
        security_group_ids=properties.texts("SecurityGroupIds"),
        user_group_id=properties.text("UserGroupId"),
        kms_key_id=properties.text("KmsKeyId"),
        snapshot_retention_limit=properties.integer("SnapshotRetentionLimit"),
        daily_snapshot_time=properties.text("DailySnapshotTime"),
        snapshot_arns_to_restore=properties.texts("SnapshotArnsToRestore"),
        final_snapshot_name=properties.text("FinalSnapshotName"),
        tags=properties.tags(),
        subnet_zones=subnet_group.subnet_zones(scope, resource.properties.get("SubnetIds")),
        user_group_engine=engine,
        user_group_users=users,
        snapshot_engine=_seed_engine(scope, resource),
    )


def _limits(properties: Properties | Unknown | None) -> CacheUsageLimitsSpec | Unknown | None:
    if properties is None or isinstance(properties, Unknown):
        return properties
    return CacheUsageLimitsSpec(
        data_storage=_limit(properties.inner("DataStorage")),
        ecpu_per_second=_limit(properties.inner("ECPUPerSecond")),
    )


def _limit(properties: Properties | Unknown | None) -> UsageLimitSpec | Unknown | None:
    if properties is None or isinstance(properties, Unknown):
        return properties
    return UsageLimitSpec(
        minimum=properties.integer("Minimum"), maximum=properties.integer("Maximum"), unit=properties.text("Unit")
    )


def _seed_engine(scope: Scope, resource: Resource) -> str | Unknown | None:
    """Return the engine of the cache of this template whose snapshot a cache starts from."""
    snapshot = scope.linked(resource.properties.get("SnapshotArnsToRestore"), _SNAPSHOT)
    source = scope.linked(snapshot.properties.get("ServerlessCacheName"), TYPE) if snapshot is not None else None
    return Properties.of(scope, source).text("Engine") if source is not None else None
