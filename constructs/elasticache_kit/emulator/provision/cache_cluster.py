"""How a cache cluster comes to be, changes and goes: the slow half of each operation, over the fleet.

A cluster of Memcached is a cluster of memcached processes; any other is a replication group of one node to the fleet.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator import fleet_key, runtime
from elasticache_kit.emulator.fleet import endpoint_name
from elasticache_kit.emulator.fleet.plan import GroupPlan, NodeGroupPlan, NodePlan
from elasticache_kit.emulator.provision import memcached as provision_memcached
from elasticache_kit.emulator.provision import parameter as provision_parameter
from elasticache_kit.errors import NotFoundError
from elasticache_kit.model.engine import Engine

if TYPE_CHECKING:
    from pathlib import Path

    from elasticache_kit.emulator.fleet import Fleet
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.cache_cluster import CacheCluster, CacheNode

logger = logging.getLogger(__name__)

SOURCE = "cache-cluster"


def create(region: Region, cluster: CacheCluster, seed: Sequence[Path] = ()) -> None:
    """Start the engines of a new cluster, with the data of RDB files, and make it available, or mark it as failed."""
    running = runtime.current()
    try:
        if running.fleet is not None:
            with running.lifecycle.away():
                start(region, running.fleet, cluster, seed)
        running.lifecycle.pause(running.lifecycle.timing.create)
    except Exception:
        logger.exception("cache cluster %s could not be created", cluster.cache_cluster_id)
        cluster.status = "create-failed"
        return
    with region.lock:
        region.record(SOURCE, cluster.cache_cluster_id, "Cache cluster created")
        for node in cluster.nodes:
            node.status = "available"
            zone = node.availability_zone
            region.record(
                SOURCE, cluster.cache_cluster_id, f"Added cache node {node.cache_node_id} in availability zone {zone}"
            )
        cluster.status = "available"


def change(region: Region, cluster: CacheCluster, job: Callable[[], None]) -> None:
    """Do what a change asks for when its time has passed; afterwards the cluster is available."""
    running = runtime.current()
    running.lifecycle.pause(running.lifecycle.timing.modify)
    with region.lock:
        job()
    try:
        if running.fleet is not None:
            with running.lifecycle.away():
                _settle(region, running.fleet, cluster)
    except Exception:
        logger.exception("cache cluster %s could not be changed", cluster.cache_cluster_id)
    cluster.status = "available"


def reboot(region: Region, cluster: CacheCluster, nodes: Sequence[CacheNode]) -> None:
    """Start nodes anew: they come back empty, with the parameters that waited for that."""
    running = runtime.current()
    running.lifecycle.pause(running.lifecycle.timing.modify)
    key = fleet_key.of_cache_cluster(region, cluster.cache_cluster_id)
    for node in nodes:
        if cluster.engine == Engine.MEMCACHED:
            region.record(SOURCE, cluster.cache_cluster_id, f"Cache node {node.cache_node_id} shutdown")
        try:
            if running.fleet is None:
                pass
            elif cluster.engine == Engine.MEMCACHED:
                running.fleet.memcached(key).reboot(node.cache_node_id)
            else:
                running.fleet.restart(key, cluster.cache_cluster_id)
        except Exception:
            logger.exception("node %s of %s could not be rebooted", node.cache_node_id, cluster.cache_cluster_id)
            node.status = "failed"
            continue
        node.status, node.reboot_pending = "available", False
        region.record(SOURCE, cluster.cache_cluster_id, f"Cache node {node.cache_node_id} restarted")
    cluster.status = "available"


def replace(region: Region, cluster: CacheCluster, node: CacheNode) -> None:
    """Put another node of Memcached in the place of one that is lost: empty, at the same address.

    Raises:
        EmulatorError: it did not come up.
    """
    running = runtime.current()
    timing, key = running.lifecycle.timing, fleet_key.of_cache_cluster(region, cluster.cache_cluster_id)
    running.lifecycle.pause(timing.replace)
    node.status = "rebooting cache cluster nodes"
    region.record(SOURCE, cluster.cache_cluster_id, f"Recovering cache nodes {node.cache_node_id}")
    if running.fleet is not None:
        with running.lifecycle.away():
            running.fleet.memcached(key).reboot(node.cache_node_id)
    running.lifecycle.pause(timing.recover)
    node.status, node.reboot_pending = "available", False
    region.record(SOURCE, cluster.cache_cluster_id, f"Finished recovery for cache nodes {node.cache_node_id}")


def renew_parameters(region: Region, cluster: CacheCluster) -> None:
    """Bring the engines of a cluster to its parameter group; Memcached takes parameters at a reboot only.

    Raises:
        EmulatorError: an engine does not take a setting.
    """
    fleet, key = runtime.current().fleet, fleet_key.of_cache_cluster(region, cluster.cache_cluster_id)
    if fleet is None:
        return
    if cluster.engine == Engine.MEMCACHED:
        waiting = provision_memcached.set_options(region, fleet, key, cluster)
    else:
        waiting = provision_parameter.tell(region, key, cluster.parameter_group_name, cluster.spec.cache_node_type)
    for node in cluster.nodes:
        node.reboot_pending = node.reboot_pending or waiting


def delete(region: Region, cluster: CacheCluster) -> None:
    """Stop the engines of a cluster and forget it."""
    running = runtime.current()
    running.lifecycle.pause(running.lifecycle.timing.delete)
    if running.fleet is not None:
        key = fleet_key.of_cache_cluster(region, cluster.cache_cluster_id)
        running.fleet.stop_memcached(key)
        running.fleet.stop_group(key)
    with region.lock:
        region.record(SOURCE, cluster.cache_cluster_id, "Cache cluster deleted")
        region.cache_clusters.forget(cluster.cache_cluster_id)


def configuration_endpoint(region: Region, cluster: CacheCluster) -> dict[str, Any] | None:
    """Give the address that Memcached clients ask for the nodes: a name that leads nowhere without a fleet."""
    fleet, key = runtime.current().fleet, fleet_key.of_cache_cluster(region, cluster.cache_cluster_id)
    if fleet is None:
        return {"Address": f"{cluster.cache_cluster_id}.cfg.{_domain(region)}", "Port": cluster.port}
    try:
        address = fleet.memcached(key).configuration_endpoint
    except NotFoundError:
        return None
    if runtime.current().names:
        address = endpoint_name.of(key, endpoint_name.MEMCACHED_CONFIGURATION)
    return {"Address": address, "Port": cluster.port}


def node_endpoint(region: Region, cluster: CacheCluster, node: CacheNode) -> dict[str, Any] | None:
    """Give the address of a node, None where it has none, see `configuration_endpoint`."""
    fleet, key = runtime.current().fleet, fleet_key.of_cache_cluster(region, cluster.cache_cluster_id)
    memcached = cluster.engine == Engine.MEMCACHED
    if fleet is None:
        return {"Address": f"{cluster.cache_cluster_id}.{node.cache_node_id}.{_domain(region)}", "Port": cluster.port}
    try:
        if memcached:
            address = fleet.memcached(key).addresses.get(node.cache_node_id)
        else:
            address = fleet.node_address(key, cluster.cache_cluster_id)
    except NotFoundError:
        return None
    if address and runtime.current().names:
        address = endpoint_name.of(key, node.cache_node_id if memcached else cluster.cache_cluster_id)
    return {"Address": address, "Port": cluster.port} if address else None


def start(region: Region, fleet: Fleet, cluster: CacheCluster, seed: Sequence[Path] = ()) -> None:
    """Start the engines of a cluster, with the data of RDB files.

    Raises:
        EmulatorError: they do not start; nothing of them is left.
    """
    key, spec = fleet_key.of_cache_cluster(region, cluster.cache_cluster_id), cluster.spec
    if cluster.engine == Engine.MEMCACHED:
        fleet.start_memcached(provision_memcached.plan(region, key, cluster))
        return
    node = NodePlan(cache_cluster_id=cluster.cache_cluster_id)
    fleet.start_group(
        GroupPlan(
            key=key,
            node_groups=(NodeGroupPlan(node_group_id="0001", nodes=(node,)),),
            cluster_mode=False,
            tls=bool(spec.transit_encryption_enabled),
            port=cluster.port,
            seed=tuple(seed),
            engine=cluster.engine,
            engine_version=cluster.engine_version,
            parameters=provision_parameter.of_group(region, cluster.parameter_group_name, spec.cache_node_type),
        )
    )


def _settle(region: Region, fleet: Fleet, cluster: CacheCluster) -> None:
    """Make the engines what the cluster is now."""
    key = fleet_key.of_cache_cluster(region, cluster.cache_cluster_id)
    if cluster.engine == Engine.MEMCACHED:
        renew_parameters(region, cluster)
        provision_memcached.resize(fleet, key, cluster)
        return
    settings = provision_parameter.of_group(region, cluster.parameter_group_name, cluster.spec.cache_node_type)
    fleet.upgrade(key, cluster.engine, cluster.engine_version, settings)
    wanted = provision_parameter.maxmemory(cluster.spec.cache_node_type)
    if wanted.items() - fleet.group(key).plan.parameters.items():
        fleet.replace_nodes(key, wanted)
    renew_parameters(region, cluster)


def _domain(region: Region) -> str:
    # `.invalid` never resolves (RFC 6761): nobody can take such an endpoint for one on AWS.
    return f"{region.name}.cache.invalid"
