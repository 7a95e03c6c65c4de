"""Rules of how many nodes there are, and in which Availability Zones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model import quota
from elasticache_kit.model.cache_cluster import effective
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.cache_cluster.spec import CacheClusterSpec

_ONE_ZONE = "single-az"
AZ_MODES = (_ONE_ZONE, "cross-az")
# What the text of the API says, while the quota says 60.
_NODES_IN_ONE_CALL = 40
_FEWEST_ACROSS_ZONES = 2


def nodes(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-nodes."""
    count = known(spec.num_cache_nodes)
    if count is not None and count < 1:
        yield Finding("num_cache_nodes", count, "there is at least 1 node", "set num_cache_nodes to 1 or more")


def nodes_quota(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-nodes-quota."""
    count = known(spec.num_cache_nodes)
    if count is None or effective.engine(spec) is not Engine.MEMCACHED:
        return
    if count > quota.NODES_PER_MEMCACHED_CLUSTER:
        yield Finding(
            "num_cache_nodes",
            count,
            f"it is above the default quota of {quota.NODES_PER_MEMCACHED_CLUSTER} nodes in a cluster",
            "take fewer, or ask AWS to raise the quota",
        )
    elif count > _NODES_IN_ONE_CALL:
        yield Finding(
            "num_cache_nodes",
            count,
            f"the API is said to make {_NODES_IN_ONE_CALL} nodes at once",
            f"start with {_NODES_IN_ONE_CALL}, and add the others in a later deployment",
        )


def one_redis_node(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-redis-one-node."""
    if effective.engine(spec) is Engine.REDIS and (count := effective.nodes(spec)) > 1:
        yield Finding(
            "num_cache_nodes",
            count,
            "a cache cluster of redis has 1 node",
            "set num_cache_nodes to 1, or make a replication group",
        )


def zone_mode(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-az-mode."""
    mode = known(spec.az_mode)
    if mode is not None and mode not in AZ_MODES:
        yield Finding("az_mode", mode, f"it is one of {', '.join(AZ_MODES)}", "take one of them")


def across_zones(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-cross-az-two-nodes."""
    if effective.zones_cross(spec) and 1 <= (count := effective.nodes(spec)) < _FEWEST_ACROSS_ZONES:
        yield Finding(
            "num_cache_nodes",
            count,
            "nodes across zones are at least 2",
            "set num_cache_nodes to 2 or more, or az_mode='single-az'",
        )


def memcached_only(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-azmode-memcached-only."""
    if effective.engine(spec) is not Engine.REDIS:
        return
    for name, value in (
        ("az_mode", spec.az_mode),
        ("preferred_availability_zones", spec.preferred_availability_zones),
    ):
        # To say single-az is to say what holds anyway.
        if isinstance(value, str | tuple) and value != _ONE_ZONE:
            yield Finding(
                name, value, "it is for memcached", "leave it out, and name the one zone in preferred_availability_zone"
            )


def zones_count(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-azs-count."""
    zones = known(spec.preferred_availability_zones)
    if not zones:
        return
    if isinstance(spec.preferred_availability_zone, str):
        yield Finding(
            "preferred_availability_zone",
            spec.preferred_availability_zone,
            "preferred_availability_zones names the zones already",
            "leave out one of the two",
        )
    if len(zones) != (count := effective.nodes(spec)):
        yield Finding(
            "preferred_availability_zones",
            zones,
            f"it lists {len(zones)} zones for {count} nodes",
            "list one zone for each node; zones may repeat",
        )


def zones_need_mode(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-azs-cross."""
    zones = known(spec.preferred_availability_zones) or ()
    if len(set(zones)) > 1 and not effective.zones_cross(spec):
        yield Finding(
            "az_mode", spec.az_mode, "several zones are named, and the mode is single-az", "set az_mode='cross-az'"
        )


def zones_in_subnet_group(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-azs-in-subnets."""
    covered = known(spec.subnet_zones)
    if not covered:
        return
    single = spec.preferred_availability_zone
    several = spec.preferred_availability_zones
    for name, zones in (
        ("preferred_availability_zone", (single,) if isinstance(single, str) else ()),
        ("preferred_availability_zones", several if isinstance(several, tuple) else ()),
    ):
        if outside := sorted(set(zones) - set(covered)):
            yield Finding(
                name,
                zones,
                f"the subnet group has no subnet in {', '.join(outside)}",
                f"take zones of {', '.join(sorted(covered))}, or add a subnet",
            )


CHECKS = {
    "mc-nodes": nodes,
    "mc-nodes-quota": nodes_quota,
    "mc-redis-one-node": one_redis_node,
    "mc-az-mode": zone_mode,
    "mc-cross-az-two-nodes": across_zones,
    "mc-azmode-memcached-only": memcached_only,
    "mc-azs-count": zones_count,
    "mc-azs-cross": zones_need_mode,
    "mc-azs-in-subnets": zones_in_subnet_group,
}
