"""Nodes that a network no longer leads to, see `fleet.partition`.

A node that is cut off from its peers is cut off from whoever watches over it: it counts as failed, and a replica takes
its place where the group fails over by itself. It goes on all the same, for clients that still reach it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.fleet import partition
from elasticache_kit.emulator.outage.kind import Damage, Kind
from elasticache_kit.emulator.outage.order import Field, Order, one_of
from elasticache_kit.emulator.outage.target import ONE_NODE, Target, later
from elasticache_kit.emulator.provision import failover as provision_failover

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet


def begin(order: Order, targets: tuple[Target, ...]) -> Damage:
    """Cut a node off."""
    (target,) = targets
    group = order.fleet.group(target.key)
    side: partition.Side = order["From"]
    try:
        partition.cut_off(group, group.node(target.name), side)
    except BaseException:
        partition.rejoin(group, group.node(target.name))
        raise
    if side == "clients":
        return Damage(partial(_reconnect, order.fleet, target))
    target.member.status = "failed"
    later(target, partial(_promote, target))
    return Damage(partial(later, target, partial(_rejoin, target)))


def _promote(target: Target) -> None:
    if target.fails_over:
        provision_failover.promote(target.region, target.group, target.node_group, kill=False)


def _reconnect(fleet: Fleet, target: Target) -> None:
    group = fleet.group(target.key)
    partition.rejoin(group, group.node(target.name))


def _rejoin(target: Target) -> None:
    running = runtime.current()
    if running.fleet is not None:
        with running.lifecycle.away():
            _reconnect(running.fleet, target)
    target.member.status = "available"


PARTITION = Kind(name="partition", fields=(*ONE_NODE, Field("From", one_of(*partition.SIDES), "both")), begin=begin)
