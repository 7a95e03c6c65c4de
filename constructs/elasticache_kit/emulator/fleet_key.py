"""By which names the fleet knows what is not a replication group; those have `Region.fleet_key`.

Each ends with the Region and the name of the cache, which is what IAM tokens are made for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region


def of_cache_cluster(region: Region, cache_cluster_id: str) -> str:
    """Name a cache cluster."""
    return f"{region.account_id}/cache-cluster/{region.name}/{cache_cluster_id}"


def of_serverless_cache(region: Region, name: str) -> str:
    """Name a serverless cache."""
    return f"{region.account_id}/serverless-cache/{region.name}/{name}"
