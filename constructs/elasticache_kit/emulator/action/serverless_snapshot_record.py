"""Snapshots of serverless caches as they are taken."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Literal

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.action import serverless_cache_spec as specs
from elasticache_kit.emulator.action.job import later
from elasticache_kit.emulator.fault import Fault, refuse
from elasticache_kit.emulator.state.moment import now
from elasticache_kit.emulator.state.serverless_cache import ServerlessCache, ServerlessCacheSnapshot
from elasticache_kit.model import quota
from elasticache_kit.model import serverless_cache_snapshot as rulebook

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region

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
    """Take a snapshot of a serverless cache.

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

    def finish() -> None:
        taken.status = "available"
        region.record(SOURCE, taken.name, f"Snapshot {taken.name} of {cache.serverless_cache_name} created")

    later(region, f"snapshot {taken.name}", runtime.current().lifecycle.timing.modify, finish)
    return taken


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
