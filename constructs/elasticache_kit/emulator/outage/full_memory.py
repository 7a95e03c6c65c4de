"""Nodes whose memory is full, see `fleet.memory`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet import memory
from elasticache_kit.emulator.outage.kind import Damage, Kind
from elasticache_kit.emulator.outage.target import EITHER, NODE_OR_GROUP, Target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticache_kit.emulator.fleet import Fleet
    from elasticache_kit.emulator.outage.order import Order


def begin(order: Order, targets: tuple[Target, ...]) -> Damage:
    """Let nodes have no more memory than they use."""
    nodes: dict[str, list[str]] = {}
    for target in targets:
        nodes.setdefault(target.key, []).append(target.name)
    before = {key: memory.fill(map(order.fleet.group(key).node, names)) for key, names in nodes.items()}
    return Damage(partial(_end, order.fleet, before))


def _end(fleet: Fleet, before: Mapping[str, Mapping[str, str]]) -> None:
    for key, limits in before.items():
        memory.relieve(fleet.group(key).nodes.values(), limits)


FULL_MEMORY = Kind(name="full-memory", fields=NODE_OR_GROUP, either=EITHER, begin=begin)
