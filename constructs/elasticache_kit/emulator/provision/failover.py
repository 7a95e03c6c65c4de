"""How a node group fails over: the slow half of TestFailover, over the fleet."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.provision import replication_group as provision
from elasticache_kit.errors import EmulatorError

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.replication_group import Member, NodeGroup, ReplicationGroup

logger = logging.getLogger(__name__)

# How long engines may take to agree on who leads, and how often they are asked.
ELECTION_SECONDS, LOOK_SECONDS = 15.0, 0.05


def fail_over(region: Region, group: ReplicationGroup, node_group: NodeGroup) -> None:
    """Lose the primary, promote the most current replica, and bring the lost node back as a replica.

    The events and their order are AWS's. Where the engines do not play along, the log says why and no further event
    comes: a client that waits for one sees what it would see of a recovery that hangs.
    """
    try:
        _fail_over(region, group, node_group)
    except Exception as error:
        group.failure = str(error)
        _tell_losses(region, group, node_group)
        logger.exception("failover of %s, node group %s", group.replication_group_id, node_group.node_group_id)
    finally:
        node_group.status = "available"


def end_fail_over(region: Region, node_group: NodeGroup) -> None:
    """Bring a failover to its end that was cut off with the emulator: all nodes have started again since."""
    for member in node_group.members:
        if member.status == "rebooting cache cluster nodes":
            region.record(provision.CLUSTER, member.cache_cluster_id, "Finished recovery for cache nodes 0001")
        member.status = "available"
    node_group.status = "available"


def _tell_losses(region: Region, group: ReplicationGroup, node_group: NodeGroup) -> None:
    """Show the nodes whose engine is gone as failed."""
    fleet = runtime.current().fleet
    roles = fleet.roles(region.fleet_key(group.replication_group_id)) if fleet is not None else {}
    for member in node_group.members:
        if roles.get(member.cache_cluster_id) == "down":
            member.status = "failed"


def _fail_over(region: Region, group: ReplicationGroup, node_group: NodeGroup) -> None:
    lost = node_group.primary
    promote(region, group, node_group)
    replace(region, group, lost)


def promote(region: Region, group: ReplicationGroup, node_group: NodeGroup, *, kill: bool = True) -> None:
    """Lose the primary and promote the most current replica.

    Args:
        region: where the group is.
        group: the group.
        node_group: the node group whose primary is lost.
        kill: whether its process ends; it goes on where nobody but its clients can reach it.

    Raises:
        EmulatorError: no replica lives, or the engines do not play along.
    """
    running, lost = runtime.current(), node_group.primary
    timing, key = running.lifecycle.timing, region.fleet_key(group.replication_group_id)
    if running.fleet is not None and kill:
        running.fleet.kill(key, lost.cache_cluster_id)
    running.lifecycle.pause(timing.detect)
    promoted = _most_current(region, group, node_group)
    if running.fleet is not None:
        with running.lifecycle.away():
            running.fleet.promote(key, promoted.cache_cluster_id)
    _note(region, group, node_group, promoted)


def replace(region: Region, group: ReplicationGroup, lost: Member) -> None:
    """Bring a lost node back, empty: as a replica that takes all from the primary, or as the primary that it was.

    Raises:
        EmulatorError: the engines do not play along.
    """
    running = runtime.current()
    timing, key = running.lifecycle.timing, region.fleet_key(group.replication_group_id)
    running.lifecycle.pause(timing.replace)
    lost.status = "rebooting cache cluster nodes"
    region.record(provision.CLUSTER, lost.cache_cluster_id, "Recovering cache nodes 0001")
    running.interference.await_recovery(key, running.lifecycle)
    if running.fleet is not None:
        bring = running.fleet.restart if lost.role == "primary" else running.fleet.recover
        with running.lifecycle.away():
            bring(key, lost.cache_cluster_id)
        lost.reboot_pending = False
    running.lifecycle.pause(timing.recover)
    lost.status = "available"
    region.record(provision.CLUSTER, lost.cache_cluster_id, "Finished recovery for cache nodes 0001")


def follow_engines(region: Region, group: ReplicationGroup, node_group: NodeGroup) -> None:
    """Note whom the engines of a shard have elected by themselves: those of a cluster do where a primary is silent."""
    running = runtime.current()
    deadline = time.monotonic() + ELECTION_SECONDS
    while running.fleet is not None and time.monotonic() < deadline:
        roles = running.fleet.roles(region.fleet_key(group.replication_group_id))
        leading = [member for member in node_group.members if roles.get(member.cache_cluster_id) == "primary"]
        # The one that was silent takes itself for a primary until it hears of the other one.
        if len(leading) == 1:
            _note(region, group, node_group, leading[0])
            return
        running.lifecycle.pause(LOOK_SECONDS)


def _note(region: Region, group: ReplicationGroup, node_group: NodeGroup, promoted: Member) -> None:
    lost = node_group.primary
    if lost is promoted:
        return
    lost.role, promoted.role = "replica", "primary"
    message = (
        f"Failover from primary node {lost.cache_cluster_id} to replica node {promoted.cache_cluster_id} completed"
    )
    region.record(provision.CLUSTER, promoted.cache_cluster_id, message)
    region.record(provision.GROUP, group.replication_group_id, message)


def _most_current(region: Region, group: ReplicationGroup, node_group: NodeGroup) -> Member:
    fleet = runtime.current().fleet
    if fleet is None:
        return node_group.replicas[0]
    key = region.fleet_key(group.replication_group_id)
    ranked = fleet.successors(key, node_group.node_group_id)
    if not ranked:
        raise EmulatorError(
            f"node group {node_group.node_group_id} of {group.replication_group_id} has no living replica"
        )
    return next(member for member in node_group.members if member.cache_cluster_id == ranked[0])
