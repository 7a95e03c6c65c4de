"""Service updates, and how far each is on each cache."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from elasticache_kit.emulator.state.moment import now


@dataclass(frozen=True, slots=True)
class ServiceUpdate:
    """An update that AWS offers for running caches."""

    name: str
    description: str
    severity: str
    type: str
    released: dt.datetime
    recommended_by: dt.datetime


@dataclass(slots=True)
class UpdateAction:
    """One update on one cache.

    Args:
        status: `not-applied`, `waiting-to-start`, `in-progress`, `stopping`, `stopped` or `complete`.
        changed: when the status last changed.
    """

    status: str = "not-applied"
    changed: dt.datetime = field(default_factory=now)
