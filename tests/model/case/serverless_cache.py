"""Serverless caches: of each rule one that breaks it, and one that keeps to it by a hair."""

from __future__ import annotations

from dataclasses import replace

from elasticache_kit.model.serverless_cache import CacheUsageLimitsSpec, ServerlessCacheSpec, UsageLimitSpec
from tests.model.case.user import IAM, USER

CACHE = ServerlessCacheSpec(
    serverless_cache_name="orders",
    engine="valkey",
    major_engine_version="9",
    security_group_ids=("sg-1",),
    subnet_ids=("subnet-1", "subnet-2"),
    subnet_zones=("a", "b"),
)
PUBLIC = ServerlessCacheSpec(
    serverless_cache_name="orders",
    engine="valkey",
    major_engine_version="9",
    connection_type="public",
    user_group_id="people",
    user_group_users=(IAM,),
)
MEMCACHED = replace(CACHE, engine="memcached", major_engine_version="1.6")
RESTORED = replace(CACHE, snapshot_arns_to_restore=("arn:aws:elasticache:eu-west-1:123456789012:snapshot:monday",))


def storage(minimum: int | None, maximum: int | None, unit: str | None = "GB") -> ServerlessCacheSpec:
    """Return a cache with limits of its storage."""
    limit = UsageLimitSpec(minimum=minimum, maximum=maximum, unit=unit)
    return replace(CACHE, cache_usage_limits=CacheUsageLimitsSpec(data_storage=limit))


def units(minimum: int | None, maximum: int | None) -> ServerlessCacheSpec:
    """Return a cache with limits of its processing units."""
    limit = UsageLimitSpec(minimum=minimum, maximum=maximum)
    return replace(CACHE, cache_usage_limits=CacheUsageLimitsSpec(ecpu_per_second=limit))


CASES: dict[str, tuple[ServerlessCacheSpec, ServerlessCacheSpec]] = {
    "sl-required": (replace(CACHE, engine=None), CACHE),
    "sl-name": (replace(CACHE, serverless_cache_name="o" * 41), replace(CACHE, serverless_cache_name="O" * 40)),
    "sl-description": (replace(CACHE, description="a > b"), replace(CACHE, description="x" * 255)),
    "sl-engine": (
        replace(CACHE, engine="keydb", major_engine_version="7"),
        replace(CACHE, engine="redis", major_engine_version="7"),
    ),
    "sl-major-version": (replace(CACHE, major_engine_version="9.0"), replace(CACHE, major_engine_version="7")),
    "sl-major-version-known": (replace(CACHE, major_engine_version="10"), CACHE),
    "sl-storage-unit": (storage(0, 5000, "MB"), storage(0, 5000)),
    "sl-storage-range": (storage(0, 5001), storage(0, 5000)),
    "sl-ecpu-range": (units(0, 999), units(0, 1000)),
    "sl-minimum-costs": (units(1000, 1000), units(0, 1000)),
    "sl-connection-values": (replace(CACHE, connection_type="internet"), replace(CACHE, connection_type="vpc")),
    "sl-network-type": (replace(CACHE, network_type="dualstack"), replace(CACHE, network_type="dual_stack")),
    "sl-public-engine": (replace(PUBLIC, major_engine_version="8"), PUBLIC),
    "sl-public-iam-only": (
        replace(PUBLIC, user_group_users=(IAM, USER)),
        replace(PUBLIC, user_group_id="default.iam-user-group", user_group_users=None),
    ),
    "sl-public-no-vpc": (
        replace(PUBLIC, subnet_ids=("subnet-1", "subnet-2")),
        replace(PUBLIC, subnet_ids=()),
    ),
    "sl-subnets-vpc": (replace(CACHE, subnet_zones=("a", "a")), CACHE),
    "sl-sg": (replace(CACHE, security_group_ids=()), CACHE),
    "sl-usergroup-engines": (replace(MEMCACHED, user_group_id="people"), MEMCACHED),
    "sl-usergroup-redis": (
        replace(CACHE, engine="redis", major_engine_version="7", user_group_id="people", user_group_engine="valkey"),
        replace(CACHE, engine="redis", major_engine_version="7", user_group_id="people", user_group_engine="redis"),
    ),
    "sl-access-string-db": (
        replace(
            CACHE,
            major_engine_version="8",
            user_group_id="people",
            user_group_users=(replace(USER, access_string="on alldbs"),),
        ),
        replace(CACHE, user_group_id="people", user_group_users=(replace(USER, access_string="on alldbs"),)),
    ),
    "sl-snapshot-retention": (
        replace(CACHE, snapshot_retention_limit=36),
        replace(CACHE, snapshot_retention_limit=35),
    ),
    "sl-daily-time": (
        replace(CACHE, daily_snapshot_time="24:00", snapshot_retention_limit=1),
        replace(CACHE, daily_snapshot_time="23:59", snapshot_retention_limit=1),
    ),
    "sl-final-snapshot-name": (
        replace(CACHE, final_snapshot_name="orders--last"),
        replace(CACHE, final_snapshot_name="orders-last"),
    ),
    "sl-tags": (replace(CACHE, tags={"team": "a,b"}), replace(CACHE, tags={"team": "a b"})),
    "sl-restore-arns": (
        replace(RESTORED, snapshot_engine="memcached"),
        replace(RESTORED, snapshot_engine="redis"),
    ),
}

CHANGES: dict[
    str, tuple[tuple[ServerlessCacheSpec, ServerlessCacheSpec], tuple[ServerlessCacheSpec, ServerlessCacheSpec]]
] = {
    "sl-engine-change": (
        (replace(CACHE, major_engine_version="8"), replace(CACHE, engine="redis", major_engine_version="7")),
        (replace(CACHE, major_engine_version="7"), replace(CACHE, engine="redis", major_engine_version="7")),
    ),
}
