"""Rules of what Memcached does not have, of TLS, and of the windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model.cache_cluster import effective
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.replication_group import schedule
from elasticache_kit.model.replication_group.log import entry_shape
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import UNKNOWN, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.cache_cluster.spec import CacheClusterSpec

_SNAPSHOTS = ("snapshot_name", "snapshot_arns", "snapshot_retention_limit", "snapshot_window")


def no_snapshots(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-no-snapshots."""
    if effective.engine(spec) is not Engine.MEMCACHED:
        return
    for name in _SNAPSHOTS:
        value: object = getattr(spec, name)
        if value and value is not UNKNOWN:
            yield Finding(
                name,
                value,
                "a cluster of memcached has no snapshots",
                "leave it out; a serverless cache of memcached has snapshots",
            )


def no_logs(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-no-replication."""
    if effective.engine(spec) is Engine.MEMCACHED and known(spec.log_delivery_configurations):
        yield Finding(
            "log_delivery_configurations",
            spec.log_delivery_configurations,
            "memcached delivers no logs",
            "leave it out",
        )


def log_shape(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-log-shape."""
    for index, entry in enumerate(known(spec.log_delivery_configurations) or ()):
        yield from entry_shape(entry, f"log_delivery_configurations[{index}]")


def tls_version(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-tls-version."""
    if not effective.transit_encryption(spec) or effective.engine(spec) is not Engine.MEMCACHED:
        return
    if not (version := effective.version(spec)).supports("tls"):
        yield Finding(
            "transit_encryption_enabled",
            True,
            f"TLS needs memcached 1.6.12, not {version}",
            "take engine_version='1.6.12' or newer",
        )


def tls_of_redis(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-redis-tls-via-rg."""
    if effective.transit_encryption(spec) and effective.engine(spec) is Engine.REDIS:
        yield Finding(
            "transit_encryption_enabled",
            True,
            "TLS of redis is described for replication groups alone",
            "make a replication group of 1 node",
        )


CHECKS = {
    "mc-no-snapshots": no_snapshots,
    "mc-no-replication": no_logs,
    "mc-log-shape": log_shape,
    "mc-tls-version": tls_version,
    "mc-redis-tls-via-rg": tls_of_redis,
    "mc-maintenance-format": schedule.maintenance_window,
}
