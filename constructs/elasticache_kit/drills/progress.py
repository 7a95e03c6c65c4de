"""What a running drill tells whoever watches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elasticache_kit.ops.event import Event


class Phase(StrEnum):
    """What a drill is doing."""

    CALIBRATING = "holding the instrument against known stalls"
    CONNECTING = "connecting"
    BASELINE = "load before the fault"
    FAULT = "the fault, under load"
    SETTLING = "load after the fault"
    READING_BACK = "reading every write back"
    CLEANING_UP = "removing the drill's keys"


@dataclass(frozen=True, slots=True)
class NodeGroupProgress:
    """How the load of one node group goes.

    Args:
        node_group: its id.
        writes: acknowledged writes so far.
        failed_writes: the others.
        reads: answered reads so far.
        failed_reads: the others.
        writer_down: why there is no connection to the primary; None while there is one.
        replicas_in_sync: as the primary tells; None while it does not.
    """

    node_group: str
    writes: int
    failed_writes: int
    reads: int
    failed_reads: int
    writer_down: str | None
    replicas_in_sync: int | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How a drill goes, told four times a second and whenever the phase changes.

    Args:
        phase: what it is doing.
        elapsed_seconds: since the drill began.
        node_groups: the load of each node group.
        events: AWS's events so far, each with the seconds at which it was seen.
    """

    phase: Phase
    elapsed_seconds: float
    node_groups: tuple[NodeGroupProgress, ...]
    events: tuple[tuple[float, Event], ...]


Watch = Callable[[Progress], None]
