"""Rebooting nodes, one after the other: what parameters that take a reboot need.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/nodes.rebooting.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from elasticache_kit.errors import NotFoundError, RefusedError
from elasticache_kit.ops import inventory, region, target
from elasticache_kit.ops.plan import Call, Plan, Seen, State, Step, Wait
from elasticache_kit.ops.session import Session, reaching

if TYPE_CHECKING:
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.region import CacheCluster

TIMEOUT_SECONDS = 1800.0
_ONLY_NODE = "0001"


def cluster(session: Session, cache_cluster_id: str) -> CacheCluster:
    """Return a cache cluster that belongs to no replication group.

    Raises:
        NotFoundError: there is none.
        ConnectionFailedError: the API cannot be reached.
    """
    with reaching():
        found = next(
            (item for item in region.cache_clusters(session) if item.cache_cluster_id == cache_cluster_id), None
        )
    if found is None:
        raise NotFoundError(
            f"there is neither a replication group nor a cache cluster {cache_cluster_id!r} in {session.where}"
        )
    return found


def of_group(group: ReplicationGroup, nodes: Sequence[str] = (), *, timeout_seconds: float = TIMEOUT_SECONDS) -> Plan:
    """Plan the reboot of nodes of a group: replicas first, then the primary.

    Args:
        group: the group as it is.
        nodes: the cache cluster ids; all when empty.
        timeout_seconds: how long to wait for each; 30 minutes when omitted.

    Raises:
        RefusedError: it cannot be; the message has every reason.
    """
    group_id = group.replication_group_id
    present = [member.cache_cluster_id for member in group.members]
    asked = list(nodes) or present
    operation = f"reboot of {', '.join(asked) if nodes else group_id}"
    reasons: list[str] = []
    if group.cluster_enabled:
        reasons.append("ElastiCache reboots no nodes of a group in cluster mode: fail over, which replaces them")
    if unknown := [item for item in asked if item not in present]:
        reasons.append(f"there is no node {', '.join(unknown)}: it has {', '.join(present)}")
    if stuck := target.failure(group):
        reasons.append(stuck)
    if reasons:
        raise RefusedError(operation, reasons)
    primaries = {member.cache_cluster_id for member in group.members if member.role == "primary"}
    steps: list[Step] = list(target.beginning(group, timeout_seconds))
    for name in sorted(asked, key=lambda item: (item in primaries, present.index(item))):
        steps.append(_call(name, [_ONLY_NODE]))
        state = target.settled(group_id, f"{name} is back", lambda _: True)
        steps.append(Wait(state, timeout_seconds, group.ids))
    return Plan(operation, tuple(steps), ("a node is away while it reboots, and its clients reconnect",))


def of_cluster(cluster: CacheCluster, nodes: Sequence[str] = (), *, timeout_seconds: float = TIMEOUT_SECONDS) -> Plan:
    """Plan the reboot of nodes of a cache cluster of its own, one after the other.

    Args:
        cluster: the cluster as it is.
        nodes: the node ids, for example `0001`; all when empty.
        timeout_seconds: how long to wait for each; 30 minutes when omitted.

    Raises:
        RefusedError: it cannot be; the message has every reason.
    """
    name = cluster.cache_cluster_id
    present = [node for node, _, _ in cluster.nodes]
    asked = list(nodes) or present
    reasons: list[str] = []
    if unknown := [item for item in asked if item not in present]:
        reasons.append(f"there is no node {', '.join(unknown)}: it has {', '.join(present)}")
    if cluster.status != target.AVAILABLE:
        reasons.append(f"its status is {cluster.status!r}, and it must be 'available': wait for it")
    if reasons:
        raise RefusedError(f"reboot of {name}", reasons)
    steps: list[Step] = []
    for node in asked:
        steps += [_call(name, [node]), Wait(_back(name, node), timeout_seconds, (name,))]
    return Plan(f"reboot of {name}", tuple(steps), ("what a node holds in memory is gone when it comes back",))


def _call(name: str, nodes: list[str]) -> Call:
    return Call("RebootCacheCluster", (("CacheClusterId", name), ("CacheNodeIdsToReboot", nodes)))


def _back(name: str, node: str) -> State:
    def look(session: Session) -> Seen:
        status = cluster(session, name).status
        return Seen(status == target.AVAILABLE, f"{name} {status}")

    return State(f"node {node} of {name} is back", look)


def plan(session: Session, name: str, nodes: Sequence[str] = (), *, timeout_seconds: float = TIMEOUT_SECONDS) -> Plan:
    """Look at a replication group or a cache cluster and plan the reboot of its nodes.

    Raises:
        NotFoundError: there is neither.
        RefusedError: it cannot be; the message has every reason.
        ConnectionFailedError: the API cannot be reached.
    """
    if name in inventory.replication_group_ids(session):
        group = inventory.replication_group(session, name)
        return of_group(group, nodes, timeout_seconds=timeout_seconds)
    return of_cluster(cluster(session, name), nodes, timeout_seconds=timeout_seconds)
