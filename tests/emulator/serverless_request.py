"""Requests for serverless caches and their snapshots, from specs of the rulebook."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from elasticache_kit.model.serverless_cache import CacheUsageLimitsSpec, UsageLimitSpec
from elasticache_kit.model.serverless_cache.connection import IAM_USER_GROUP
from tests.emulator.members import HOME, Wire, members_of
from tests.emulator.user_request import people
from tests.emulator.wire import until


def serverless_cache(wire: Wire, spec: Any) -> object:
    """Make a serverless cache, and remove it with the final snapshot that the spec names."""
    request = _cache_request(wire, spec)
    answer = wire.elasticache.create_serverless_cache(**request)
    name = request["ServerlessCacheName"]
    _at_rest(wire, name)
    final = {"FinalSnapshotName": spec.final_snapshot_name} if spec.final_snapshot_name else {}
    wire.elasticache.delete_serverless_cache(ServerlessCacheName=name, **final)
    return answer


def serverless_cache_change(wire: Wire, change: Any) -> object:
    """Make the old cache, and ask for what is different in the new one."""
    old, new = change
    request = _cache_request(wire, old)
    wire.elasticache.create_serverless_cache(**request)
    _at_rest(wire, request["ServerlessCacheName"])
    before, wanted = (members_of(wire, "modify_serverless_cache", spec) for spec in (old, new))
    asked = {name: value for name, value in wanted.items() if before.get(name) != value}
    if "Engine" in asked:
        # A version is one of an engine, so that they are said together.
        asked["MajorEngineVersion"] = wanted["MajorEngineVersion"]
    return wire.elasticache.modify_serverless_cache(**{**asked, "ServerlessCacheName": request["ServerlessCacheName"]})


def serverless_cache_snapshot(wire: Wire, spec: Any) -> object:
    """Make the cache that a snapshot is taken of, and ask for the snapshot."""
    request = members_of(wire, "create_serverless_cache_snapshot", spec)
    if request.get("ServerlessCacheSnapshotName") == "monday":
        request["ServerlessCacheSnapshotName"] = wire.name()
    if "ServerlessCacheName" in request:
        request["ServerlessCacheName"] = _made(wire, "valkey")
    return wire.elasticache.create_serverless_cache_snapshot(**request)


def _cache_request(wire: Wire, spec: Any) -> dict[str, Any]:
    request = members_of(wire, "create_serverless_cache", spec)
    if request.get("ServerlessCacheName") == "orders":
        request["ServerlessCacheName"] = wire.name()
    if request.get("SubnetIds"):
        request["SubnetIds"] = [wire.subnets(HOME)[zone] for zone in spec.subnet_zones or "ab"]
    if isinstance(spec.cache_usage_limits, CacheUsageLimitsSpec):
        request["CacheUsageLimits"] = _limits(spec.cache_usage_limits)
    if spec.user_group_id not in (None, IAM_USER_GROUP):
        # Of an engine that has users.
        engine = "valkey" if spec.engine == "memcached" else spec.user_group_engine
        request["UserGroupId"] = people(wire, replace(spec, user_group_engine=engine))
    if spec.tags:
        request["Tags"] = [{"Key": key, "Value": value} for key, value in spec.tags.items()]
    if spec.snapshot_arns_to_restore:
        request["SnapshotArnsToRestore"] = [_snapshot(wire, str(spec.snapshot_engine))]
    return request


def _limits(spec: CacheUsageLimitsSpec) -> dict[str, Any]:
    pairs = {"DataStorage": spec.data_storage, "ECPUPerSecond": spec.ecpu_per_second}
    return {name: _limit(limit) for name, limit in pairs.items() if isinstance(limit, UsageLimitSpec)}


def _limit(limit: UsageLimitSpec) -> dict[str, Any]:
    said = {"Minimum": limit.minimum, "Maximum": limit.maximum, "Unit": limit.unit}
    return {name: value for name, value in said.items() if value is not None}


def _snapshot(wire: Wire, engine: str) -> str:
    """Return the ARN of a snapshot of an engine."""
    name = wire.name()
    taken = wire.elasticache.create_serverless_cache_snapshot(
        ServerlessCacheSnapshotName=name, ServerlessCacheName=_made(wire, engine)
    )
    until(
        lambda: wire.elasticache.describe_serverless_cache_snapshots(ServerlessCacheSnapshotName=name),
        lambda found: found["ServerlessCacheSnapshots"][0]["Status"] == "available",
    )
    return taken["ServerlessCacheSnapshot"]["ARN"]


def _made(wire: Wire, engine: str) -> str:
    name = wire.name()
    wire.elasticache.create_serverless_cache(ServerlessCacheName=name, Engine=engine)
    _at_rest(wire, name)
    return name


def _at_rest(wire: Wire, name: str) -> None:
    until(
        lambda: wire.elasticache.describe_serverless_caches(ServerlessCacheName=name),
        lambda found: found["ServerlessCaches"][0]["Status"] == "available",
    )
