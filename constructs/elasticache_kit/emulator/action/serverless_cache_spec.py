"""What a request asks of a serverless cache, as the spec that the rulebook judges."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from moto.backends import get_backend

from elasticache_kit.emulator.action import user_group
from elasticache_kit.emulator.action.argument import structure, structures, texts
from elasticache_kit.emulator.fault import Fault, invalid_value
from elasticache_kit.model import engine
from elasticache_kit.model.serverless_cache import CacheUsageLimitsSpec, ServerlessCacheSpec, UsageLimitSpec

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region

_FIELDS = {
    "ConnectionType": "connection_type",
    "DailySnapshotTime": "daily_snapshot_time",
    "Description": "description",
    "Engine": "engine",
    "KmsKeyId": "kms_key_id",
    "MajorEngineVersion": "major_engine_version",
    "NetworkType": "network_type",
    "SnapshotRetentionLimit": "snapshot_retention_limit",
}


def requested(region: Region, name: str, request: Mapping[str, Any]) -> ServerlessCacheSpec:
    """Return the spec of a cache that is to be made."""
    tags = {item["Key"]: str(item.get("Value") or "") for item in structures(request, "Tags")}
    return ServerlessCacheSpec(serverless_cache_name=name, tags=tags, **_values(region, request))


def modified(region: Region, spec: ServerlessCacheSpec, request: Mapping[str, Any]) -> ServerlessCacheSpec:
    """Return the spec that a cache would have after a change."""
    values = _values(region, request)
    if "engine" in values and "major_engine_version" not in values:
        values["major_engine_version"] = None
    if request.get("RemoveUserGroup"):
        values.update(user_group_id=None, user_group_engine=None, user_group_users=None)
    return dataclasses.replace(spec, **values)


def full_version(spec: ServerlessCacheSpec) -> str:
    """Return the version that runs: the newest known one of the major version, or of the engine."""
    found = engine.versions(engine.Engine(str(spec.engine)))
    major = spec.major_engine_version
    wanted = [item for item in found if isinstance(major, str) and item.version.startswith(f"{major}.")]
    return (wanted or list(found))[-1].version


def major_version(spec: ServerlessCacheSpec) -> str:
    """Return the major version: `8` of valkey, `1.6` of memcached."""
    if isinstance(spec.major_engine_version, str):
        return spec.major_engine_version
    parts = full_version(spec).split(".")
    return ".".join(parts[:2]) if spec.engine == "memcached" else parts[0]


def limits(spec: ServerlessCacheSpec) -> dict[str, Any]:
    """Show the usage limits as the API does; 0, which takes a limit away, is not shown."""
    given = spec.cache_usage_limits
    if not isinstance(given, CacheUsageLimitsSpec):
        return {}
    shown: dict[str, Any] = {}
    for member, limit in (("DataStorage", given.data_storage), ("ECPUPerSecond", given.ecpu_per_second)):
        if isinstance(limit, UsageLimitSpec):
            values = {"Maximum": limit.maximum or None, "Minimum": limit.minimum or None, "Unit": limit.unit}
            shown[member] = values if member == "DataStorage" else {k: v for k, v in values.items() if k != "Unit"}
    return shown


def _values(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    values = {field: request[member] for member, field in _FIELDS.items() if request.get(member) is not None}
    if given := structure(request, "CacheUsageLimits"):
        values["cache_usage_limits"] = CacheUsageLimitsSpec(
            data_storage=_limit(structure(given, "DataStorage")),
            ecpu_per_second=_limit(structure(given, "ECPUPerSecond")),
        )
    if subnets := texts(request, "SubnetIds"):
        values["subnet_ids"], values["subnet_zones"] = subnets, _zones(region, subnets)
    if groups := texts(request, "SecurityGroupIds"):
        values["security_group_ids"] = groups
    if group := request.get("UserGroupId"):
        values["user_group_id"] = group.lower()
        values.update(user_group.context(region, (group,)))
    if arns := texts(request, "SnapshotArnsToRestore"):
        values["snapshot_arns_to_restore"] = arns
        values["snapshot_engine"] = _snapshot_engine(region, arns[0])
    return values


def _limit(given: Mapping[str, Any]) -> UsageLimitSpec | None:
    if not given:
        return None
    return UsageLimitSpec(minimum=given.get("Minimum"), maximum=given.get("Maximum"), unit=given.get("Unit"))


def _zones(region: Region, subnet_ids: tuple[str, ...]) -> tuple[str, ...]:
    backend: Any = get_backend("ec2")[region.account_id][region.name]
    zones: list[str] = []
    for subnet_id in subnet_ids:
        try:
            zones.append(backend.get_subnet(subnet_id).availability_zone)
        except Exception as error:  # moto raises a class of EC2's own here
            raise invalid_value(f"The subnet ID {subnet_id} does not exist.") from error
    return tuple(zones)


def _snapshot_engine(region: Region, arn: str) -> str:
    for taken in (*region.serverless_snapshots.values(), *region.snapshots.values()):
        if taken.arn == arn:
            return taken.engine
    raise Fault("ServerlessCacheSnapshotNotFoundFault", f"There is no snapshot {arn}.")
