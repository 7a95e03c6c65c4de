"""Replicas that are behind by a fixed time, see `fleet.lag`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet import lag
from elasticache_kit.emulator.outage.kind import Damage, Kind
from elasticache_kit.emulator.outage.order import Field, Order, number
from elasticache_kit.emulator.outage.target import EITHER, NODE_OR_GROUP, Target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticache_kit.emulator.fleet import Fleet

# A replica gives its primary up after ten seconds in which nothing comes.
MOST_MILLISECONDS = 5000


def begin(order: Order, targets: tuple[Target, ...]) -> Damage:
    """Hold back what primaries send to nodes: to one, or to all of a group or shard, whoever is primary."""
    nodes: dict[str, list[str]] = {}
    for target in targets:
        nodes.setdefault(target.key, []).append(target.name)
    seconds: float = order["Milliseconds"] / 1000
    try:
        for key, names in nodes.items():
            lag.set_lag(order.fleet.group(key), dict.fromkeys(names, seconds))
    except BaseException:
        _end(order.fleet, nodes)
        raise
    return Damage(partial(_end, order.fleet, nodes))


def _end(fleet: Fleet, nodes: Mapping[str, list[str]]) -> None:
    for key, names in nodes.items():
        group = fleet.group(key)
        lag.set_lag(group, {name: 0.0 for name in names if name in group.nodes})


REPLICATION_LAG = Kind(
    name="replication-lag",
    fields=(*NODE_OR_GROUP, Field("Milliseconds", number(1, MOST_MILLISECONDS, "milliseconds"))),
    either=EITHER,
    begin=begin,
)
