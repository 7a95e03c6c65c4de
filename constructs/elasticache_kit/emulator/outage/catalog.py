"""Every kind of outage by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from elasticache_kit.emulator.outage.control_plane import API_THROTTLING, BLOCKED_FAILOVER, FAILED_RECOVERY
from elasticache_kit.emulator.outage.full_memory import FULL_MEMORY
from elasticache_kit.emulator.outage.node_loss import AZ_POWER_LOSS, KILL, PAUSE
from elasticache_kit.emulator.outage.partition import PARTITION
from elasticache_kit.emulator.outage.power_loss import POWER_LOSS
from elasticache_kit.emulator.outage.replication_lag import REPLICATION_LAG
from elasticache_kit.emulator.outage.slow_engine import SLOW_ENGINE

if TYPE_CHECKING:
    from elasticache_kit.emulator.outage.kind import Kind

_ALL = (
    KILL, PAUSE, AZ_POWER_LOSS, POWER_LOSS, PARTITION, REPLICATION_LAG, SLOW_ENGINE, FULL_MEMORY,
    API_THROTTLING, BLOCKED_FAILOVER, FAILED_RECOVERY,
)  # fmt: skip
KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _ALL})


def kinds(*, engines: bool) -> tuple[str, ...]:
    """Name the kinds that an emulator with engines has, or one without."""
    return tuple(name for name, kind in KINDS.items() if engines or not kind.engines)
