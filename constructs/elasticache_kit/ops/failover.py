"""Failing over a node group on purpose, with TestFailover.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html#auto-failover-test
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from elasticache_kit.errors import RefusedError
from elasticache_kit.ops import event, ledger, target
from elasticache_kit.ops.event import Event, EventKind
from elasticache_kit.ops.plan import Call, Follow, Plan, Step, Wait

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
    return in_turn(group, (node_group_id,), timeout_seconds=timeout_seconds)


def in_turn(
    group: ReplicationGroup,
    node_group_ids: Sequence[str | None],
    *,
    spent: tuple[datetime, ...] = (),
    timeout_seconds: float = RECOVERY_TIMEOUT_SECONDS,
) -> Plan:
    """Plan the failover of node groups, each when the one before has its failed node replaced.

    Args:
        group: the replication group as it is now.
        node_group_ids: in this order; None is the first one.
        spent: when TestFailover was called in the last 24 hours, see `ledger.calls`; its quota is not judged when
            omitted.
        timeout_seconds: how long to wait for AWS to have replaced each failed node; 30 minutes when omitted.

    Raises:
        RefusedError: it cannot work; the message has every reason.
    """
    chosen = [choose(group, asked) for asked in node_group_ids]
    ids = [item.node_group_id if item else asked for item, asked in zip(chosen, node_group_ids, strict=True)]
    word = "node group" if len(ids) == 1 else "node groups"
    operation = f"failover of {group.replication_group_id}, {word} {', '.join(str(item) for item in ids)}"
    pairs = zip(chosen, node_group_ids, strict=True)
    reasons = list(dict.fromkeys(reason for item, asked in pairs for reason in refusals(group, item, asked)))
    if over := ledger.refusal(spent, len(ids)) if spent or len(ids) > 1 else None:
        reasons.append(over)
    found = [item for item in chosen if item is not None]
    if reasons:
        raise RefusedError(operation, reasons)
    steps: list[Step] = []
    for item in found:
        if steps:
            state = target.settled(group.replication_group_id, "every node of it is, too", lambda _: True)
            steps.append(Wait(state, timeout_seconds, group.ids))
        steps += _steps(group, item, timeout_seconds)
    return Plan(operation, tuple(steps), _notes(found))


def _steps(group: ReplicationGroup, chosen: NodeGroup, timeout_seconds: float) -> tuple[Call, Follow]:
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
    return call, follow


def choose(group: ReplicationGroup, node_group_id: str | None = None) -> NodeGroup | None:
    """Return the node group of that id, the first one when it is omitted, or None if there is none."""
    if node_group_id is None:
        return group.node_groups[0] if group.node_groups else None
    return group.node_group(node_group_id)


def refusals(group: ReplicationGroup, chosen: NodeGroup | None, asked: str | None) -> tuple[str, ...]:
    """Return every reason why a failover cannot work; none means that it can."""
    reasons: list[str] = []
    if group.status != "available":
        reasons.append(f"its status is {group.status!r}, and it must be 'available': wait for it")
    if group.automatic_failover != "enabled":
        reasons.append(
            f"automatic failover is {group.automatic_failover!r}, and it must be 'enabled': "
            "set AutomaticFailoverEnabled (ModifyReplicationGroup)"
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


def of(group: NodeGroup, events: Iterable[Event]) -> tuple[Event, ...]:
    """Return the events that tell of the failover of a node group."""
    members = {member.cache_cluster_id for member in group.members}
    return tuple(
        item
        for item in events
        if item.source_id in members
        or (item.kind is EventKind.CALLED and item.message.split()[-1] == group.node_group_id)
        or (item.kind is EventKind.PROMOTED and members & set(item.message.split()))
    )


def timing(events: Iterable[Event]) -> Timing:
    """Return how long a failover took by its events."""
    events = tuple(events)
    called, promoted = event.first(events, EventKind.CALLED), event.first(events, EventKind.PROMOTED)
    recovered = event.last(events, EventKind.RECOVERED)
    return Timing(_between(called, promoted), _between(called, recovered))


def _between(start: Event | None, end: Event | None) -> float | None:
    return (end.date - start.date).total_seconds() if start and end else None


def _notes(groups: Sequence[NodeGroup]) -> tuple[str, ...]:
    primaries = [member.cache_cluster_id for group in groups for member in group.members if member.role == "primary"]
    one = len(groups) == 1
    known = f"the primary {primaries[0]} fails" if primaries else "the primary, known only to the data plane, fails"
    several = f"the primaries of {len(groups)} node groups fail one after the other"
    promotion = "ElastiCache promotes the replica with the least replication lag and replaces"
    return (
        f"{known if one else several}; {promotion} {'the' if one else 'each'} failed node",
        "writes that were acknowledged and not yet replicated are lost, and clients see errors meanwhile",
        "AWS allows this on 15 node groups in 24 hours",
    )
