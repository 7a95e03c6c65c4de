"""The drills by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from elasticache_kit.drills.fault import Failover, Fault, NoFault
from elasticache_kit.ops import failover
from elasticache_kit.ops.inventory import ReplicationGroup
from elasticache_kit.ops.session import Session

MakeFault = Callable[[Session, ReplicationGroup, str | None, float], Fault]


@dataclass(frozen=True, slots=True)
class Drill:
    """A kind of experiment.

    Args:
        name: what it is called on the command line.
        summary: what it does, in one line.
        fault: makes its fault for a group and a node group, with a timeout in seconds; refuses what cannot work.
    """

    name: str
    summary: str
    fault: MakeFault


def _failover(session: Session, group: ReplicationGroup, node_group: str | None, timeout_seconds: float) -> Fault:
    return Failover(session, failover.plan(group, node_group, timeout_seconds=timeout_seconds))


def _none(_session: Session, _group: ReplicationGroup, _node_group: str | None, _timeout_seconds: float) -> Fault:
    return NoFault()


DRILLS: dict[str, Drill] = {
    drill.name: drill
    for drill in (
        Drill("failover", "fail over a primary under load, with TestFailover", _failover),
        Drill("none", "break nothing: measure the instrument's own floor", _none),
    )
}
