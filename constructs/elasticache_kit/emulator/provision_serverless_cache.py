"""How a serverless cache comes to be, changes and goes: the slow half of each operation.

No engine stands behind a serverless cache yet; what starts one belongs here, as in `provision` for replication groups.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator import runtime

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.serverless_cache import ServerlessCache

SOURCE = "serverless-cache"
PORT, READER_PORT = 6379, 6380
MEMCACHED_PORT, MEMCACHED_READER_PORT = 11211, 11212


def create(region: Region, cache: ServerlessCache) -> None:
    """Make a new cache available."""
    running = runtime.current().lifecycle
    running.pause(running.timing.create)
    with region.lock:
        cache.status = "available"
        region.record(SOURCE, cache.serverless_cache_name, f"Serverless cache {cache.serverless_cache_name} created")


def change(region: Region, cache: ServerlessCache, job: Callable[[], None]) -> None:
    """Do what a change asks for when its time has passed; afterwards the cache is available."""
    running = runtime.current().lifecycle
    running.pause(running.timing.modify)
    with region.lock:
        job()
        cache.status = "available"


def delete(region: Region, cache: ServerlessCache) -> None:
    """Forget a cache."""
    running = runtime.current().lifecycle
    running.pause(running.timing.delete)
    with region.lock:
        region.record(SOURCE, cache.serverless_cache_name, f"Serverless cache {cache.serverless_cache_name} deleted")
        region.serverless_caches.forget(cache.serverless_cache_name)


def endpoint(region: Region, cache: ServerlessCache) -> dict[str, Any]:
    """Give the address that clients write to; it leads nowhere."""
    return _address(region, cache, MEMCACHED_PORT if cache.spec.engine == "memcached" else PORT)


def reader_endpoint(region: Region, cache: ServerlessCache) -> dict[str, Any]:
    """Give the address that clients may read from; it leads nowhere."""
    return _address(region, cache, MEMCACHED_READER_PORT if cache.spec.engine == "memcached" else READER_PORT)


def _address(region: Region, cache: ServerlessCache, port: int) -> dict[str, Any]:
    # `.invalid` never resolves (RFC 6761): nobody can take such an endpoint for one on AWS.
    return {"Address": f"{cache.serverless_cache_name}.serverless.{region.name}.cache.invalid", "Port": port}
