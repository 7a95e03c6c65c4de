"""Milestones: the moments of a drill that a reader looks for in its pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.drills.checker.recovery import called_at
from elasticache_kit.drills.history import Action
from elasticache_kit.drills.operation import Kind
from elasticache_kit.ops.event import EventKind, first

if TYPE_CHECKING:
    from elasticache_kit.drills.result import Result

_DRILL = "this drill"
_AWS = "ElastiCache event"


@dataclass(frozen=True, slots=True)
class Milestone:
    """A moment with a name.

    Args:
        number: how the pictures refer to it.
        at: when, on the history's clock.
        text: what happened.
        source: who says so.
    """

    number: int
    at: float
    text: str
    source: str

    @property
    def is_call(self) -> bool:
        """Whether it is the moment at which the fault was asked for."""
        return self.source == _DRILL

    @property
    def side(self) -> str:
        """Whether AWS told of it or it was seen here."""
        return "aws" if self.source.startswith(_AWS) else "seen"


def milestones(result: Result) -> tuple[Milestone, ...]:
    """Return the call, AWS's events and what the clients saw, in the order in which they happened.

    AWS's events are placed by AWS's dates, counted from its event of the call, because they are seen here later than
    they happened. The same event from a group and from its member is one milestone.
    """
    called = called_at(result.history)
    if called is None:
        return ()
    found = {(_DRILL, "TestFailover was called" if result.failed_over else "the fault began"): called}
    events = [entry.event for entry in result.history.about(Action.EVENT) if entry.event is not None]
    start = first(events, EventKind.CALLED)
    for event in sorted(events):
        if start is not None and event is not start:
            seconds = (event.date - start.date).total_seconds()
            found.setdefault((f"{_AWS}, {event.source_id}", event.message), called + seconds)
    # A call for another node group is a change of that one; those of one node group are stages of the fault.
    entries = result.history.about(Action.FAULT, node_group=result.experiment.node_group)
    stages = [entry.at for entry in entries if entry.kind is Kind.INVOKE][1:]
    found |= {(_DRILL, f"call {number} of the drill"): at for number, at in enumerate(stages, 2)}
    found |= {("the API", f"{e.role} is the primary"): e.at for e in result.history.about(Action.REGION)}
    found |= _seen(result, called)
    merged: dict[str, tuple[float, str]] = {}
    for (source, text), at in found.items():
        merged.setdefault(text, (at, source))
    ordered = sorted(merged.items(), key=lambda item: item[1][0])
    return tuple(Milestone(number, at, text, source) for number, (text, (at, source)) in enumerate(ordered, 1))


def _seen(result: Result, called: float) -> dict[tuple[str, str], float]:
    texts = {
        "wire_promotion_seconds": ("the nodes", "a replica said that it is the primary"),
        "promotion_seconds": ("the clients", "the new primary acknowledged its first write"),
        "redundancy_seconds": ("the clients", "all replicas were in sync again"),
    }
    return {
        texts[name]: called + value
        for finding in result.findings
        for name, value in finding.figures.items()
        if name in texts and isinstance(value, float)
    }
