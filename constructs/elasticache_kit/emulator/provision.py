"""How a replication group comes to be, grows, fails over and goes: the slow half of each operation, over the fleet."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.fleet.plan import GroupPlan, NodeGroupPlan, NodePlan
from elasticache_kit.emulator.lifecycle import StoppedError
from elasticache_kit.emulator.state.replication_group import Member, NodeGroup, ReplicationGroup
from elasticache_kit.errors import EmulatorError, NotFoundError

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region

logger = logging.getLogger(__name__)

EndpointKind = Literal["primary", "reader", "configuration"]
CLUSTER = "cache-cluster"
# Parameters that mean in ElastiCache what they mean in the engine, by name or by the beginning of the name. The others
# belong to the service (reserved-memory-percent), shape the group (cluster-enabled) or are spelled in parts.
ENGINE_PARAMETERS = (
    "active-defrag-", "activedefrag", "activerehashing", "hash-max-", "hll-", "lazyfree-", "lfu-",
    "list-compress-depth", "list-max-listpack-size", "maxmemory-policy", "maxmemory-samples",
    "notify-keyspace-events", "set-max-", "slowlog-", "stream-node-", "tcp-keepalive", "timeout",
    "tracking-table-max-keys", "zset-max-",
)  # fmt: skip
GROUP = "replication-group"


def create(region: Region, group: ReplicationGroup) -> None:
    """Start the engines of a new group and make it available, or mark it as failed."""
    running = runtime.current()
    try:
        if running.fleet is not None:
            running.fleet.start_group(plan(region, group))
        running.lifecycle.pause(running.lifecycle.timing.create)
    except StoppedError:
        raise
    except Exception as error:
        logger.exception("replication group %s could not be created", group.replication_group_id)
        group.failure = str(error)
        group.status = "create-failed"
        return
    for node_group in group.node_groups:
        node_group.status = "available"
    for member in group.members:
        member.status = "available"
        region.record(CLUSTER, member.cache_cluster_id, "Cache cluster created")
    region.record(GROUP, group.replication_group_id, f"Replication group {group.replication_group_id} created")
    group.status = "available"


def change(group: ReplicationGroup, job: Callable[[], None]) -> None:
    """Run the slow part of a change; afterwards the group is available, with the reason where the change failed."""
    group.failure = None
    try:
        job()
    except StoppedError:
        raise
    except Exception as error:
        logger.exception("replication group %s could not be changed", group.replication_group_id)
        group.failure = str(error)
    group.status = "available"


def delete(region: Region, group: ReplicationGroup) -> None:
    """Stop the engines of a group and forget it."""
    running = runtime.current()
    running.lifecycle.pause(running.lifecycle.timing.delete)
    if running.fleet is not None:
        running.fleet.stop_group(region.fleet_key(group.replication_group_id))
    with region.lock:
        for member in group.members:
            region.record(CLUSTER, member.cache_cluster_id, "Cache cluster deleted")
        region.replication_groups.forget(group.replication_group_id)


def resize(
    region: Region,
    group: ReplicationGroup,
    counts: Mapping[str, int],
    *,
    zones: Mapping[str, Sequence[str]] = MappingProxyType({}),
    gone: Sequence[str] = (),
) -> None:
    """Bring node groups to a number of replicas.

    Args:
        region: where the group is.
        group: the group.
        counts: the number of replicas by node group.
        zones: the zones of the new replicas by node group; spread evenly where none are named.
        gone: the replicas that go first, by cache cluster id; the last ones where none are named.
    """
    running = runtime.current()
    running.lifecycle.pause(running.lifecycle.timing.modify)
    for node_group in group.node_groups:
        wanted = counts.get(node_group.node_group_id, len(node_group.replicas))
        named = iter(zones.get(node_group.node_group_id, ()))
        while len(node_group.replicas) < wanted:
            add_member(region, group, node_group, zone=next(named, None))
        for member in [item for item in node_group.replicas if item.cache_cluster_id in gone]:
            remove_member(region, group, node_group, member)
        while len(node_group.replicas) > wanted:
            remove_member(region, group, node_group, node_group.replicas[-1])


def add_member(
    region: Region, group: ReplicationGroup, node_group: NodeGroup, name: str | None = None, zone: str | None = None
) -> None:
    """Add a replica to a node group.

    Args:
        region: where the group is.
        group: the group.
        node_group: the node group that gets the replica.
        name: its cache cluster id; the next free number when omitted.
        zone: its zone; the one with the fewest nodes of the node group when omitted.
    """
    fleet = runtime.current().fleet
    taken = {member.cache_cluster_id for member in node_group.members}
    prefix = group.replication_group_id + (f"-{node_group.node_group_id}" if group.cluster_mode_enabled else "")
    name = name or next(f"{prefix}-{number:03}" for number in range(1, 1000) if f"{prefix}-{number:03}" not in taken)
    zones = [member.availability_zone for member in node_group.members]
    choices = group.spec.subnet_zones if isinstance(group.spec.subnet_zones, tuple) else ()
    if fleet is not None:
        fleet.add_replica(
            region.fleet_key(group.replication_group_id), node_group.node_group_id, NodePlan(cache_cluster_id=name)
        )
    node_group.members.append(
        Member(name, zone or min(choices or zones, key=zones.count), "replica", status="available")
    )
    region.record(CLUSTER, name, "Cache cluster created")


def remove_member(region: Region, group: ReplicationGroup, node_group: NodeGroup, gone: Member) -> None:
    """Take a replica away from a node group."""
    fleet = runtime.current().fleet
    if fleet is not None:
        fleet.remove_replica(region.fleet_key(group.replication_group_id), gone.cache_cluster_id)
    node_group.members.remove(gone)
    region.record(CLUSTER, gone.cache_cluster_id, "Cache cluster deleted")


def fail_over(region: Region, group: ReplicationGroup, node_group: NodeGroup) -> None:
    """Lose the primary, promote the most current replica, and bring the lost node back as a replica.

    The events and their order are AWS's. Where the engines do not play along, the log says why and no further event
    comes: a client that waits for one sees what it would see of a recovery that hangs.
    """
    try:
        _fail_over(region, group, node_group)
    except StoppedError:
        raise
    except Exception as error:
        group.failure = str(error)
        _tell_losses(region, group, node_group)
        logger.exception("failover of %s, node group %s", group.replication_group_id, node_group.node_group_id)
    finally:
        node_group.status = "available"


def _tell_losses(region: Region, group: ReplicationGroup, node_group: NodeGroup) -> None:
    """Show the nodes whose engine is gone as failed."""
    fleet = runtime.current().fleet
    roles = fleet.roles(region.fleet_key(group.replication_group_id)) if fleet is not None else {}
    for member in node_group.members:
        if roles.get(member.cache_cluster_id) == "down":
            member.status = "failed"


def _fail_over(region: Region, group: ReplicationGroup, node_group: NodeGroup) -> None:
    running, lost = runtime.current(), node_group.primary
    timing, key = running.lifecycle.timing, region.fleet_key(group.replication_group_id)
    if running.fleet is not None:
        running.fleet.kill(key, lost.cache_cluster_id)
    running.lifecycle.pause(timing.detect)
    promoted = _most_current(region, group, node_group)
    if running.fleet is not None:
        running.fleet.promote(key, promoted.cache_cluster_id)
    lost.role, promoted.role = "replica", "primary"
    message = (
        f"Failover from primary node {lost.cache_cluster_id} to replica node {promoted.cache_cluster_id} completed"
    )
    region.record(CLUSTER, promoted.cache_cluster_id, message)
    region.record(GROUP, group.replication_group_id, message)
    running.lifecycle.pause(timing.replace)
    lost.status = "rebooting cache cluster nodes"
    region.record(CLUSTER, lost.cache_cluster_id, "Recovering cache nodes 0001")
    if running.fleet is not None:
        running.fleet.recover(key, lost.cache_cluster_id)
    running.lifecycle.pause(timing.recover)
    lost.status = "available"
    region.record(CLUSTER, lost.cache_cluster_id, "Finished recovery for cache nodes 0001")


def plan(region: Region, group: ReplicationGroup) -> GroupPlan:
    """Say which processes a group needs."""
    _, parameters = region.parameters(group.parameter_group_name)
    return GroupPlan(
        key=region.fleet_key(group.replication_group_id),
        port=group.port,
        cluster_mode=group.cluster_mode_enabled,
        tls=bool(group.spec.transit_encryption_enabled),
        node_groups=tuple(
            NodeGroupPlan(
                node_group_id=node_group.node_group_id,
                slots=node_group.slots,
                nodes=tuple(NodePlan(cache_cluster_id=member.cache_cluster_id) for member in node_group.members),
            )
            for node_group in group.node_groups
        ),
        parameters={name: value for name, value in parameters.items() if name.startswith(ENGINE_PARAMETERS)},
    )


def endpoint(region: Region, group: ReplicationGroup, kind: EndpointKind) -> dict[str, Any] | None:
    """Give the address and port of an endpoint: a real one with a fleet, a name that leads nowhere without."""
    fleet, key = runtime.current().fleet, region.fleet_key(group.replication_group_id)
    if fleet is None:
        prefix = {"primary": "master", "reader": "replica", "configuration": "clustercfg"}[kind]
        return {"Address": f"{prefix}.{_domain(region, group)}", "Port": group.port}
    lookups = {
        "primary": fleet.primary_endpoint,
        "reader": fleet.reader_endpoint,
        "configuration": fleet.configuration_endpoint,
    }
    try:
        address = lookups[kind](key)
    except NotFoundError:
        # A group whose creation failed, or whose deletion is nearly done, has no engines left to lead to.
        return None
    return {"Address": address, "Port": group.port} if address else None


def node_endpoint(region: Region, group: ReplicationGroup, member: Member) -> dict[str, Any] | None:
    """Give the address and port of a node, None where it has none, see `endpoint`."""
    fleet = runtime.current().fleet
    if fleet is None:
        return {"Address": f"{member.cache_cluster_id}.{_domain(region, group)}", "Port": group.port}
    try:
        address = fleet.node_address(region.fleet_key(group.replication_group_id), member.cache_cluster_id)
    except NotFoundError:
        return None
    return {"Address": address, "Port": group.port}


def _domain(region: Region, group: ReplicationGroup) -> str:
    # `.invalid` never resolves (RFC 6761): nobody can take such an endpoint for one on AWS.
    return f"{group.replication_group_id}.{region.name}.cache.invalid"


def _most_current(region: Region, group: ReplicationGroup, node_group: NodeGroup) -> Member:
    fleet = runtime.current().fleet
    if fleet is None:
        return node_group.replicas[0]
    key = region.fleet_key(group.replication_group_id)
    ranked = fleet.replicas_by_offset(key, node_group.node_group_id)
    if not ranked:
        raise EmulatorError(
            f"node group {node_group.node_group_id} of {group.replication_group_id} has no living replica"
        )
    return next(member for member in node_group.members if member.cache_cluster_id == ranked[0])
