"""Snapshots of serverless caches: create, describe, copy, export, delete. Without engines they hold no data."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator import runtime, snapshot_data
from elasticache_kit.emulator.action import page, serverless_snapshot_record
from elasticache_kit.emulator.action.job import later
from elasticache_kit.emulator.action.serverless_cache import available
from elasticache_kit.emulator.action.turn import taking_turns
from elasticache_kit.emulator.fault import invalid_value, refuse
from elasticache_kit.emulator.state.moment import now
from elasticache_kit.model import serverless_cache_snapshot as rulebook

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.serverless_cache import ServerlessCacheSnapshot

MOST = 50
_TYPES = ("manual", "automated")


@taking_turns
def create_serverless_cache_snapshot(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Take a snapshot of a serverless cache, which takes no other request meanwhile."""
    cache = available(region, request["ServerlessCacheName"])
    name = str(request["ServerlessCacheSnapshotName"])
    taken = serverless_snapshot_record.take(region, cache, name, kms_key_id=request.get("KmsKeyId"))
    region.tag([taken.arn], request)
    cache.status = "modifying"

    def finish() -> None:
        try:
            serverless_snapshot_record.complete(region, taken)
        finally:
            cache.status = "available"

    answer = {"ServerlessCacheSnapshot": describe(taken)}
    runtime.current().lifecycle.start(f"snapshot {name}", finish)
    return answer


def describe_serverless_cache_snapshots(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """List snapshots of serverless caches, or one by name, of one cache or of one type."""
    cache, kind = request.get("ServerlessCacheName"), request.get("SnapshotType")
    if kind and kind not in _TYPES:
        raise invalid_value(f"SnapshotType {kind} is not one of {', '.join(_TYPES)}.")
    chosen = region.serverless_snapshots.listed(request.get("ServerlessCacheSnapshotName"))
    if cache:
        chosen = [item for item in chosen if item.serverless_cache_name == cache.lower()]
        if not chosen:
            region.serverless_caches.find(cache)
    if kind:
        chosen = [item for item in chosen if item.type == kind]
    items, token = page.cut_by_token(chosen, request, lambda item: item.name, most=MOST)
    return {"ServerlessCacheSnapshots": [describe(item) for item in items], "NextToken": token}


@taking_turns
def copy_serverless_cache_snapshot(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Copy a snapshot under another name."""
    source = _available(region, request["SourceServerlessCacheSnapshotName"])
    target = str(request["TargetServerlessCacheSnapshotName"])
    spec = rulebook.ServerlessCacheSnapshotSpec(
        serverless_cache_snapshot_name=target,
        serverless_cache_name=source.serverless_cache_name,
        kms_key_id=request.get("KmsKeyId"),
    )
    refuse(rulebook.check(spec))
    region.serverless_snapshots.refuse_taken(target)
    serverless_snapshot_record.refuse_too_many(region, source.serverless_cache_name)
    copied = dataclasses.replace(
        source,
        name=target.lower(),
        arn=region.arn("serverlesscachesnapshot", target.lower()),
        type="manual",
        kms_key_id=request.get("KmsKeyId") or source.kms_key_id,
        status="creating",
        created=now(),
        expires=None,
    )
    region.serverless_snapshots[copied.name] = copied
    region.tag([copied.arn], request)
    source.status = "copying"
    answer = {"ServerlessCacheSnapshot": describe(copied)}

    def finish() -> None:
        copied.data = snapshot_data.copies(source.data, copied.arn)
        source.status = copied.status = "available"

    later(region, f"copy {target}", runtime.current().lifecycle.timing.modify, finish)
    return answer


@taking_turns
def export_serverless_cache_snapshot(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Put the data of a snapshot into a bucket of S3, named as exports of CopySnapshot are; no page tells the names."""
    source = _available(region, request["ServerlessCacheSnapshotName"])
    bucket = str(request["S3BucketName"])
    if not source.data:
        raise invalid_value(f"{source.name} holds no data to export: it was taken without engines.")
    snapshot_data.refuse_bucket(region, bucket)
    source.status = "exporting"
    answer = {"ServerlessCacheSnapshot": describe(source)}

    def finish() -> None:
        snapshot_data.export(region, source.data, bucket, source.name)
        source.status = "available"

    later(region, f"export {source.name}", runtime.current().lifecycle.timing.modify, finish)
    return answer


@taking_turns
def delete_serverless_cache_snapshot(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Remove a snapshot that is available."""
    gone = _available(region, request["ServerlessCacheSnapshotName"])
    gone.status = "deleting"
    answer = {"ServerlessCacheSnapshot": describe(gone)}
    later(
        region,
        f"delete snapshot {gone.name}",
        runtime.current().lifecycle.timing.delete,
        lambda: serverless_snapshot_record.forget(region, gone),
    )
    return answer


def describe(taken: ServerlessCacheSnapshot) -> dict[str, Any]:
    """Show a snapshot of a serverless cache as the API does."""
    return {
        "ServerlessCacheSnapshotName": taken.name,
        "ARN": taken.arn,
        "KmsKeyId": taken.kms_key_id,
        "SnapshotType": taken.type,
        "Status": taken.status,
        "CreateTime": taken.created,
        "ExpiryTime": taken.expires,
        "ServerlessCacheConfiguration": {
            "ServerlessCacheName": taken.serverless_cache_name,
            "Engine": taken.engine,
            "MajorEngineVersion": taken.major_engine_version,
        },
    }


def _available(region: Region, name: str) -> ServerlessCacheSnapshot:
    return region.serverless_snapshots.at_rest(name, "InvalidServerlessCacheSnapshotStateFault")
