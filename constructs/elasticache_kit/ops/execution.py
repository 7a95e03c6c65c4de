"""Running a plan: step after step, telling how it goes, passing over what was done before."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

from botocore.exceptions import ClientError

from elasticache_kit.errors import NotOfferedError, RefusedError
from elasticache_kit.ops import event, wait
from elasticache_kit.ops.event import Event
from elasticache_kit.ops.plan import Act, Call, Deferred, Follow, Notice, Plan, Report, Step, Wait
from elasticache_kit.ops.session import Session, code, message, reaching

# A change on AWS takes minutes to hours, and the API is throttled for each account.
_LONGEST_INTERVAL_SECONDS = 10.0
_HIDDEN = "(hidden)"


def run(plan: Plan, session: Session, report: Report, clock: wait.Clock = wait.REAL_CLOCK) -> tuple[Event, ...]:
    """Run the steps in order and return the events that came while they ran, oldest first.

    Args:
        plan: what to do.
        session: where to do it.
        report: told of every beginning, end and event as it happens.
        clock: real time when omitted.

    Raises:
        RefusedError: the API refuses a call; nothing after it was done.
        NotOfferedError: the API does not know an operation, as with moto alone.
        WaitTimeoutError: an awaited event or state did not come in time.
        ConnectionFailedError: the API cannot be reached.
    """
    return _Run(plan, session, report, clock).perform()


@dataclass
class _Run:
    """The state of one run."""

    plan: Plan
    session: Session
    report: Report
    clock: wait.Clock
    known: set[Event] = field(default_factory=set[Event])
    seen: list[Event] = field(default_factory=list[Event])
    # moto alone has no events: a wait does without, a step that follows them does not.
    tells: bool = True

    def perform(self) -> tuple[Event, ...]:
        # What was there before is told apart by what it is, not by when: AWS's clock and this machine's may differ.
        if self.plan.sources:
            self.known |= set(self._events(self.plan.sources))
        for step in self.plan.steps:
            done = step.done if isinstance(step, Call | Act) else None
            if done is not None and done.look(self.session).reached:
                self._notice(step, "skipped")
                continue
            self._notice(step, "begun")
            self._do(step)
            self._notice(step, "done")
        return tuple(sorted(self.seen))

    def _do(self, step: Step) -> None:
        match step:
            case Call():
                _call(self.plan, step, self.session)
            case Act():
                step.act(self.session, lambda text: self._notice(step, "progress", text=text), self.clock)
            case Follow():
                self._follow(step)
            case Wait():
                self._wait(step)

    def _follow(self, step: Follow) -> None:
        def attempt() -> Event | None:
            self._hear(step, step.sources, required=True)
            return event.first([item for item in self.seen if item.source_id in step.sources], step.until)

        wait.until(attempt, what=f"the event {step.awaited!r}", timeout_seconds=step.timeout_seconds, clock=self.clock)

    def _wait(self, step: Wait) -> None:
        told = ""

        def attempt() -> bool | None:
            nonlocal told
            seen = step.state.look(self.session)
            # After the look: an event that explains what was seen is heard in the same turn.
            if step.sources:
                self._hear(step, step.sources)
            if seen.failed is not None:
                raise RefusedError(self.plan.operation, [seen.failed])
            if seen.reached:
                return True
            if seen.text and seen.text != told:
                told = seen.text
                self._notice(step, "progress", text=told)
            return None

        wait.until(
            attempt,
            what=f"this: {step.state.text}",
            timeout_seconds=step.timeout_seconds,
            clock=self.clock,
            longest_interval_seconds=_LONGEST_INTERVAL_SECONDS,
        )

    def _hear(self, step: Step, sources: tuple[str, ...], *, required: bool = False) -> None:
        for fresh in self._events(sources, required=required):
            if fresh not in self.known:
                self.known.add(fresh)
                self.seen.append(fresh)
                self._notice(step, "event", fresh)

    def _events(self, sources: tuple[str, ...], *, required: bool = False) -> tuple[Event, ...]:
        if not (self.tells or required):
            return ()
        try:
            return event.recent(self.session, sources)
        except NotOfferedError:
            self.tells = False
            if required:
                raise
            return ()

    def _notice(self, step: Step, moment: str, seen: Event | None = None, text: str = "") -> None:
        self.report(Notice(self.clock.now(), step, moment, seen, text))


def method(operation: str) -> str:
    """Return what boto3 calls an operation, for example `test_failover`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()


def _call(plan: Plan, step: Call, session: Session) -> None:
    hidden: list[str] = []
    parameters = {name: _resolved(value, session, hidden) for name, value in step.parameters}
    operation = cast(
        "Callable[..., object]", getattr(session.changing(step.service, step.region), method(step.operation))
    )
    try:
        with reaching():
            operation(**parameters)
    except ClientError as error:
        text = f"{step.operation} answered {code(error)}: {message(error)}"
        for value in hidden:
            text = text.replace(value, _HIDDEN)
        raise RefusedError(plan.operation, [text]) from (None if hidden else error)


def _resolved(value: object, session: Session, hidden: list[str]) -> object:
    """Return a parameter with what is deferred in it."""
    if isinstance(value, Deferred):
        found = value.value(session)
        if isinstance(found, str) and found:
            hidden.append(found)
        return found
    if isinstance(value, Mapping):
        items = cast("Mapping[str, object]", value)
        return {name: _resolved(item, session, hidden) for name, item in items.items()}
    if isinstance(value, list | tuple):
        return [_resolved(item, session, hidden) for item in cast("list[object]", value)]
    return value
