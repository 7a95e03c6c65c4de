"""ServerlessCacheSpec: a serverless cache as it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticache_kit.model.unknown import Unknown
    from elasticache_kit.model.user import UserSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageLimitSpec:
    """A DataStorage or an ECPUPerSecond; None is a member that is omitted, UNKNOWN one that only a deployment knows.

    Args:
        minimum: what is kept ready, and paid for, at all times.
        maximum: what the cache never grows beyond; 0 takes a limit away.
        unit: `GB`, for DataStorage only.
    """

    minimum: int | Unknown | None = None
    maximum: int | Unknown | None = None
    unit: str | Unknown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheUsageLimitsSpec:
    """A CacheUsageLimits.

    Args:
        data_storage: how much the cache stores, in GB.
        ecpu_per_second: how many ElastiCache processing units it uses.
    """

    data_storage: UsageLimitSpec | Unknown | None = None
    ecpu_per_second: UsageLimitSpec | Unknown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerlessCacheSpec:
    """A serverless cache; None is a property that is omitted, UNKNOWN one that only a deployment knows.

    The fields are the properties of AWS::ElastiCache::ServerlessCache in snake_case, and these, which are none:

    Args:
        subnet_zones: the zone of each subnet, in the order of `subnet_ids`; None where that is not known.
        user_group_engine: the engine of the user group; None where that is not known.
        user_group_users: the users of the user group; None where they are not known.
        snapshot_engine: the engine of the snapshot to start from; None where that is not known.
    """

    serverless_cache_name: str | Unknown | None = None
    engine: str | Unknown | None = None
    major_engine_version: str | Unknown | None = None
    description: str | Unknown | None = None
    cache_usage_limits: CacheUsageLimitsSpec | Unknown | None = None
    connection_type: str | Unknown | None = None
    network_type: str | Unknown | None = None
    subnet_ids: tuple[str | Unknown, ...] | Unknown | None = None
    security_group_ids: tuple[str | Unknown, ...] | Unknown | None = None
    user_group_id: str | Unknown | None = None
    kms_key_id: str | Unknown | None = None
    snapshot_retention_limit: int | Unknown | None = None
    daily_snapshot_time: str | Unknown | None = None
    snapshot_arns_to_restore: tuple[str | Unknown, ...] | Unknown | None = None
    final_snapshot_name: str | Unknown | None = None
    tags: Mapping[str, str | Unknown] | Unknown | None = None

    subnet_zones: tuple[str, ...] | Unknown | None = None
    user_group_engine: str | Unknown | None = None
    user_group_users: tuple[UserSpec, ...] | Unknown | None = None
    snapshot_engine: str | Unknown | None = None
