"""Nodes that a network no longer leads to: from the other nodes, from clients, or from both.

Packets are dropped, so nothing is refused and no connection ends: whoever waits finds out by waiting. A primary that is
cut off from its peers goes on for those clients that still reach it, and what it takes from them is lost when it comes
back to a shard that has another primary.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Literal

from elasticache_kit.emulator.fleet import packet_filter, replication
from elasticache_kit.emulator.fleet.address import control_address
from elasticache_kit.emulator.fleet.admin import ReplyError
from elasticache_kit.emulator.fleet.deadline import Deadline

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.group import Group
    from elasticache_kit.emulator.fleet.node import Node

Side = Literal["peers", "clients", "both"]
SIDES: tuple[Side, ...] = ("peers", "clients", "both")
# After a cut both ends wait ever longer before they send again; what is lost is found out again by then.
REJOIN_SECONDS = 60.0


def cut_off(group: Group, node: Node, side: Side) -> None:
    """Cut a node off from its peers, from its clients, or from both, until `rejoin`.

    Args:
        group: its group.
        node: the node.
        side: what it no longer hears. The emulator itself reaches it all the same.

    Raises:
        EngineStartError: the kernel does not let this process do that.
    """
    peers = [other for other in group.nodes.values() if other is not node]
    addresses = [other.address for other in peers]
    _drop(node, addresses, side)
    if side != "peers":
        # The front has a way to the engine that is no network.
        group.workshop.door.stall(node)
    if side != "clients":
        node.isolated = True
        for other in peers:
            _drop_more(group, other)
    group.place_endpoints()


def rejoin(group: Group, node: Node) -> None:
    """End the partition of a node and return when it takes part again, with what its primary has.

    Raises:
        EngineStartError: it did not come back in time.
    """
    was_isolated, node.isolated = node.isolated, False
    group.workshop.door.release(node)
    if not was_isolated:
        _drop_more(group, node)
        return
    for other in group.nodes.values():
        _drop_more(group, other)
    if not node.engine.alive:
        return
    for member in (node, *group.siblings(node)):
        if member.reachable:
            _connect_anew(member)
    group.welcome(node)
    deadline = Deadline(REJOIN_SECONDS)
    for member in (node, *group.siblings(node)):
        if member.serves:
            group.await_sync(member, deadline)
    group.place_endpoints()


def _drop(node: Node, peers: list[str], side: Side) -> None:
    pid = node.engine.pid
    if pid is None:
        return
    control = control_address(node.address)
    match side:
        case "peers":
            packet_filter.drop(pid, peers)
        case "clients":
            packet_filter.drop(pid, [*peers, node.address, control], but=True)
        case "both":
            packet_filter.drop(pid, [node.address, control], but=True)


def _drop_more(group: Group, node: Node) -> None:
    """Make a node hear nothing of those that are isolated, and everything else."""
    if node.isolated or node.engine.pid is None:
        return
    gone = [other.address for other in group.nodes.values() if other.isolated]
    if gone:
        packet_filter.drop(node.engine.pid, gone)
    else:
        packet_filter.hear(node.engine.pid)


def _connect_anew(node: Node) -> None:
    """End a replica's link to its primary, which else waits for as long as the partition took."""
    if replication.role(node) == "replica":
        with contextlib.suppress(OSError, ReplyError), node.engine.admin() as admin:
            admin.command("CLIENT", "KILL", "TYPE", "master")
