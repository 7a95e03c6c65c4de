"""A history: the append-only log of what was tried and what came of it, on one monotonic clock."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from elasticache_kit.drills.operation import Kind, OperationLog

if TYPE_CHECKING:
    from elasticache_kit.ops.event import Event


class Action(StrEnum):
    """What an entry is about."""

    WRITE = "write"
    READ = "read"
    CONNECT = "connect"
    REDUNDANCY = "redundancy"
    FAULT = "fault"
    EVENT = "event"
    READ_BACK = "read back"
    OBSERVE = "observe"
    RESTORED = "restored"
    STOPPED = "stopped"
    SIGN_IN = "sign-in"
    OLD_SIGN_IN = "old sign-in"
    REGION = "region"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a history.

    Args:
        at: seconds on the monotonic clock.
        kind: what it says.
        action: what it is about.
        node_group: the node group that it concerns; empty for the whole replication group.
        operation: the place of a write or a read among those of its node group; None for everything else.
        intended: when the open-loop schedule wanted the operation to start.
        number: the number that a write wrote or a read returned; the replicas in sync, for `redundancy`.
        numbers: the numbers that a read back found, or that a restored group held.
        node: which server answered, by its run id.
        error: why it failed, as a short kind such as `READONLY` or `timeout`.
        event: the AWS event, for `event`.
        member: the cache cluster id of the node that was observed, for `observe`, or signed in to.
        role: what that node said it is: `primary`, `replica`, `replica, link down`; None where it did not answer. For
            `region`, the Region that has become the primary.
        call: the operation of AWS that was called, for `fault`; None for a fault of the local ElastiCache.
    """

    at: float
    kind: Kind
    action: Action
    node_group: str = ""
    operation: int | None = None
    intended: float | None = None
    number: int | None = None
    numbers: tuple[int, ...] = ()
    node: str | None = None
    error: str | None = None
    event: Event | None = None
    member: str | None = None
    role: str | None = None
    call: str | None = None


@dataclass(slots=True)
class History:
    """The log of one drill.

    Everything is only ever appended, each entry in one step, so that the thread of the fault may write beside the load.

    Args:
        clock: seconds that only go forward; the machine's monotonic clock when omitted.
    """

    clock: Callable[[], float] = time.monotonic
    entries: list[Entry] = field(default_factory=list[Entry])
    _logs: dict[tuple[Action, str], OperationLog] = field(default_factory=dict[tuple[Action, str], OperationLog])

    def log(
        self,
        action: Action,
        kind: Kind,
        node_group: str = "",
        *,
        number: int | None = None,
        numbers: tuple[int, ...] = (),
        node: str | None = None,
        error: str | None = None,
        event: Event | None = None,
        member: str | None = None,
        role: str | None = None,
        call: str | None = None,
    ) -> None:
        """Add an entry that is neither write nor read, stamped with the time."""
        self.entries.append(
            Entry(
                at=self.clock(),
                kind=kind,
                action=action,
                node_group=node_group,
                number=number,
                numbers=numbers,
                node=node,
                error=error,
                event=event,
                member=member,
                role=role,
                call=call,
            )
        )

    def invoke(self, action: Action, node_group: str, intended: float, number: int | None = None) -> int:
        """Log that a write or a read starts now, and return what identifies it."""
        return self.operations(action, node_group).invoke(intended, self.clock(), number)

    def complete(
        self,
        action: Action,
        node_group: str,
        operation: int,
        kind: Kind,
        *,
        number: int | None = None,
        node: str | None = None,
        error: str | None = None,
    ) -> None:
        """Log what became of a write or a read, stamped with the time."""
        log = self.operations(action, node_group)
        log.complete(operation, self.clock(), kind, number=number, node=node, error=error)

    def operations(self, action: Action, node_group: str) -> OperationLog:
        """Return the writes or the reads of a node group, in the order in which they were intended."""
        found = self._logs.get((action, node_group))
        if found is None:
            found = self._logs[action, node_group] = OperationLog()
        return found

    def absorb(self, other: History) -> None:
        """Add what another process logged on the same machine, whose monotonic clock is the same."""
        self.entries[:] = heapq.merge(
            sorted(self.entries, key=lambda entry: entry.at), other.entries, key=lambda entry: entry.at
        )
        self._logs.update(other._logs)

    def about(self, *actions: Action, node_group: str | None = None) -> tuple[Entry, ...]:
        """Return the entries about some actions, of one node group or of all, in order."""
        return tuple(e for e in self.entries if e.action in actions and node_group in {None, e.node_group})

    def lines(self) -> Iterator[Entry]:
        """Yield everything in the order in which it happened, writes and reads as two entries each."""
        parts = [part for key, log in self._logs.items() for part in (_invocations(key, log), _completions(key, log))]
        return heapq.merge(sorted(self.entries, key=lambda entry: entry.at), *parts, key=lambda entry: entry.at)


def _invocations(key: tuple[Action, str], log: OperationLog) -> Iterator[Entry]:
    action, group = key
    for place, done in enumerate(log):
        number = done.number if action is Action.WRITE else None
        yield Entry(
            at=done.invoked,
            kind=Kind.INVOKE,
            action=action,
            node_group=group,
            operation=place,
            intended=done.intended,
            number=number,
        )


def _completions(key: tuple[Action, str], log: OperationLog) -> Iterator[Entry]:
    action, group = key
    moments = sorted((done.completed, place) for place, done in enumerate(log) if done.completed is not None)
    for moment, place in moments:
        done = log[place]
        yield Entry(
            at=moment,
            kind=done.outcome,
            action=action,
            node_group=group,
            operation=place,
            number=done.number,
            node=done.node,
            error=done.error,
        )
