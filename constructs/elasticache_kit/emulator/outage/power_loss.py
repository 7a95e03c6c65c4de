"""The loss of power of all nodes of a group, see `fleet.power`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.fleet import power
from elasticache_kit.emulator.outage.kind import Damage, Kind
from elasticache_kit.emulator.outage.target import ONE_GROUP, Target, later
from elasticache_kit.emulator.provision import replication_group as provision

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.power import Loss
    from elasticache_kit.emulator.outage.order import Order


def begin(order: Order, targets: tuple[Target, ...]) -> Damage:
    """Take the power from all nodes at once; nobody is left to be promoted."""
    loss = power.lose(order.fleet.group(targets[0].key))
    for target in targets:
        target.member.status = "failed"
        target.node_group.status = "modifying"
    told = {"cut_bytes": loss.cut_bytes, "window_milliseconds": round(loss.window_seconds * 1000)}
    return Damage(partial(later, targets[0], partial(_bring_back, targets, loss)), told)


def _bring_back(targets: tuple[Target, ...], loss: Loss) -> None:
    running = runtime.current()
    for target in targets:
        target.member.status = "rebooting cache cluster nodes"
        target.region.record(provision.CLUSTER, target.name, "Recovering cache nodes 0001")
    if running.fleet is not None:
        group = running.fleet.group(targets[0].key)
        # Where the emulator was killed meanwhile they have started with the next one.
        if not any(node.engine.alive for node in group.nodes.values()):
            with running.lifecycle.away():
                power.give_back(group, loss)
    for target in targets:
        target.member.role = "primary" if target.name in loss.primaries else "replica"
        target.member.status = "available"
        target.node_group.status = "available"
        target.region.record(provision.CLUSTER, target.name, "Finished recovery for cache nodes 0001")


POWER_LOSS = Kind(name="power-loss", fields=ONE_GROUP, begin=begin)
