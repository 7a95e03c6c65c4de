"""A plan: the frozen steps of an operation, which is shown or run, so that what is printed is what is done."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from botocore.exceptions import ClientError

from elasticache_kit.errors import RefusedError
from elasticache_kit.ops import event, wait
from elasticache_kit.ops.event import Event, EventKind
from elasticache_kit.ops.session import Session, code, message, reaching


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the ElastiCache API that changes something.

    Args:
        operation: the operation as the API names it, for example `TestFailover`.
        parameters: its parameters as pairs, as the API names them.
    """

    operation: str
    parameters: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        """Return the step as a line for people."""
        return f"call {self.operation} with " + ", ".join(f"{name}={value}" for name, value in self.parameters)


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
            f"for at most {self.timeout_seconds / 60:g} minutes"
        )


Step = Call | Follow


@dataclass(frozen=True, slots=True)
class Plan:
    """What an operation is going to do.

    Args:
        operation: its name for people, for example `failover of orders, node group 0001`.
        steps: in order.
        notes: what a reader should know before it runs.
    """

    operation: str
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """The ids of all resources whose events the plan follows."""
        return tuple(dict.fromkeys(s for step in self.steps if isinstance(step, Follow) for s in step.sources))


@dataclass(frozen=True, slots=True)
class Notice:
    """What a running plan tells as it goes.

    Args:
        at: seconds of the monotonic clock at which it was known here.
        step: the step that it is about.
        moment: `begun`, `done`, or `event` when an event was seen.
        event: the event, with moment `event`.
    """

    at: float
    step: Step
    moment: str
    event: Event | None = None


Report = Callable[[Notice], None]


def show(plan: Plan) -> str:
    """Return the plan as text, one numbered line per step."""
    lines = [plan.operation, *(f"  {number}. {step}" for number, step in enumerate(plan.steps, 1))]
    return "\n".join([*lines, *(f"  note: {note}" for note in plan.notes)])


def run(plan: Plan, session: Session, report: Report, clock: wait.Clock = wait.REAL_CLOCK) -> tuple[Event, ...]:
    """Run the steps in order and return the events that came while they ran, oldest first.

    Args:
        plan: what to do.
        session: where to do it.
        report: told of every beginning, end and event as it happens.
        clock: real time when omitted.

    Raises:
        RefusedError: the API refuses a call; nothing after it was done.
        WaitTimeoutError: an awaited event did not come in time.
        ConnectionFailedError: the API cannot be reached.
    """
    # What was there before is told apart by what it is, not by when: AWS's clock and this machine's may differ.
    known = set(event.recent(session, plan.sources)) if plan.sources else set[Event]()
    seen: list[Event] = []
    for step in plan.steps:
        report(Notice(clock.now(), step, "begun"))
        if isinstance(step, Call):
            _call(plan, step, session)
        else:
            _follow(step, session, known, seen, report, clock)
        report(Notice(clock.now(), step, "done"))
    return tuple(sorted(seen))


def _call(plan: Plan, step: Call, session: Session) -> None:
    method = re.sub(r"(?<!^)(?=[A-Z])", "_", step.operation).lower()
    operation = cast("Callable[..., object]", getattr(session.act, method))
    try:
        with reaching():
            operation(**dict(step.parameters))
    except ClientError as error:
        raise RefusedError(plan.operation, [f"{step.operation} answered {code(error)}: {message(error)}"]) from error


def _follow(  # noqa: PLR0917 - the loop state of run(), nobody else calls it
    step: Follow, session: Session, known: set[Event], seen: list[Event], report: Report, clock: wait.Clock
) -> None:
    def attempt() -> Event | None:
        for fresh in event.recent(session, step.sources):
            if fresh not in known:
                known.add(fresh)
                seen.append(fresh)
                report(Notice(clock.now(), step, "event", fresh))
        return event.first(seen, step.until)

    wait.until(attempt, what=f"the event {step.awaited!r}", timeout_seconds=step.timeout_seconds, clock=clock)
