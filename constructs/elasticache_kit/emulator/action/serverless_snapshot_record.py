"""Snapshots of serverless caches as they are taken."""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING, Literal

from elasticache_kit.emulator import fleet_key, runtime, snapshot_data
from elasticache_kit.emulator.action import not_yet
from elasticache_kit.emulator.action import serverless_cache_spec as specs
from elasticache_kit.emulator.fault import Fault, invalid_value, refuse
from elasticache_kit.emulator.state.moment import now
from elasticache_kit.emulator.state.serverless_cache import ServerlessCache, ServerlessCacheSnapshot
from elasticache_kit.model import quota
from elasticache_kit.model import serverless_cache_snapshot as rulebook

if TYPE_CHECKING:
    from pathlib import Path

    from elasticache_kit.emulator.region import Region

logger = logging.getLogger(__name__)

SOURCE = "serverless-cache-snapshot"
DAY = dt.timedelta(hours=24)


def take(
    region: Region,
    cache: ServerlessCache,
    name: str,
    *,
    kind: Literal["manual", "automated"] = "manual",
    expires: dt.datetime | None = None,
    kms_key_id: str | None = None,
) -> ServerlessCacheSnapshot:
    """Record a snapshot of a serverless cache; `complete` writes its data.

    Args:
        region: where the cache is.
        cache: the cache.
        name: what the snapshot is called.
        kind: who asked for it.
        expires: when it goes; never when omitted.
        kms_key_id: the key that it is encrypted with; that of the cache when omitted.

    Raises:
        Fault: the name is taken or wrong, or there were too many today.
    """
    if cache.spec.engine == "memcached":
        not_yet.refuse_with_engines("Snapshots of memcached")
    if kind == "manual":
        spec = rulebook.ServerlessCacheSnapshotSpec(
            serverless_cache_snapshot_name=name,
            serverless_cache_name=cache.serverless_cache_name,
            kms_key_id=kms_key_id,
        )
        refuse(rulebook.check(spec))
        refuse_too_many(region, cache.serverless_cache_name)
    region.serverless_snapshots.refuse_taken(name)
    taken = ServerlessCacheSnapshot(
        name=name.lower(),
        arn=region.arn("serverlesscachesnapshot", name.lower()),
        serverless_cache_name=cache.serverless_cache_name,
        engine=str(cache.spec.engine),
        major_engine_version=specs.major_version(cache.spec),
        type=kind,
        kms_key_id=kms_key_id or (cache.spec.kms_key_id if isinstance(cache.spec.kms_key_id, str) else None),
        expires=expires,
    )
    region.serverless_snapshots[taken.name] = taken

    return taken


def complete(region: Region, taken: ServerlessCacheSnapshot) -> None:
    """Write the data of a snapshot that has been recorded, and make it available, or mark it as failed."""
    running = runtime.current()
    running.lifecycle.pause(running.lifecycle.timing.modify)
    try:
        if running.fleet:
            key = fleet_key.of_serverless_cache(region, taken.serverless_cache_name)
            found = running.fleet.snapshot(key, snapshot_data.directory(running.fleet, taken.arn))
            taken.data = tuple(found.values())
    except Exception:
        # Whatever it was: a deletion that waits for this goes on.
        logger.exception("snapshot %s", taken.name)
        taken.status = "failed"
        text = (
            f"Failed to create snapshot for cache {taken.serverless_cache_name}. Snapshot {taken.name} creation failed"
        )
        region.record(SOURCE, taken.name, f"{text} because of an internal error.")
        return
    with region.lock:
        taken.status = "available"
        region.record(SOURCE, taken.name, f"Snapshot {taken.name} created for cache {taken.serverless_cache_name}.")


def automatic(region: Region, cache: ServerlessCache, name: str, due: dt.datetime, expires: dt.datetime) -> None:
    """Take the snapshot of a day.

    Args:
        region: where the cache is.
        cache: the cache.
        name: what the snapshot is called.
        due: when it was due.
        expires: when it goes.
    """
    taken = take(region, cache, name, kind="automated", expires=expires)
    taken.created = due
    runtime.current().lifecycle.start(f"snapshot {name}", lambda: complete(region, taken))


def files(taken: ServerlessCacheSnapshot) -> tuple[Path, ...]:
    """Return the files that a cache starts with that is made from a snapshot; none without engines.

    Raises:
        Fault: InvalidParameterValue where it has none.
    """
    if runtime.current().fleet is not None and not taken.data:
        raise invalid_value(f"Snapshot {taken.name} holds no data: it was taken without engines.")
    return taken.data


def forget(region: Region, taken: ServerlessCacheSnapshot) -> None:
    """Remove a snapshot with its data."""
    region.serverless_snapshots.forget(taken.name)
    snapshot_data.forget(taken.arn)


def refuse_too_many(region: Region, cache_name: str) -> None:
    """Refuse a manual snapshot above the quota of a day.

    Raises:
        Fault: ServerlessCacheSnapshotQuotaExceededFault.
    """
    limit = quota.quotas()["serverless-snapshots-per-day"].value
    today = [
        item
        for item in region.serverless_snapshots.values()
        if item.type == "manual" and item.created > now() - DAY and item.serverless_cache_name == cache_name
    ]
    if len(today) >= limit:
        raise Fault(
            "ServerlessCacheSnapshotQuotaExceededFault", f"{limit} snapshots of a cache in 24 hours are the quota."
        )
