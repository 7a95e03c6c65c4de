"""Nodes that answer late, see `fleet.slowness`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet import slowness
from elasticache_kit.emulator.outage.kind import Damage, Kind
from elasticache_kit.emulator.outage.order import Field, Order, number
from elasticache_kit.emulator.outage.target import ONE_NODE, Target

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet

MOST_MILLISECONDS = 60_000


def begin(order: Order, targets: tuple[Target, ...]) -> Damage:
    """Make each answer of a node to clients come later."""
    (target,) = targets
    group = order.fleet.group(target.key)
    slowness.slow(group, group.node(target.name), order["Milliseconds"] / 1000)
    return Damage(partial(_end, order.fleet, target))


def _end(fleet: Fleet, target: Target) -> None:
    group = fleet.group(target.key)
    slowness.quicken(group.node(target.name))


SLOW_ENGINE = Kind(
    name="slow-engine",
    fields=(*ONE_NODE, Field("Milliseconds", number(1, MOST_MILLISECONDS, "milliseconds"))),
    begin=begin,
)
