"""Serverless caches."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.action import not_yet, page, room, serverless_snapshot_record, snapshot_record
from elasticache_kit.emulator.action import serverless_cache_spec as specs
from elasticache_kit.emulator.action.argument import texts
from elasticache_kit.emulator.action.turn import taking_turns
from elasticache_kit.emulator.fault import invalid_combination, refuse
from elasticache_kit.emulator.provision import serverless_cache as provision_serverless_cache
from elasticache_kit.emulator.state.serverless_cache import ServerlessCache
from elasticache_kit.model import serverless_cache as rulebook

if TYPE_CHECKING:
    from pathlib import Path

    from elasticache_kit.emulator.region import Region

MOST = 50
# AWS chooses the time of the daily snapshot where none is given; here it is always this one.
DEFAULT_SNAPSHOT_TIME = "05:00"


@taking_turns
def create_serverless_cache(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Make a serverless cache."""
    name = str(request.get("ServerlessCacheName", "")).lower()
    region.serverless_caches.refuse_taken(name)
    spec = specs.requested(region, name, request)
    refuse(rulebook.check(spec))
    if request.get("Integrations"):
        raise invalid_combination("Integrations: not implemented by the local emulator yet.")
    if request.get("NetworkType") not in (None, "ipv4"):
        not_yet.refuse_with_engines("NetworkType")
    seed = _seed(region, request)
    room.for_one(
        region.serverless_caches, "serverless-caches-per-region", "ServerlessCacheQuotaForCustomerExceededFault"
    )
    cache = ServerlessCache(name, region.arn("serverlesscache", name), spec, specs.full_version(spec))
    region.serverless_caches[name] = cache
    region.tag([cache.arn], request)
    answer = {"ServerlessCache": describe(region, cache)}
    runtime.current().lifecycle.start(f"create {name}", lambda: provision_serverless_cache.create(region, cache, seed))
    return answer


def describe_serverless_caches(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """List serverless caches, or one by name."""
    caches = region.serverless_caches.listed(request.get("ServerlessCacheName"))
    items, token = page.cut_by_token(caches, request, lambda cache: cache.serverless_cache_name, most=MOST)
    return {"ServerlessCaches": [describe(region, cache) for cache in items], "NextToken": token}


@taking_turns
def modify_serverless_cache(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change a serverless cache that is available."""
    cache = available(region, request["ServerlessCacheName"])
    if request.get("UserGroupId") and request.get("RemoveUserGroup"):
        raise invalid_combination("UserGroupId and RemoveUserGroup exclude each other.")
    spec = specs.modified(region, cache.spec, request)
    refuse((*rulebook.check_change(cache.spec, spec), *rulebook.check(spec)))
    cache.status = "modifying"
    answer = {"ServerlessCache": describe(region, cache)}

    def finish() -> None:
        for field, what in (("security_group_ids", "SecurityGroups"), ("cache_usage_limits", "Limits")):
            if getattr(spec, field) != getattr(cache.spec, field):
                text = f"{what} updated for the cache {cache.serverless_cache_name}."
                region.record(provision_serverless_cache.SOURCE, cache.serverless_cache_name, text)
        cache.spec = spec
        if request.get("Engine") or request.get("MajorEngineVersion"):
            cache.full_engine_version = specs.full_version(spec)

    runtime.current().lifecycle.start(
        f"modify {cache.serverless_cache_name}", lambda: provision_serverless_cache.change(region, cache, finish)
    )
    return answer


@taking_turns
def delete_serverless_cache(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Remove a serverless cache; its automatic snapshots go with it, the others stay."""
    cache = region.serverless_caches.find(request["ServerlessCacheName"])
    if cache.status != "create-failed":
        cache = available(region, cache.serverless_cache_name)
    name = request.get("FinalSnapshotName")
    refuse(rulebook.check(dataclasses.replace(cache.spec, final_snapshot_name=name)))
    final = serverless_snapshot_record.take(region, cache, name) if name else None
    cache.status = "deleting"
    answer = {"ServerlessCache": describe(region, cache)}

    def finish() -> None:
        if final:
            serverless_snapshot_record.complete(region, final)
        provision_serverless_cache.delete(region, cache)
        for taken in list(region.serverless_snapshots.values()):
            if taken.type == "automated" and taken.serverless_cache_name == cache.serverless_cache_name:
                serverless_snapshot_record.forget(region, taken)

    runtime.current().lifecycle.start(f"delete {cache.serverless_cache_name}", finish)
    return answer


def _seed(region: Region, request: Mapping[str, Any]) -> tuple[Path, ...]:
    """Return the files of the snapshots that a cache starts with.

    Raises:
        Fault: InvalidParameterValue for a snapshot without data.
    """
    arns = texts(request, "SnapshotArnsToRestore")
    serverless = [taken for taken in region.serverless_snapshots.values() if taken.arn in arns]
    others = [taken for taken in region.snapshots.values() if taken.arn in arns]
    return (
        *(file for taken in serverless for file in serverless_snapshot_record.files(taken)),
        *(file for taken in others for file in snapshot_record.files(taken)),
    )


def available(region: Region, name: str) -> ServerlessCache:
    """Find a cache at rest, which is what every change asks for.

    Raises:
        Fault: ServerlessCacheNotFoundFault, InvalidServerlessCacheStateFault.
    """
    return region.serverless_caches.at_rest(name, "InvalidServerlessCacheStateFault")


def describe(region: Region, cache: ServerlessCache) -> dict[str, Any]:
    """Show a serverless cache as the API does."""
    spec, ready = cache.spec, cache.status != "creating"
    memcached = spec.engine == "memcached"
    shown: dict[str, Any] = {
        "ServerlessCacheName": cache.serverless_cache_name,
        "Description": spec.description,
        "CreateTime": cache.created,
        "Status": cache.status,
        "Engine": spec.engine,
        "MajorEngineVersion": specs.major_version(spec),
        "FullEngineVersion": cache.full_engine_version,
        "CacheUsageLimits": specs.limits(spec),
        "KmsKeyId": spec.kms_key_id,
        "StorageEncryptionType": "sse-kms" if spec.kms_key_id else "sse-elasticache",
        "SecurityGroupIds": list(spec.security_group_ids) if isinstance(spec.security_group_ids, tuple) else [],
        "ARN": cache.arn,
        "UserGroupId": spec.user_group_id,
        "SubnetIds": list(spec.subnet_ids) if isinstance(spec.subnet_ids, tuple) else [],
        "SnapshotRetentionLimit": spec.snapshot_retention_limit or 0,
        "DailySnapshotTime": spec.daily_snapshot_time or DEFAULT_SNAPSHOT_TIME,
        "NetworkType": spec.network_type or "ipv4",
        "ConnectionType": spec.connection_type or "vpc",
    }
    if ready:
        shown["Endpoint"] = provision_serverless_cache.endpoint(region, cache)
        if not memcached or spec.connection_type != "public":
            shown["ReaderEndpoint"] = provision_serverless_cache.reader_endpoint(region, cache)
    if cache.migration:
        host, port = cache.migration.endpoint
        shown["Migration"] = {
            "Status": cache.migration.status,
            "MigrationEndpoint": {"Address": host, "Port": port},
            "CutoverMode": "auto" if cache.migration.automatic_cutover else "manual",
        }
    return shown
