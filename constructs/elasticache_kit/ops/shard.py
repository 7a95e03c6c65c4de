"""Resharding: more node groups, fewer, or the slots spread anew, online.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/scaling-redis-cluster-mode-enabled.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from elasticache_kit.model.quota import quotas
from elasticache_kit.ops import modification
from elasticache_kit.ops.finding import even
from elasticache_kit.ops.target import CHANGE_TIMEOUT_SECONDS

if TYPE_CHECKING:
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.plan import Plan


def plan(
    group: ReplicationGroup,
    count: int | None = None,
    *,
    remove: Sequence[str] = (),
    timeout_seconds: float = CHANGE_TIMEOUT_SECONDS,
) -> Plan:
    """Plan another number of node groups, or spread the slots evenly over those that are there.

    Args:
        group: the group as it is.
        count: the number of node groups; as it is when omitted, which spreads the slots evenly.
        remove: the node groups that go; the last ones when omitted.
        timeout_seconds: how long to wait; 4 hours when omitted.

    Raises:
        RefusedError: it cannot be; the message has every reason.
    """
    present = [item.node_group_id for item in group.node_groups]
    wanted = len(present) if count is None else count
    operation = (
        f"slots of {group.replication_group_id} spread evenly"
        if wanted == len(present)
        else f"node groups of {group.replication_group_id} from {len(present)} to {wanted}"
    )
    gone = list(remove) or present[wanted:]
    parameters: dict[str, object] = {"NodeGroupCount": wanted}
    if wanted < len(present):
        parameters["NodeGroupsToRemove"] = gone
    return modification.plan(
        operation,
        group,
        parameters,
        _fields(group, wanted),
        f"has {wanted} node groups with its slots spread evenly",
        lambda seen: len(seen.node_groups) == wanted and even(seen) and not (_ids(seen) & set(remove)),
        call="ModifyReplicationGroupShardConfiguration",
        reasons=_refusals(group, present, wanted, remove),
        notes=_notes(len(present), wanted, gone),
        timeout_seconds=timeout_seconds,
    )


def _ids(group: ReplicationGroup) -> set[str]:
    return {item.node_group_id for item in group.node_groups}


def _fields(group: ReplicationGroup, wanted: int) -> dict[str, Any]:
    if group.cluster_mode != "enabled":
        # Refused for this one reason: what the rulebook says to the rest would not help anybody.
        return {}
    replicas = max((len(item.members) - 1 for item in group.node_groups), default=None)
    return {"num_node_groups": wanted, "node_group_configuration": None, "replicas_per_node_group": replicas}


def _refusals(group: ReplicationGroup, present: Sequence[str], wanted: int, remove: Sequence[str]) -> list[str]:
    reasons: list[str] = []
    if group.cluster_mode != "enabled":
        reasons.append(
            f"cluster mode is {group.cluster_mode}, and only with cluster mode enabled there are slots to move: "
            "go there with cluster-mode first, or restore a snapshot into node groups"
        )
    if wanted < 1:
        reasons.append("a group has at least 1 node group")
    limit = quotas()["shards-per-group"].value
    if wanted > limit:
        reasons.append(f"a group has at most {limit} node groups unless AWS has raised that quota")
    if remove and wanted >= len(present):
        reasons.append("node groups are named to go, and there shall not be fewer: leave them out, or lower the number")
    elif remove and len(set(remove)) != len(present) - wanted:
        reasons.append(f"{len(set(remove))} node groups are named to go, and {len(present) - wanted} must go")
    if unknown := sorted(set(remove) - set(present)):
        reasons.append(f"there is no node group {', '.join(unknown)}: it has {', '.join(present)}")
    return reasons


def _notes(present: int, wanted: int, gone: Sequence[str]) -> tuple[str, ...]:
    online = "slots move online; an item above 256 MB keeps its slot where it is"
    if wanted < present:
        return (
            f"node group {', '.join(gone)} goes, and what it holds moves to the others: they must have room for it",
            online,
        )
    return (online,)
