"""Clients with the settings that mend what `benchmarks/client_defect.py` looks for."""

# ruff: noqa: INP001 - imported by path, not a package

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from elasticache_kit.drills.client import Target


def redis_without_reinitializing(target: Target) -> Any:
    """Return redis-py's cluster client for asyncio, told not to connect anew after every fifth redirection."""
    from redis.asyncio.cluster import RedisCluster  # noqa: PLC0415 - that of the client under test alone

    return RedisCluster(host=target.environment.endpoint, port=target.environment.port, reinitialize_steps=0)
