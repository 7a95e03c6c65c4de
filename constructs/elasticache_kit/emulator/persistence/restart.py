"""The engines of caches that outlived their emulator start again: at the same addresses, with what was kept."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from moto.elasticache.models import elasticache_backends

from elasticache_kit.emulator import moto_seam
from elasticache_kit.emulator.provision import cache_cluster as provision_cache_cluster
from elasticache_kit.emulator.provision import database as provision_database
from elasticache_kit.emulator.provision import migration as provision_migration
from elasticache_kit.emulator.provision import replication_group as provision
from elasticache_kit.emulator.provision import serverless_cache as provision_serverless_cache
from elasticache_kit.errors import EmulatorError, RefusedError

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.cache_cluster import CacheCluster
    from elasticache_kit.emulator.state.replication_group import ReplicationGroup
    from elasticache_kit.emulator.state.serverless_cache import ServerlessCache

logger = logging.getLogger(__name__)

# Caches start side by side: most of a start is waiting.
AT_ONCE = 4
# Whose engines a job starts, whose have failed to, and whose are going.
_WITHOUT_ENGINES = ("creating", "create-failed", "deleting")

# Returns why the engines did not come back, None where they did.
Start = Callable[["Fleet"], str | None]


def start_engines(fleet: Fleet) -> tuple[str, ...]:
    """Start what was behind every cache and database, and return a sentence for each that does not come back."""
    notes: list[str] = []
    # A secondary of a global datastore takes all that it has from its primary.
    for starts in (_starts(), _secondaries()):
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="restart") as pool:
            said = [pool.submit(start, fleet) for start in starts]
        notes += [note for started in said if (note := started.result())]
    return (*notes, *provision_database.resume(fleet, moto_seam.backends()))


def _secondaries() -> Iterator[Start]:
    for _, _, backend in elasticache_backends.iter_backends():
        region: Region = _region(backend)
        for item in region.replication_groups.values():
            if item.global_role == "SECONDARY" and _had_some(item):
                yield partial(_group, region, item)


def _starts() -> Iterator[Start]:
    for _, _, backend in elasticache_backends.iter_backends():
        region: Region = _region(backend)
        for item in region.replication_groups.values():
            if item.global_role != "SECONDARY" and _had_some(item):
                yield partial(_group, region, item)
        yield from (partial(_cache_cluster, region, item) for item in region.cache_clusters.values() if _had_some(item))
        for cache in region.serverless_caches.values():
            if _had_some(cache):
                yield partial(_serverless_cache, region, cache)


def _had_some(item: ReplicationGroup | CacheCluster | ServerlessCache) -> bool:
    return item.status not in _WITHOUT_ENGINES


def _region(backend: Any) -> Region:
    return backend.region


def _group(region: Region, group: ReplicationGroup, fleet: Fleet) -> str | None:
    try:
        fleet.start_group(provision.plan(region, group, resumes=True))
    except EmulatorError as error:
        group.status, group.failure = "create-failed", str(error)
        for member in group.members:
            member.status = "restore-failed"
        return _failed(region, group.replication_group_id, error)
    for member in group.members:
        # A fault that it was lost by has ended with the emulator.
        member.status = "available" if member.status == "failed" else member.status
    for node_group in group.node_groups:
        node_group.status = "available" if node_group.status == "modifying" else node_group.status
    try:
        provision_migration.resume(region, group)
    except (EmulatorError, RefusedError) as error:
        return f"The migration into {group.replication_group_id} in {region.name} does not go on: {error}"
    return None


def _cache_cluster(region: Region, cluster: CacheCluster, fleet: Fleet) -> str | None:
    """Start a cluster: it comes back empty, for Memcached keeps nothing and a node alone has no policy."""
    try:
        provision_cache_cluster.start(region, fleet, cluster)
    except EmulatorError as error:
        cluster.status = "create-failed"
        return _failed(region, cluster.cache_cluster_id, error)
    return None


def _serverless_cache(region: Region, cache: ServerlessCache, fleet: Fleet) -> str | None:
    """Start a serverless cache: it comes back empty."""
    try:
        provision_serverless_cache.start(region, fleet, cache)
    except EmulatorError as error:
        cache.status = "create-failed"
        return _failed(region, cache.serverless_cache_name, error)
    return None


def _failed(region: Region, name: str, error: EmulatorError) -> str:
    logger.error("%s did not come back", name, exc_info=error)
    return f"{name} in {region.name} did not come back: {error}"
