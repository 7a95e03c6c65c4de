"""A history: the append-only log of what was tried and what came of it, on one monotonic clock."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elasticache_kit.ops.event import Event


class Kind(StrEnum):
    """What an entry says of an operation.

    `fail` means that it certainly did not happen, `info` that it may or may not have happened.
    """

    INVOKE = "invoke"
    OK = "ok"
    FAIL = "fail"
    INFO = "info"


class Action(StrEnum):
    """What an entry is about."""

    WRITE = "write"
    READ = "read"
    CONNECT = "connect"
    REDUNDANCY = "redundancy"
    FAULT = "fault"
    EVENT = "event"
    READ_BACK = "read back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a history.

    Args:
        at: seconds on the monotonic clock.
        kind: what it says.
        action: what it is about.
        node_group: the node group that it concerns; empty for the whole replication group.
        operation: ties a completion to its invocation.
        intended: when the open-loop schedule wanted the operation to start.
        number: the number that a write wrote or a read returned; the replicas in sync, for `redundancy`.
        numbers: the numbers that a read back found.
        node: which server answered, by its run id.
        error: why it failed, as a short kind such as `READONLY` or `timeout`.
        event: the AWS event, for `event`.
    """

    at: float
    kind: Kind
    action: Action
    node_group: str = ""
    operation: int = 0
    intended: float | None = None
    number: int | None = None
    numbers: tuple[int, ...] = ()
    node: str | None = None
    error: str | None = None
    event: Event | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """A write or a read: an invocation and its completion as one.

    Args:
        intended: when it should have started; latency counts from here, so that a stall hides nothing.
        invoked: when it did start.
        completed: when its outcome was known; None if it never was.
        outcome: ok, fail or info.
        number: the number written or read; None for a read that found nothing or failed.
        node: which server answered, by its run id.
        error: why it is not ok.
    """

    intended: float
    invoked: float
    completed: float | None
    outcome: Kind
    number: int | None
    node: str | None
    error: str | None

    @property
    def latency(self) -> float:
        """Seconds from the intended start to the completion; infinite if it never completed."""
        return float("inf") if self.completed is None else self.completed - self.intended


@dataclass(slots=True)
class History:
    """The log of one drill.

    Entries are only ever appended, each in one step, so that the thread of the fault may write beside the workload.

    Args:
        clock: seconds that only go forward; the machine's monotonic clock when omitted.
    """

    clock: Callable[[], float] = time.monotonic
    entries: list[Entry] = field(default_factory=list[Entry])
    _operations: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def log(
        self,
        action: Action,
        kind: Kind,
        node_group: str = "",
        *,
        operation: int = 0,
        intended: float | None = None,
        number: int | None = None,
        numbers: tuple[int, ...] = (),
        node: str | None = None,
        error: str | None = None,
        event: Event | None = None,
    ) -> None:
        """Add an entry at the end, stamped with the time."""
        self.entries.append(
            Entry(
                at=self.clock(),
                kind=kind,
                action=action,
                node_group=node_group,
                operation=operation,
                intended=intended,
                number=number,
                numbers=numbers,
                node=node,
                error=error,
                event=event,
            )
        )

    def invoke(self, action: Action, node_group: str, intended: float, number: int | None = None) -> int:
        """Log that an operation starts now, and return its id."""
        operation = next(self._operations)
        self.log(action, Kind.INVOKE, node_group, operation=operation, intended=intended, number=number)
        return operation

    def about(self, *actions: Action, node_group: str | None = None) -> tuple[Entry, ...]:
        """Return the entries about some actions, of one node group or of all, in order."""
        return tuple(e for e in self.entries if e.action in actions and node_group in {None, e.node_group})

    def operations(self, action: Action, node_group: str) -> tuple[Operation, ...]:
        """Return the writes or the reads of a node group, in the order in which they were intended."""
        return tuple(sorted(_pair(self.about(action, node_group=node_group)), key=lambda operation: operation.intended))


def _pair(entries: Iterable[Entry]) -> Iterator[Operation]:
    open_operations: dict[int, Entry] = {}
    for entry in entries:
        if entry.kind is Kind.INVOKE:
            open_operations[entry.operation] = entry
            continue
        invoke = open_operations.pop(entry.operation)
        number = invoke.number if invoke.number is not None else entry.number
        intended = invoke.at if invoke.intended is None else invoke.intended
        yield Operation(intended, invoke.at, entry.at, entry.kind, number, entry.node, entry.error)
    for invoke in open_operations.values():
        intended = invoke.at if invoke.intended is None else invoke.intended
        yield Operation(intended, invoke.at, None, Kind.INFO, invoke.number, None, "no answer by the end")
