"""Replicas that are behind: what a primary sends takes a fixed time to them.

On one machine a replica has a write before the client has the answer, and the kernel delivers what a killed primary
has sent. So nothing that a client can do shows what asynchronous replication loses. Here the replication stream takes a
way that holds every byte for the same time, and what is still on it when the primary dies is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet import replication
from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.errors import RefusedError

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.admin import Admin
    from elasticache_kit.emulator.fleet.group import Group
    from elasticache_kit.emulator.fleet.node import Node

SETTLE_SECONDS = 20.0


def set_lag(group: Group, seconds: Mapping[str, float]) -> None:
    """Make what primaries send take so long to nodes, and return when it does.

    A node keeps its lag when it is replaced or becomes a primary, whose stream nobody delays, and a replica again.
    Replicas take up their streams where they were: none is copied anew.

    Args:
        group: whose nodes.
        seconds: by cache cluster id; 0 for none. Other nodes keep what they have.

    Raises:
        EngineStartError: a replica does not find its primary by the new way.
        RefusedError: the engines are too old for that in cluster mode.
    """
    nodes = {name: group.node(name) for name in seconds}
    before = {name: node.lag_seconds for name, node in nodes.items()}
    shards = dict.fromkeys(node.node_group_id for node in nodes.values())
    for name, node in nodes.items():
        node.lag_seconds = seconds[name]
    try:
        for node_group_id in shards:
            _lay(group, node_group_id)
    except RefusedError:
        for name, node in nodes.items():
            node.lag_seconds = before[name]
        for node_group_id in shards:
            _lay(group, node_group_id)
        raise


def _lay(group: Group, node_group_id: str) -> None:
    members, delayed = group.members(node_group_id), group.lay_links(node_group_id)
    group.redirect(node_group_id)
    deadline = Deadline(SETTLE_SECONDS)
    for node in members:
        if node.serves and replication.role(node) == "replica":
            group.await_sync(node, deadline)
            group.await_absence(node, partial(_astray, group, node), deadline)
    if not delayed:
        for node in members:
            group.workshop.links.take_up((node.address, group.workshop.link_port))


def _astray(group: Group, node: Node, admin: Admin) -> str | None:
    described = admin.info("replication")
    if described.get("role") != "slave":
        return None
    if group.takes_feed(node):
        return replication.silence(node)
    lagging = any(other.lag_seconds for other in group.members(node.node_group_id))
    # In cluster mode all replicas of a primary take one way, on which each has its own time.
    allowed = {group.link_port(node), group.workshop.link_port if lagging else group.workshop.engine_port}
    if int(described["master_port"]) not in allowed:
        return "it still follows its primary by the way that it had"
    return None if described.get("master_link_status") == "up" else "its link to the primary is not up yet"
