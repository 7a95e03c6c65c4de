"""What engines say about who follows whom, and how closely."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from elasticache_kit.emulator.fleet.admin import ReplyError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticache_kit.emulator.fleet.node import Node

Role = Literal["primary", "replica", "down"]

_ROLES: dict[str | None, Role] = {"master": "primary", "slave": "replica"}


def role(node: Node) -> Role:
    """Ask a node what it is; one that does not answer is down."""
    return _ROLES.get(_described(node).get("role"), "down")


def offset(node: Node) -> int | None:
    """Ask a replica how far it has come; None when it is no replica or does not answer."""
    described = _described(node)
    return int(described.get("slave_repl_offset", "-1")) if described.get("role") == "slave" else None


def lag(address: str, own: Mapping[str, str], primary: Node, *, held: bool = False) -> str | None:
    """Say what keeps a replica from having all that its primary has, or None.

    Args:
        address: where the replica is.
        own: its INFO replication.
        primary: its primary.
        held: whether what the primary sends is held back on its way: then it need not have all.
    """
    if not primary.engine.alive:
        return f"its primary {primary.cache_cluster_id} is down"
    if own.get("master_link_status") != "up":
        return f"its link to the primary {primary.cache_cluster_id} is {own.get('master_link_status')}"
    with primary.engine.admin() as admin:
        seen = admin.info("replication")
    # The replica says "up" a moment before the primary begins to stream to it.
    if not any(f"ip={address}," in value and "state=online" in value for value in seen.values()):
        return f"the primary {primary.cache_cluster_id} does not stream to it yet"
    if held:
        return None  # it is behind for as long as somebody writes, and shall be
    behind = int(seen["master_repl_offset"]) - int(own["slave_repl_offset"])
    return f"it is {behind} bytes behind the primary" if behind > 0 else None


def silence(node: Node) -> str | None:
    """Say what keeps a replica from hearing of whomever it follows, or None."""
    status = _described(node).get("master_link_status")
    return None if status == "up" else f"its link to what it follows is {status or 'not there yet'}"


def lag_behind(node: Node, leader: Node) -> str | None:
    """Say what keeps a node from having all that the node has which it shall follow, or None."""
    own = _described(node)
    if own.get("role") != "slave":
        return f"it does not follow {leader.cache_cluster_id} yet"
    return lag(node.address, own, leader)


def _described(node: Node) -> dict[str, str]:
    if not node.engine.alive:
        return {}
    try:
        with node.engine.admin() as admin:
            return admin.info("replication")
    except (OSError, ReplyError):
        return {}
