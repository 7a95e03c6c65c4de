"""How a serverless cache comes to be, changes and goes: the slow half of each operation, over the fleet.

Valkey and Redis OSS are a cluster behind one endpoint, with TLS. It has two shards, for clients must not take all keys
for one node's, and one more for each full 1000 GB of the limit of data: the cluster grows and shrinks with its limits.
The shards have one node each, so there is nothing to read from but the primaries: the reader endpoint is the endpoint.
Memcached is one process, with TLS.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator import fleet_key, runtime
from elasticache_kit.emulator.fleet import MemcachedPlan
from elasticache_kit.emulator.fleet.endpoint_name import domain
from elasticache_kit.emulator.fleet.plan import GroupPlan, NodeGroupPlan, NodePlan
from elasticache_kit.emulator.provision import sign_in as provision_sign_in
from elasticache_kit.errors import NotFoundError
from elasticache_kit.model.serverless_cache import CacheUsageLimitsSpec, UsageLimitSpec
from elasticache_kit.model.slot import even_ranges

if TYPE_CHECKING:
    from pathlib import Path

    from elasticache_kit.emulator.fleet import Fleet
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.serverless_cache import ServerlessCache

logger = logging.getLogger(__name__)

SOURCE = "serverless-cache"
PORT, READER_PORT = 6379, 6380
MEMCACHED_PORT, MEMCACHED_READER_PORT = 11211, 11212
LEAST_SHARDS = 2
GB_PER_FURTHER_SHARD = 1000


def create(region: Region, cache: ServerlessCache, seed: Sequence[Path] = ()) -> None:
    """Start the engines of a new cache, with the data of RDB files, and make it available, or mark it as failed."""
    running = runtime.current()
    try:
        if running.fleet is not None:
            with running.lifecycle.away():
                start(region, running.fleet, cache, seed)
        running.lifecycle.pause(running.lifecycle.timing.create)
    except Exception:
        logger.exception("serverless cache %s could not be created", cache.serverless_cache_name)
        cache.status = "create-failed"
        return
    with region.lock:
        cache.status = "available"
        restored = bool(cache.spec.snapshot_arns_to_restore)
        how = "and data was restored from snapshot. Your cache is ready to use." if restored else "and ready to use."
        region.record(SOURCE, cache.serverless_cache_name, f"Cache {cache.serverless_cache_name} is created {how}")


def change(region: Region, cache: ServerlessCache, job: Callable[[], None]) -> None:
    """Do what a change asks for when its time has passed; afterwards the cache is available."""
    running = runtime.current()
    running.lifecycle.pause(running.lifecycle.timing.modify)
    with region.lock:
        job()
    try:
        if running.fleet is not None and not _memcached(cache):
            with running.lifecycle.away():
                _settle(region, running.fleet, cache)
    except Exception:
        logger.exception("serverless cache %s could not be changed", cache.serverless_cache_name)
    cache.status = "available"


def delete(region: Region, cache: ServerlessCache) -> None:
    """Stop the engines of a cache and forget it."""
    running = runtime.current()
    running.lifecycle.pause(running.lifecycle.timing.delete)
    if running.fleet is not None:
        key = fleet_key.of_serverless_cache(region, cache.serverless_cache_name)
        running.fleet.stop_group(key)
        running.fleet.stop_memcached(key)
    with region.lock:
        region.record(SOURCE, cache.serverless_cache_name, f"Cache {cache.serverless_cache_name} was deleted.")
        region.serverless_caches.forget(cache.serverless_cache_name)


def endpoint(region: Region, cache: ServerlessCache) -> dict[str, Any] | None:
    """Give the address that clients write to: a name that leads nowhere without a fleet."""
    return _address(region, cache, MEMCACHED_PORT if _memcached(cache) else PORT)


def reader_endpoint(region: Region, cache: ServerlessCache) -> dict[str, Any] | None:
    """Give the address that clients may read from: the endpoint itself where engines run, see the top of this page."""
    if runtime.current().fleet is not None:
        return endpoint(region, cache)
    return _address(region, cache, MEMCACHED_READER_PORT if _memcached(cache) else READER_PORT)


def start(region: Region, fleet: Fleet, cache: ServerlessCache, seed: Sequence[Path] = ()) -> None:
    """Start the engines of a cache, with the data of RDB files.

    Raises:
        EmulatorError: they do not start; nothing of them is left.
    """
    name = cache.serverless_cache_name
    key = fleet_key.of_serverless_cache(region, name)
    if _memcached(cache):
        fleet.start_memcached(MemcachedPlan(key=key, nodes=("0001",), tls=True, port=MEMCACHED_PORT))
        return
    slots = even_ranges(_shards(cache))
    fleet.start_group(
        GroupPlan(
            key=key,
            node_groups=tuple(_shard(name, number, text) for number, text in enumerate(slots, start=1)),
            cluster_mode=True,
            tls=True,
            port=PORT,
            sign_in=provision_sign_in.of_serverless_cache(region, cache),
            seed=tuple(seed),
            engine=str(cache.spec.engine),
        )
    )


def _settle(region: Region, fleet: Fleet, cache: ServerlessCache) -> None:
    """Make the engines what the cache is now."""
    name = cache.serverless_cache_name
    key = fleet_key.of_serverless_cache(region, name)
    with region.lock:
        fleet.set_sign_in(key, provision_sign_in.of_serverless_cache(region, cache))
    present = {item.node_group_id for item in fleet.group(key).plan.node_groups}
    ranges = even_ranges(_shards(cache))
    if len(present) == len(ranges):
        return
    shards = [_shard(name, number, text) for number, text in enumerate(ranges, start=1)]
    slots = {item.node_group_id: str(item.slots) for item in shards}
    fleet.reshard(key, slots, new=[item for item in shards if item.node_group_id not in present])


def _shard(name: str, number: int, slots: str) -> NodeGroupPlan:
    node = NodePlan(cache_cluster_id=f"{name}-{number:04}-001")
    return NodeGroupPlan(node_group_id=f"{number:04}", nodes=(node,), slots=slots)


def _shards(cache: ServerlessCache) -> int:
    limits = cache.spec.cache_usage_limits
    storage = limits.data_storage if isinstance(limits, CacheUsageLimitsSpec) else None
    most = storage.maximum if isinstance(storage, UsageLimitSpec) else None
    return LEAST_SHARDS + (most // GB_PER_FURTHER_SHARD if isinstance(most, int) else 0)


def _memcached(cache: ServerlessCache) -> bool:
    return cache.spec.engine == "memcached"


def _address(region: Region, cache: ServerlessCache, port: int) -> dict[str, Any] | None:
    fleet, key = runtime.current().fleet, fleet_key.of_serverless_cache(region, cache.serverless_cache_name)
    if fleet is None:
        # `.invalid` never resolves (RFC 6761): nobody can take such an endpoint for one on AWS.
        return {"Address": f"{cache.serverless_cache_name}.serverless.{region.name}.cache.invalid", "Port": port}
    try:
        address = (
            fleet.memcached(key).configuration_endpoint if _memcached(cache) else fleet.configuration_endpoint(key)
        )
    except NotFoundError:
        return None
    if address and runtime.current().names:
        address = domain(key)
    return {"Address": address, "Port": port} if address else None
