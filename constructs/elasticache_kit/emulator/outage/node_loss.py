"""Nodes that die, alone or with their zone, and nodes that hang.

A killed node is treated as AWS treats one: a replica takes its place where the group fails over by itself, and it comes
back empty. A node that hangs does so until the outage ends; so does a zone without power, whose nodes are killed, and
come back when it ends.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from elasticache_kit.emulator import healing
from elasticache_kit.emulator.outage.kind import Damage, Kind
from elasticache_kit.emulator.outage.order import Field, Order, text
from elasticache_kit.emulator.outage.target import GROUP, ONE_NODE, ZONE, Target, later
from elasticache_kit.emulator.provision import failover as provision_failover

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet


def kill(order: Order, targets: tuple[Target, ...]) -> Damage:
    """Kill a node; it is replaced by itself."""
    for target in targets:
        order.fleet.kill(target.key, target.name)
    for target in targets:
        healing.mark(target)
        later(target, partial(healing.replace, target))
    return Damage()


def pause(order: Order, targets: tuple[Target, ...]) -> Damage:
    """Stop a node where it is."""
    for target in targets:
        order.fleet.hold(target.key, target.name)
    return Damage(partial(_release, order.fleet, targets))


def lose_zone(order: Order, targets: tuple[Target, ...]) -> Damage:
    """Kill all nodes of a zone; replicas elsewhere take over."""
    for target in targets:
        order.fleet.kill(target.key, target.name)
    for target in targets:
        target.member.status = "failed"
        later(target, partial(promote, target))
    return Damage(partial(_bring_back, targets))


def promote(target: Target) -> None:
    """Let a replica take the place of a node that is lost, where the group does that by itself."""
    if target.fails_over:
        provision_failover.promote(target.region, target.group, target.node_group)


def _release(fleet: Fleet, targets: tuple[Target, ...]) -> None:
    for target in targets:
        fleet.release(target.key, target.name)
        later(target, partial(provision_failover.follow_engines, target.region, target.group, target.node_group))


def _bring_back(targets: tuple[Target, ...]) -> None:
    for target in targets:
        later(target, partial(provision_failover.replace, target.region, target.group, target.member))


KILL = Kind(name="kill", fields=ONE_NODE, begin=kill)
PAUSE = Kind(name="pause", fields=ONE_NODE, begin=pause)
# Of one group alone where that is named.
AZ_POWER_LOSS = Kind(name="az-power-loss", fields=(Field(ZONE, text), Field(GROUP, text, None)), begin=lose_zone)
