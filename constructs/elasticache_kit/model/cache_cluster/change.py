"""Rules of a change of an existing cache cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.model.cache_cluster import effective
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import UndecidedError, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.cache_cluster.spec import CacheClusterSpec


@dataclass(frozen=True, slots=True)
class Change:
    """A cache cluster before and after."""

    old: CacheClusterSpec
    new: CacheClusterSpec


def single_zone(change: Change) -> Iterator[Finding]:
    """mc-no-single-az-later."""
    if effective.zones_cross(change.old) and known(change.new.az_mode) == "single-az":
        yield Finding(
            "az_mode",
            "single-az",
            "nodes that are spread over zones do not come back into one",
            "leave az_mode='cross-az', or make a new cluster",
        )


def tls(change: Change) -> Iterator[Finding]:
    """mc-tls-fixed."""
    if effective.engine(change.old) is not Engine.MEMCACHED:
        return
    old, new = effective.transit_encryption(change.old), effective.transit_encryption(change.new)
    if old != new:
        yield Finding(
            "transit_encryption_enabled",
            new,
            "TLS of memcached is chosen when the cluster is made",
            "make a new cluster, and move the clients",
        )


def upgrade(change: Change) -> Iterator[Finding]:
    """mc-upgrade-loses-data."""
    old, new = _versions(change)
    if effective.engine(change.new) is Engine.MEMCACHED and old < new:
        yield Finding(
            "engine_version",
            change.new.engine_version,
            "an upgrade of memcached starts with empty nodes",
            "upgrade while the sources of the data can bear it",
        )


def downgrade(change: Change) -> Iterator[Finding]:
    """mc-downgrade."""
    old, new = _versions(change)
    if new < old:
        yield Finding(
            "engine_version",
            change.new.engine_version,
            f"a version never goes down, and the cluster runs {known(change.old.engine_version)}",
            "stay with it, or make a new cluster",
            f"Cannot modify {known(change.new.engine)} from {known(change.old.engine_version)}"
            f" to {known(change.new.engine_version)}",
        )


def fewer_nodes(change: Change) -> Iterator[Finding]:
    """mc-pending-nodes."""
    old, new = effective.nodes(change.old), effective.nodes(change.new)
    if effective.engine(change.new) is Engine.MEMCACHED and new < old:
        yield Finding(
            "num_cache_nodes", new, f"the data of {old - new} nodes are lost", "take nodes away in a quiet hour"
        )


def to_valkey(change: Change) -> Iterator[Finding]:
    """mc-cachecluster-valkey-modify."""
    if known(change.old.engine) == Engine.REDIS and known(change.new.engine) == Engine.VALKEY:
        yield Finding(
            "engine",
            Engine.VALKEY,
            "a cache cluster of redis does not become valkey",
            "make a replication group of it first, and upgrade that",
        )


def _versions(change: Change) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the versions of one engine before and after, as numbers; what is omitted stays as it is."""
    if known(change.old.engine_version) is None or known(change.new.engine_version) is None:
        raise UndecidedError
    old, new = effective.version(change.old), effective.version(change.new)
    if old.engine is not new.engine:
        raise UndecidedError
    return old.number, new.number


CHECKS = {
    "mc-no-single-az-later": single_zone,
    "mc-tls-fixed": tls,
    "mc-upgrade-loses-data": upgrade,
    "mc-downgrade": downgrade,
    "mc-pending-nodes": fewer_nodes,
    "mc-cachecluster-valkey-modify": to_valkey,
}
