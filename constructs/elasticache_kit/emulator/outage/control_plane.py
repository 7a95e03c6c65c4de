"""Outages of the service itself: calls that are throttled or blocked, and replacements that do not come."""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.interference import BLOCKED, THROTTLED, Throttle
from elasticache_kit.emulator.operation import OPERATIONS
from elasticache_kit.emulator.outage.kind import Damage, Kind
from elasticache_kit.emulator.outage.order import FAULT, Field, number, one_of, texts
from elasticache_kit.emulator.outage.target import ONE_GROUP, Target
from elasticache_kit.errors import RefusedError

if TYPE_CHECKING:
    from elasticache_kit.emulator.outage.order import Order


def throttle(order: Order, targets: tuple[Target, ...]) -> Damage:
    """Refuse a share of the calls of some operations."""
    del targets
    if unknown := [name for name in order["Operations"] if name not in OPERATIONS]:
        raise RefusedError(FAULT, [f"{name} is no operation of ElastiCache" for name in unknown])
    throttles, mark = runtime.current().interference.throttles, secrets.token_hex(8)
    throttles[mark] = Throttle(order.region.name, frozenset(order["Operations"]), order["Rate"], order["Code"])
    return Damage(partial(_forget, throttles, mark))


def block_failover(order: Order, targets: tuple[Target, ...]) -> Damage:
    """Refuse TestFailover."""
    blocked = runtime.current().interference.blocked
    blocked[targets[0].key] = order["Code"]
    return Damage(partial(_forget, blocked, targets[0].key))


def hold_recovery(order: Order, targets: tuple[Target, ...]) -> Damage:
    """Let no lost node be replaced until the outage ends."""
    del order
    stalled = runtime.current().interference.stalled
    stalled.add(targets[0].key)
    return Damage(partial(stalled.discard, targets[0].key))


def _forget(held: dict[str, Any], key: str) -> None:
    held.pop(key, None)


API_THROTTLING = Kind(
    name="api-throttling",
    fields=(
        Field("Operations", texts),
        Field("Rate", number(0.001, 1, "refusals per call"), 1.0),
        Field("Code", one_of(*THROTTLED), THROTTLED[0]),
    ),
    begin=throttle,
    engines=False,
    nodes=False,
)
BLOCKED_FAILOVER = Kind(
    name="blocked-failover",
    fields=(*ONE_GROUP, Field("Code", one_of(*BLOCKED), BLOCKED[0])),
    begin=block_failover,
    engines=False,
)
FAILED_RECOVERY = Kind(name="failed-recovery", fields=ONE_GROUP, begin=hold_recovery, engines=False)
