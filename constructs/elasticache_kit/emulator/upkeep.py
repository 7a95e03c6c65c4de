"""What ElastiCache does by the calendar: pending changes in their window, the daily snapshot, and its end.

It is done at the next request, before that is answered: nobody can tell the difference, and there is no thread that
waits for Sunday.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from elasticache_kit.emulator import schedule
from elasticache_kit.emulator.action import (
    cache_cluster_change,
    replication_group_change,
    serverless_cache,
    serverless_snapshot_record,
    snapshot_record,
)
from elasticache_kit.emulator.fault import Fault
from elasticache_kit.emulator.state.moment import now
from elasticache_kit.model.serverless_cache.backup import is_time_of_day
from elasticache_kit.model.window import MaintenanceWindow, SnapshotWindow

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.cache_cluster import CacheCluster
    from elasticache_kit.emulator.state.replication_group import ReplicationGroup
    from elasticache_kit.emulator.state.serverless_cache import ServerlessCache

logger = logging.getLogger(__name__)

DAY, WEEK = dt.timedelta(days=1), dt.timedelta(days=7)


def do_what_is_due(region: Region) -> None:
    """Bring a region up to the present moment."""
    schedule.start_what_is_due(region.account_id, region.name)
    with region.lock:
        _change(region)
        for cache in (*region.replication_groups.values(), *region.cache_clusters.values()):
            if cache.status == "available":
                _take_snapshots(region, cache)
        for cache in region.serverless_caches.values():
            if cache.status == "available":
                _take_serverless_snapshots(region, cache)
        for taken in [item for item in region.serverless_snapshots.values() if item.expires and item.expires <= now()]:
            serverless_snapshot_record.forget(region, taken)
        for taken in [item for item in region.snapshots.values() if item.expires and item.expires <= now()]:
            snapshot_record.forget(region, taken)


def next_maintenance(window: str, after: dt.datetime) -> dt.datetime:
    """Return when a weekly window next begins."""
    # Weeks of the window begin on Sunday, those of `datetime` on Monday.
    sunday = after.replace(hour=0, minute=0, second=0, microsecond=0) - DAY * ((after.weekday() + 1) % 7)
    begins = sunday + dt.timedelta(minutes=MaintenanceWindow.parse(window).start)
    return begins if begins > after else begins + WEEK


def snapshots_due(window: str, after: dt.datetime, until: dt.datetime) -> Iterator[dt.datetime]:
    """Return each beginning of a daily window after one moment and up to another, oldest first."""
    midnight = after.replace(hour=0, minute=0, second=0, microsecond=0)
    begins = midnight + dt.timedelta(minutes=SnapshotWindow.parse(window).start)
    while begins <= until:
        if begins > after:
            yield begins
        begins += DAY


def _change(region: Region) -> None:
    for group in region.replication_groups.values():
        since = group.pending_since
        if since and group.status == "available" and next_maintenance(group.maintenance_window, since) <= now():
            spec = dataclasses.replace(group.spec, **group.pending)
            group.pending, group.pending_since = {}, None
            replication_group_change.start(region, group, spec, group.auth_tokens)
    for cluster in region.cache_clusters.values():
        since = cluster.pending_since
        if since and cluster.status == "available" and next_maintenance(cluster.maintenance_window, since) <= now():
            spec = dataclasses.replace(cluster.spec, **cluster.pending)
            removing, zones = cluster.removing, cluster.new_zones
            cluster.pending, cluster.pending_since, cluster.removing, cluster.new_zones = {}, None, (), ()
            cache_cluster_change.start(region, cluster, spec, removing, zones)


def _take_snapshots(region: Region, cache: ReplicationGroup | CacheCluster) -> None:
    days = cache.spec.snapshot_retention_limit
    if not isinstance(days, int) or days < 1:
        return
    # Snapshots that would be gone already are not taken.
    after = max(cache.last_automatic_snapshot or cache.created, now() - DAY * days)
    for moment in snapshots_due(cache.snapshot_window, after, now()):
        cache.last_automatic_snapshot = moment
        try:
            snapshot_record.automatic(region, cache, moment, moment + DAY * days)
        except Fault as refused:
            # A node type without snapshots, say: whoever made this request has nothing to do with it.
            logger.warning("no automatic snapshot: %s", refused)


def _snapshot_time(asked: object) -> str:
    """Return when a day's snapshot begins; what is no time, which no source says is refused, is as good as none."""
    return asked if isinstance(asked, str) and is_time_of_day(asked) else serverless_cache.DEFAULT_SNAPSHOT_TIME


def _take_serverless_snapshots(region: Region, cache: ServerlessCache) -> None:
    days = cache.spec.snapshot_retention_limit
    if not isinstance(days, int) or days < 1:
        return
    begins = _snapshot_time(cache.spec.daily_snapshot_time)
    after = max(cache.last_automatic_snapshot or cache.created, now() - DAY * days)
    for moment in snapshots_due(f"{begins}-{begins}", after, now()):
        cache.last_automatic_snapshot = moment
        name = f"automatic.{cache.serverless_cache_name}-{moment:%Y-%m-%d-%H-%M}"
        try:
            serverless_snapshot_record.automatic(region, cache, name, moment, moment + DAY * days)
        except Fault as refused:
            # As above.
            logger.warning("no automatic snapshot: %s", refused)
