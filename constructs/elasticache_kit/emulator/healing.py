"""What becomes of a node whose process has ended: a replica takes its place, or it comes back empty, as on AWS."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from moto.elasticache.models import elasticache_backends

from elasticache_kit.emulator import fleet_key, runtime
from elasticache_kit.emulator.outage.target import Target
from elasticache_kit.emulator.provision import cache_cluster as provision_cache_cluster
from elasticache_kit.emulator.provision import failover as provision_failover
from elasticache_kit.errors import EmulatorError, NotFoundError

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.cache_cluster import CacheCluster

LOOK_SECONDS = 0.05
MOST_ATTEMPTS = 5
_AT_REST = ("available", "failed")

logger = logging.getLogger(__name__)


def begin(key: str, cache_cluster_id: str) -> None:
    """Begin to replace a node whose process has ended unasked.

    Args:
        key: its group or cluster, as the fleet knows it.
        cache_cluster_id: the node; of Memcached by its id in the cluster.
    """
    fleet, target = runtime.current().fleet, _find(key, cache_cluster_id)
    job = partial(heal, target) if target is not None else partial(heal_engines, key, cache_cluster_id)
    if fleet is not None and fleet.find_memcached(key) is not None:
        job = partial(heal_memcached, key, cache_cluster_id)
    runtime.current().lifecycle.start(f"loss of {cache_cluster_id}", job)


def heal(target: Target) -> None:
    """Replace a node of a replication group, once nothing else goes on in its shard.

    What it needs may die in the same moment: then it is tried again, and without those who are gone.
    """
    lifecycle = runtime.current().lifecycle
    attempts = 0
    while _dead(target) and attempts < MOST_ATTEMPTS:
        if target.group.status == target.node_group.status == "available" and target.member.status in _AT_REST:
            attempts += 1
            mark(target)
            try:
                replace(target)
            except EmulatorError:
                logger.exception("%s could not be replaced (attempt %s)", target.name, attempts)
        lifecycle.pause(LOOK_SECONDS)


def mark(target: Target) -> None:
    """Show that a node is lost."""
    if target.fails_over:
        target.node_group.status = "modifying"
    else:
        target.member.status = "failed"


def replace(target: Target) -> None:
    """Put another node in the place of one that is lost, in its role where no replica can take over."""
    fleet, node_group = runtime.current().fleet, target.node_group
    if target.fails_over and (fleet is None or fleet.successors(target.key, node_group.node_group_id)):
        provision_failover.fail_over(target.region, target.group, node_group)
        return
    try:
        provision_failover.replace(target.region, target.group, target.member)
    finally:
        if node_group.status == "modifying":
            node_group.status = "available"


def heal_engines(key: str, cache_cluster_id: str) -> None:
    """Replace a node of a cache that has no failover of its own to show: a serverless cache, a node alone."""
    running = runtime.current()
    fleet = running.fleet
    if fleet is None:
        return
    with running.lifecycle.away():
        node = fleet.group(key).node(cache_cluster_id)
        led = fleet.group(key).is_primary(node)
        heirs = fleet.successors(key, node.node_group_id)
        if led and heirs:
            fleet.promote(key, heirs[0])
        if led and not heirs:
            fleet.restart(key, cache_cluster_id)
        else:
            fleet.recover(key, cache_cluster_id)


def heal_memcached(key: str, cache_node_id: str) -> None:
    """Replace a node of Memcached, once nothing else goes on in its cluster: it comes back empty, at its address."""
    lifecycle = runtime.current().lifecycle
    attempts = 0
    while _dead_memcached(key, cache_node_id) and attempts < MOST_ATTEMPTS:
        try:
            attempts += _replace_memcached(key, cache_node_id)
        except EmulatorError:
            attempts += 1
            logger.exception("node %s of %s could not be replaced (attempt %s)", cache_node_id, key, attempts)
        lifecycle.pause(LOOK_SECONDS)


def _replace_memcached(key: str, cache_node_id: str) -> bool:
    """Replace a node; False where that has to wait for something else that goes on in the cluster."""
    found = _find_cluster(key)
    if found is None:
        # A serverless cache, which has no nodes to show.
        running = runtime.current()
        if running.fleet is not None:
            with running.lifecycle.away():
                running.fleet.memcached(key).reboot(cache_node_id)
        return True
    region, cluster = found
    node = next((item for item in cluster.nodes if item.cache_node_id == cache_node_id), None)
    if node is None or cluster.status != "available" or node.status not in _AT_REST:
        return False
    node.status = "failed"
    provision_cache_cluster.replace(region, cluster, node)
    return True


def _dead_memcached(key: str, cache_node_id: str) -> bool:
    fleet = runtime.current().fleet
    cluster = fleet.find_memcached(key) if fleet is not None else None
    return cluster is not None and cluster.alive.get(cache_node_id) is False


def _find_cluster(key: str) -> tuple[Region, CacheCluster] | None:
    for _, _, backend in elasticache_backends.iter_backends():
        region = _region(backend)
        for cluster in region.cache_clusters.values():
            if fleet_key.of_cache_cluster(region, cluster.cache_cluster_id) == key:
                return region, cluster
    return None


def _dead(target: Target) -> bool:
    fleet = runtime.current().fleet
    try:
        return fleet is not None and not fleet.group(target.key).node(target.name).engine.alive
    except NotFoundError:
        return False


def _find(key: str, cache_cluster_id: str) -> Target | None:
    for _, _, backend in elasticache_backends.iter_backends():
        region = _region(backend)
        for group in region.replication_groups.values():
            if region.fleet_key(group.replication_group_id) != key:
                continue
            for node_group in group.node_groups:
                for member in node_group.members:
                    if member.cache_cluster_id == cache_cluster_id:
                        return Target(region, group, node_group, member)
    return None


def _region(backend: Any) -> Region:
    return backend.region
