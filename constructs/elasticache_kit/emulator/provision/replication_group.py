"""How a replication group comes to be, grows, fails over and goes: the slow half of each operation, over the fleet."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.fleet import room
from elasticache_kit.emulator.fleet.plan import GroupPlan, NodeGroupPlan, NodePlan
from elasticache_kit.emulator.provision import change as provision_change
from elasticache_kit.emulator.provision import global_replication_group as provision_global
from elasticache_kit.emulator.provision import parameter as provision_parameter
from elasticache_kit.emulator.provision import sign_in as provision_sign_in
from elasticache_kit.emulator.state.replication_group import Member, NodeGroup, ReplicationGroup
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.replication_group.durability import effective, is_durable

if TYPE_CHECKING:
    from pathlib import Path

    from elasticache_kit.emulator.region import Region

logger = logging.getLogger(__name__)

CLUSTER = "cache-cluster"
GROUP = "replication-group"


def create(region: Region, group: ReplicationGroup, seed: Sequence[Path] = ()) -> None:
    """Start the engines of a new group, with the data of RDB files, and make it available, or mark it as failed."""
    running = runtime.current()
    try:
        if running.fleet is not None:
            with running.lifecycle.away():
                running.fleet.start_group(dataclasses.replace(plan(region, group), seed=tuple(seed)))
            # Its users and parameters may have changed while it started.
            provision_sign_in.renew(region, group)
            provision_parameter.renew(region, group)
        running.lifecycle.pause(running.lifecycle.timing.create)
    except Exception as error:
        logger.exception("replication group %s could not be created", group.replication_group_id)
        group.failure = str(error)
        group.status = "create-failed"
        return
    for node_group in group.node_groups:
        node_group.status = "available"
    for member in group.members:
        member.status = "available"
        tell_created(region, member)
    region.record(GROUP, group.replication_group_id, f"Replication group {group.replication_group_id} created")
    if group.spec.automatic_failover_enabled:
        tell_automatic_failover(region, group)
    if running.fleet is not None and region.fleet_key(group.replication_group_id) in running.fleet.on_paper:
        _tell_on_paper(region, group, running.fleet.most_engines)
    group.status = "available"


def _tell_on_paper(region: Region, group: ReplicationGroup, most: int) -> None:
    """Say that a group has no engines; AWS has no such event."""
    text = (
        f"Replication group {group.replication_group_id} is control plane only: its {len(list(group.members))} nodes "
        f"are more than there is room for beside the others, {most} engines in all ({room.VARIABLE})"
    )
    logger.warning("%s", text)
    region.record(GROUP, group.replication_group_id, text)


def tell_created(region: Region, member: Member) -> None:
    """Write the events of a new node of a group."""
    region.record(CLUSTER, member.cache_cluster_id, "Cache cluster created")
    text = f"Added cache node 0001 in availability zone {member.availability_zone}"
    region.record(CLUSTER, member.cache_cluster_id, text)


def tell_automatic_failover(region: Region, group: ReplicationGroup) -> None:
    """Write the event of a group that fails over by itself from now on."""
    text = f"Automatic failover has been turned on for replication group {group.replication_group_id}"
    region.record(GROUP, group.replication_group_id, text)


def change(group: ReplicationGroup, job: Callable[[], None]) -> None:
    """Run the slow part of a change; afterwards the group is available, with the reason where the change failed."""
    group.failure = None
    try:
        job()
    except Exception as error:
        logger.exception("replication group %s could not be changed", group.replication_group_id)
        group.failure, group.changing = str(error), {}
    group.status = "available"


def delete(region: Region, group: ReplicationGroup) -> None:
    """Stop the engines of a group and forget it."""
    running = runtime.current()
    running.lifecycle.pause(running.lifecycle.timing.delete)
    if running.fleet is not None:
        with running.lifecycle.away():
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
    running = runtime.current()
    taken = {member.cache_cluster_id for member in node_group.members}
    prefix = group.replication_group_id + (f"-{node_group.node_group_id}" if group.cluster_mode_enabled else "")
    name = name or next(f"{prefix}-{number:03}" for number in range(1, 1000) if f"{prefix}-{number:03}" not in taken)
    zones = [member.availability_zone for member in node_group.members]
    choices = group.spec.subnet_zones if isinstance(group.spec.subnet_zones, tuple) else ()
    zone = zone or min(choices or zones, key=zones.count)
    if running.fleet is not None:
        key = region.fleet_key(group.replication_group_id)
        with running.lifecycle.away():
            running.fleet.add_replica(
                key, node_group.node_group_id, NodePlan(cache_cluster_id=name, availability_zone=zone)
            )
    made = Member(name, zone, "replica", status="available")
    node_group.members.append(made)
    tell_created(region, made)


def remove_member(region: Region, group: ReplicationGroup, node_group: NodeGroup, gone: Member) -> None:
    """Take a replica away from a node group."""
    running = runtime.current()
    if running.fleet is not None:
        with running.lifecycle.away():
            running.fleet.remove_replica(region.fleet_key(group.replication_group_id), gone.cache_cluster_id)
    node_group.members.remove(gone)
    region.record(CLUSTER, gone.cache_cluster_id, "Cache cluster deleted")


def reshard(
    region: Region, group: ReplicationGroup, slots: Mapping[str, str], coming: Sequence[NodeGroup] = ()
) -> None:
    """Give a group other shards while clients go on; `PendingModifiedValues` shows how far it is.

    Args:
        region: where the group is.
        group: the group.
        slots: the slots of each shard that there is afterwards, by its id.
        coming: those that are not there yet.
    """
    running = runtime.current()
    fleet = running.fleet
    if fleet is None:
        return

    def progress(share: float) -> None:
        group.changing = {"Resharding": {"SlotMigration": {"ProgressPercentage": round(share * 100, 1)}}}

    new = [_node_group_plan(node_group) for node_group in coming]
    if group.global_role == "SECONDARY":
        provision_global.reshard(region, group, slots, new)
        return
    with running.lifecycle.away():
        fleet.reshard(region.fleet_key(group.replication_group_id), slots, new=new, progress=progress)


def reboot(region: Region, group: ReplicationGroup, member: Member) -> None:
    """Start a node anew: it comes back empty, with the parameters that waited for that."""
    running = runtime.current()
    running.lifecycle.pause(running.lifecycle.timing.modify)
    try:
        if running.fleet is not None:
            with running.lifecycle.away():
                running.fleet.restart(region.fleet_key(group.replication_group_id), member.cache_cluster_id)
    except Exception:
        logger.exception("cache cluster %s could not be rebooted", member.cache_cluster_id)
        member.status = "failed"
        return
    member.status, member.reboot_pending = "available", False
    region.record(CLUSTER, member.cache_cluster_id, "Cache node 0001 restarted")


def keeps_keys(group: ReplicationGroup) -> bool:
    """Tell whether the keys of a group outlive its engines: it is durable, or snapshots of it are taken every day."""
    days = group.spec.snapshot_retention_limit
    return is_durable(group.spec) or (isinstance(days, int) and days > 0)


def plan(region: Region, group: ReplicationGroup, *, resumes: bool = False) -> GroupPlan:
    """Say which processes a group needs.

    Args:
        region: where the group is.
        group: the group.
        resumes: whether it had processes before, whose data it takes up where it keeps any.
    """
    return GroupPlan(
        key=region.fleet_key(group.replication_group_id),
        port=group.port,
        cluster_mode=group.cluster_mode_enabled,
        compatible=provision_change.compatible(group.spec),
        tls=bool(group.spec.transit_encryption_enabled),
        tls_preferred=provision_sign_in.tls_preferred(group),
        sign_in=provision_sign_in.of_group(region, group),
        node_groups=tuple(_node_group_plan(node_group) for node_group in group.node_groups),
        parameters=provision_parameter.of_group(region, group.parameter_group_name, group.spec.cache_node_type),
        engine=str(group.spec.engine or Engine.REDIS),
        engine_version=group.engine_version,
        source_key=provision_global.source_key(region, group),
        durable=keeps_keys(group),
        durability=effective(group.spec),
        resumes=resumes and keeps_keys(group),
    )


def _node_group_plan(node_group: NodeGroup) -> NodeGroupPlan:
    return NodeGroupPlan(
        node_group_id=node_group.node_group_id,
        slots=node_group.slots,
        nodes=tuple(
            NodePlan(cache_cluster_id=member.cache_cluster_id, availability_zone=member.availability_zone)
            # The first node is the first primary, also where another one has become it since.
            for member in sorted(node_group.members, key=lambda item: item.role != "primary")
        ),
    )
