"""Failing over a node group on purpose, with TestFailover.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html#auto-failover-test
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.errors import RefusedError
from elasticache_kit.ops import event
from elasticache_kit.ops.event import Event, EventKind
from elasticache_kit.ops.plan import Call, Follow, Plan

if TYPE_CHECKING:
    from elasticache_kit.ops.inventory import NodeGroup, ReplicationGroup

# Replacing the node that was failed takes AWS 10 to 25 minutes in published timelines.
RECOVERY_TIMEOUT_SECONDS = 1800.0


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a failover took by the dates of AWS's events, in seconds; None where an event is missing.

    Args:
        promotion_seconds: from "Test Failover API called" to "Failover ... completed".
        recovery_seconds: from "Test Failover API called" to "Finished recovery".
    """

    promotion_seconds: float | None
    recovery_seconds: float | None


def plan(
    group: ReplicationGroup, node_group_id: str | None = None, *, timeout_seconds: float = RECOVERY_TIMEOUT_SECONDS
) -> Plan:
    """Plan the failover of one node group.

    Args:
        group: the replication group as it is now.
        node_group_id: the first node group when omitted.
        timeout_seconds: how long to wait for AWS to have replaced the failed node; 30 minutes when omitted.

    Raises:
        RefusedError: it cannot work; the message has every reason.
    """
    chosen = choose(group, node_group_id)
    operation = (
        f"failover of {group.replication_group_id}, node group {chosen.node_group_id if chosen else node_group_id}"
    )
    reasons = refusals(group, chosen, node_group_id)
    if reasons or chosen is None:
        raise RefusedError(operation, reasons)
    members = tuple(member.cache_cluster_id for member in chosen.members)
    call = Call(
        "TestFailover",
        (("ReplicationGroupId", group.replication_group_id), ("NodeGroupId", chosen.node_group_id)),
    )
    follow = Follow(
        (group.replication_group_id, *members),
        EventKind.RECOVERED,
        "Finished recovery for cache nodes",
        timeout_seconds,
    )
    return Plan(operation, (call, follow), _notes(chosen))


def choose(group: ReplicationGroup, node_group_id: str | None = None) -> NodeGroup | None:
    """Return the node group of that id, the first one when it is omitted, or None if there is none."""
    if node_group_id is None:
        return group.node_groups[0] if group.node_groups else None
    return group.node_group(node_group_id)


def refusals(group: ReplicationGroup, chosen: NodeGroup | None, asked: str | None) -> tuple[str, ...]:
    """Return every reason why a failover cannot work; none means that it can."""
    reasons: list[str] = []
    if group.status != "available":
        reasons.append(f"the replication group's status is {group.status!r}, and it must be 'available': wait for it")
    if group.automatic_failover != "enabled":
        reasons.append(
            f"automatic failover is {group.automatic_failover!r}, and it must be 'enabled': "
            "set automatic_failover_enabled (ModifyReplicationGroup)"
        )
    if chosen is None:
        ids = ", ".join(known.node_group_id for known in group.node_groups)
        reasons.append(f"there is no node group {asked!r}: it has {ids or 'none'}" if asked else "it has no node group")
        return tuple(reasons)
    if len(chosen.members) < 2:  # noqa: PLR2004 - a primary and one replica
        reasons.append(f"node group {chosen.node_group_id} has no replica that could be promoted: add one")
    busy = (m for m in chosen.members if m.status not in {None, "available"})
    reasons.extend(f"node {m.cache_cluster_id} is {m.status!r}, and it must be 'available': wait for it" for m in busy)
    return tuple(reasons)


def timing(events: Iterable[Event]) -> Timing:
    """Return how long a failover took by its events."""
    events = tuple(events)
    called, promoted = event.first(events, EventKind.CALLED), event.first(events, EventKind.PROMOTED)
    recovered = event.last(events, EventKind.RECOVERED)
    return Timing(_between(called, promoted), _between(called, recovered))


def _between(start: Event | None, end: Event | None) -> float | None:
    return (end.date - start.date).total_seconds() if start and end else None


def _notes(group: NodeGroup) -> tuple[str, ...]:
    primary = next((member.cache_cluster_id for member in group.members if member.role == "primary"), None)
    who = f"the primary {primary} fails" if primary else "the primary, known only to the data plane, fails"
    return (
        f"{who}; ElastiCache promotes the replica with the least replication lag and replaces the failed node",
        "writes that were acknowledged and not yet replicated are lost, and clients see errors meanwhile",
        "AWS allows this on 15 node groups in 24 hours",
    )
