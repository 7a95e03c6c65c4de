"""Scaling: another node type, more or fewer replicas.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Scaling.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from elasticache_kit.errors import NotOfferedError
from elasticache_kit.model.node_type import NodeType
from elasticache_kit.ops import modification
from elasticache_kit.ops.session import Session, reaching
from elasticache_kit.ops.target import CHANGE_TIMEOUT_SECONDS

if TYPE_CHECKING:
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.plan import Plan

_MOST_NAMED = 12


def allowed(session: Session, group: ReplicationGroup) -> tuple[str, ...] | None:
    """Return the node types that AWS lets a group change to; None where the API does not tell.

    Raises:
        ConnectionFailedError: the API cannot be reached.
    """
    with suppress(NotOfferedError, ClientError), reaching():
        answer = session.ask.list_allowed_node_type_modifications(ReplicationGroupId=group.replication_group_id)
        return (*answer.get("ScaleUpModifications", []), *answer.get("ScaleDownModifications", []))
    return None


def node_type(
    group: ReplicationGroup,
    name: str,
    allowed: Sequence[str] | None,
    *,
    at_once: bool = True,
    timeout_seconds: float = CHANGE_TIMEOUT_SECONDS,
) -> Plan:
    """Plan the change of the node type.

    Args:
        group: the group as it is.
        name: the node type, for example `cache.r7g.large`.
        allowed: what AWS lets the group change to; not judged when None.
        at_once: now; in the maintenance window otherwise.
        timeout_seconds: how long to wait; 4 hours when omitted.

    Raises:
        ValidationError: there is no such node type.
        RefusedError: it cannot be; the message has every reason.
    """
    wanted = NodeType.of(name)
    reasons: list[str] = []
    if allowed is not None and name not in allowed and name != group.cache_node_type:
        near = ", ".join(allowed[:_MOST_NAMED]) or "none"
        reasons.append(f"AWS does not let it change from {group.cache_node_type} to {name}: it may change to {near}")
    present = NodeType.of(group.cache_node_type)
    notes = ["ElastiCache replaces the nodes one after the other and fails over to the new ones: clients reconnect"]
    # Of some old node types nobody says any more how much memory they had.
    if wanted.memory_gib is not None and present.memory_gib is not None and wanted.memory_gib < present.memory_gib:
        notes.append(
            f"{wanted.memory_gib:g} GiB of memory instead of {present.memory_gib:g}: what does not fit is evicted, or "
            "refused by maxmemory-policy noeviction; inventory shows the pressure"
        )
    return modification.plan(
        f"node type of {group.replication_group_id} to {name}",
        group,
        {"CacheNodeType": name},
        {"cache_node_type": name},
        f"has nodes of {name}",
        lambda seen: seen.cache_node_type == name,
        reasons=reasons,
        notes=notes,
        at_once=at_once,
        timeout_seconds=timeout_seconds,
    )


def replicas(group: ReplicationGroup, count: int, *, timeout_seconds: float = CHANGE_TIMEOUT_SECONDS) -> Plan:
    """Plan the change of the number of replicas of every node group.

    Args:
        group: the group as it is.
        count: the replicas that each node group shall have.
        timeout_seconds: how long to wait; 4 hours when omitted.

    Raises:
        RefusedError: it cannot be; the message has every reason.
    """
    operation = f"replicas of {group.replication_group_id} to {count}"
    present = {item.node_group_id: len(item.members) - 1 for item in group.node_groups}
    fewer = {name: count for name, now in present.items() if now > count}
    more = {name: count for name, now in present.items() if now < count}
    plans: list[Plan] = []
    for call, wanted in (("IncreaseReplicaCount", more), ("DecreaseReplicaCount", fewer)):
        if not wanted:
            continue
        plans.append(
            modification.plan(
                operation,
                group,
                _counts(present, wanted, count),
                _fields(group, count),
                f"has {count} replicas in node group {', '.join(sorted(wanted))}",
                _has(wanted, count),
                call=call,
                notes=_replica_notes(group, count, shrinking=call.startswith("Decrease")),
                timeout_seconds=timeout_seconds,
            )
        )
    return modification.join(operation, plans)


def _counts(present: Mapping[str, int], wanted: Mapping[str, int], count: int) -> dict[str, object]:
    if len(wanted) == len(present):
        return {"NewReplicaCount": count}
    return {"ReplicaConfiguration": [{"NodeGroupId": name, "NewReplicaCount": count} for name in sorted(wanted)]}


def _fields(group: ReplicationGroup, count: int) -> dict[str, Any]:
    if group.cluster_mode == "enabled":
        return {"replicas_per_node_group": count, "node_group_configuration": None}
    return {"num_cache_clusters": count + 1}


def _has(wanted: Mapping[str, int], count: int) -> Any:
    def reached(seen: ReplicationGroup) -> bool:
        groups = [item for item in seen.node_groups if item.node_group_id in wanted]
        return len(groups) == len(wanted) and all(len(item.members) == count + 1 for item in groups)

    return reached


def _replica_notes(group: ReplicationGroup, count: int, *, shrinking: bool) -> tuple[str, ...]:
    if not shrinking:
        return ("each new replica copies the whole node group from its primary",)
    if count == 0:
        return ("without a replica nobody is promoted when a primary dies, and what it held is lost",)
    del group
    return ("ElastiCache chooses the replicas that go; clients that read from them reconnect",)
