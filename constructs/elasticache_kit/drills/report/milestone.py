"""Milestones: the moments of a drill that a reader looks for in its pictures."""

from __future__ import annotations

from collections.abc import Iterator
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
_LATE = ", as it was seen here"


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
    def is_late(self) -> bool:
        """Whether it is an event that is placed by when it was seen, for want of AWS's date of the call."""
        return self.source.endswith(_LATE)

    @property
    def side(self) -> str:
        """Whether AWS told of it or it was seen here."""
        return "aws" if self.source.startswith(_AWS) else "seen"


def milestones(result: Result) -> tuple[Milestone, ...]:
    """Return the call, AWS's events and what the clients saw, in the order in which they happened.

    AWS's events are placed by AWS's dates, counted from its event of the call, because they are seen here later than
    they happened; where AWS has no event of the call, by when they were seen. The same event from a group and from its
    member is one milestone.
    """
    called = called_at(result.history)
    if called is None:
        return ()
    found = dict(_calls(result, called))
    entries = [entry for entry in result.history.about(Action.EVENT) if entry.event is not None]
    start = first([entry.event for entry in entries if entry.event is not None], EventKind.CALLED)
    for entry in sorted(entries, key=lambda item: item.event.date.timestamp() if item.event else 0.0):
        if entry.event is not None and entry.event is not start:
            source = f"{_AWS}, {entry.event.source_id}{'' if start else _LATE}"
            at = called + (entry.event.date - start.date).total_seconds() if start else entry.at
            found.setdefault((source, entry.event.message), at)
    found |= {("the API", f"{e.role} is the primary"): e.at for e in result.history.about(Action.REGION)}
    found |= _seen(result, called)
    merged: dict[str, tuple[float, str]] = {}
    for (source, text), at in found.items():
        merged.setdefault(text, (at, source))
    ordered = sorted(merged.items(), key=lambda item: item[1][0])
    return tuple(Milestone(number, at, text, source) for number, (text, (at, source)) in enumerate(ordered, 1))


def _calls(result: Result, called: float) -> Iterator[tuple[tuple[str, str], float]]:
    """Yield the first call, and those of the same node group: one for another node group is a change of that one."""
    calls = [entry for entry in result.history.about(Action.FAULT) if entry.kind is Kind.INVOKE]
    ours = [entry for entry in calls if entry.node_group == result.experiment.node_group and entry.at > called]
    told: set[str] = set()
    for number, entry in enumerate((next(entry for entry in calls if entry.at == called), *ours), 1):
        text = f"{entry.call} was called" if entry.call else "the fault began" if number == 1 else "it went on"
        yield (_DRILL, f"{text} again" if text in told else text), entry.at
        told.add(text)


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
