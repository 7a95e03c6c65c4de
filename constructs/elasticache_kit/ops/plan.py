"""A plan: the frozen steps of an operation, which is shown or run, so that what is printed is what is done.

A step that may have been done already says how to tell, so a plan that was interrupted is simply made and run again:
`execution.run` passes over what is done. `Plan.steps` is empty where nothing is left to do.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elasticache_kit.ops.event import Event, EventKind
    from elasticache_kit.ops.session import Session
    from elasticache_kit.ops.wait import Clock

ELASTICACHE = "elasticache"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of something that is to reach a state.

    Args:
        reached: whether it has.
        text: how far it is, for people, for example `status modifying`.
        failed: why it never will; None where it still may.
    """

    reached: bool
    text: str = ""
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """A state that something is to reach.

    Args:
        text: the state in words, which complete "wait until ..." and "unless ...".
        look: looks at it.
    """

    text: str
    look: Callable[[Session], Seen] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Deferred:
    """A value that is known only when its step runs, and that nobody sees: a secret, or what an earlier step found.

    Args:
        text: what it is, for people.
        value: finds it.
    """

    text: str
    value: Callable[[Session], object] = field(repr=False)

    def __str__(self) -> str:
        """Return what it is, in brackets."""
        return f"({self.text})"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an API that changes something.

    Args:
        operation: the operation as the API names it, for example `TestFailover`.
        parameters: its parameters as pairs, as the API names them.
        service: the service as boto3 names it.
        region: where; in the Region of the session when omitted.
        done: how to tell that it was done already; it is always done when omitted.
    """

    operation: str
    parameters: tuple[tuple[str, object], ...]
    service: str = ELASTICACHE
    region: str | None = None
    done: State | None = None

    def __str__(self) -> str:
        """Return the step as a line for people."""
        place = "" if self.service == ELASTICACHE else f" of {self.service}"
        place += f" in {self.region}" if self.region else ""
        given = ", ".join(f"{name}={_shown(value)}" for name, value in self.parameters)
        return f"call {self.operation}{place} with {given}{_unless(self.done)}"


@dataclass(frozen=True, slots=True)
class Act:
    """Something else that a plan does: what takes several calls, or goes beyond the API.

    Args:
        text: what it does, for people.
        act: does it.
        done: how to tell that it was done already; it is always done when omitted.
    """

    text: str
    act: Callable[[Session, Say, Clock], None] = field(repr=False)
    done: State | None = None

    def __str__(self) -> str:
        """Return the step as a line for people."""
        return f"{self.text}{_unless(self.done)}"


@dataclass(frozen=True, slots=True)
class Follow:
    """Follow the events of some resources until one of a kind comes.

    Args:
        sources: the ids whose events count.
        until: the kind that ends the step.
        awaited: AWS's text for that kind, for people.
        timeout_seconds: how long to follow.
    """

    sources: tuple[str, ...]
    until: EventKind
    awaited: str
    timeout_seconds: float

    def __str__(self) -> str:
        """Return the step as a line for people."""
        return (
            f"follow the events of {', '.join(self.sources)} until {self.awaited!r}, "
            f"for at most {_minutes(self.timeout_seconds)}"
        )


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait until something has reached a state.

    Args:
        state: the state.
        timeout_seconds: how long to wait.
        sources: the ids whose events are told meanwhile.
    """

    state: State
    timeout_seconds: float
    sources: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the step as a line for people."""
        return f"wait until {self.state.text}, for at most {_minutes(self.timeout_seconds)}"


Say = Callable[[str], None]
Step = Call | Act | Follow | Wait


@dataclass(frozen=True, slots=True)
class Plan:
    """What an operation is going to do.

    Args:
        operation: its name for people, for example `failover of orders, node group 0001`.
        steps: in order; none where nothing is left to do.
        notes: what a reader should know before it runs.
    """

    operation: str
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """The ids of all resources whose events the plan follows."""
        return tuple(dict.fromkeys(s for step in self.steps if isinstance(step, Follow | Wait) for s in step.sources))


@dataclass(frozen=True, slots=True)
class Notice:
    """What a running plan tells as it goes.

    Args:
        at: seconds of the monotonic clock at which it was known here.
        step: the step that it is about.
        moment: `begun`, `done`, `skipped` where it had been done before, `progress`, or `event` when an event was seen.
        event: the event, with moment `event`.
        text: how far it is, with moment `progress`.
    """

    at: float
    step: Step
    moment: str
    event: Event | None = None
    text: str = ""


Report = Callable[[Notice], None]


def show(plan: Plan) -> str:
    """Return the plan as text, one numbered line per step."""
    lines = [plan.operation, *(f"  {number}. {step}" for number, step in enumerate(plan.steps, 1))]
    if not plan.steps:
        lines.append("  nothing is left to do")
    return "\n".join([*lines, *(f"  note: {note}" for note in plan.notes)])


def document(plan: Plan) -> dict[str, object]:
    """Return the plan as a document for programs."""
    return {
        "operation": plan.operation,
        "plan": [str(step) for step in plan.steps],
        "notes": list(plan.notes),
    }


def _unless(done: State | None) -> str:
    return f", unless {done.text}" if done else ""


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:g} minutes"


def _shown(value: object) -> str:
    if isinstance(value, str | Deferred):
        return str(value)
    return json.dumps(value, default=str)
