"""Engines that answer late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet.address import control_address
from elasticache_kit.emulator.fleet.detour import Detour

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.group import Group
    from elasticache_kit.emulator.fleet.node import Node


def slow(group: Group, node: Node, seconds: float) -> None:
    """Make every answer of a node to clients come so much later, until `quicken` or until the node is replaced.

    Connections of clients end once, so that those that come take the slow way. Other nodes do not feel it.

    Raises:
        EngineStartError: the node does not answer.
    """
    workshop = group.workshop
    spared = [*(other.address for other in group.nodes.values()), control_address(node.address)]
    node.engine.come_back(node.also)
    detour = Detour(workshop.links, workshop.block, workshop.engine_port, seconds, spared)
    try:
        node.engine.leave_to(detour, node.also)
    except BaseException:
        detour.close()
        raise


def quicken(node: Node) -> None:
    """Let a node answer as fast as it can; nothing happens where it is not slow."""
    if node.engine.alive:
        node.engine.come_back(node.also)
