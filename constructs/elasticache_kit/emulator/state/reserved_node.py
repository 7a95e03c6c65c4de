"""Reserved nodes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from elasticache_kit.emulator.state.moment import now


@dataclass(frozen=True, slots=True)
class Offering:
    """What can be reserved."""

    offering_id: str
    cache_node_type: str
    duration_seconds: int
    product_description: str
    offering_type: str


@dataclass(slots=True)
class ReservedNode:
    """A reservation: it changes what nodes cost on AWS, and nothing else."""

    reserved_node_id: str
    arn: str
    offering: Offering
    count: int
    started: dt.datetime = field(default_factory=now)
