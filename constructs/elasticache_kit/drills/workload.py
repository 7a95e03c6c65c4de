"""The workload: numbered writes and reads at a fixed rate, in one node group.

The schedule is open loop: an operation starts when its time has come, whatever became of those before it. A client that
waits for each answer stops asking while the server stalls, and then reports a short outage.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.drills import resp
from elasticache_kit.drills.connection import LostError
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.lane import Lane
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.resp import NUMBER, ErrorReply, Reply
from elasticache_kit.drills.schedule import beat, pace

if TYPE_CHECKING:
    from elasticache_kit.drills.key import KeySpace
    from elasticache_kit.drills.route import Route

PROBES_PER_SECOND = 10.0
_DRAIN_STEP_SECONDS = 0.02


@dataclass(slots=True)
class Count:
    """How many operations of one kind were acknowledged, and how many were not."""

    ok: int = 0
    failed: int = 0

    def add(self, kind: Kind) -> None:
        """Count one outcome."""
        if kind is Kind.OK:
            self.ok += 1
        else:
            self.failed += 1


class Workload:
    """What the clients of one node group try.

    Args:
        node_group: the node group's id.
        keys: where it writes.
        primary: the route of the writes.
        replica: the route of the reads.
        time_to_live_seconds: after which the keys vanish, should nobody remove them.
        history: the log.
    """

    def __init__(
        self,
        node_group: str,
        keys: KeySpace,
        *,
        primary: Route,
        replica: Route,
        time_to_live_seconds: int,
        history: History,
    ) -> None:
        self.node_group = node_group
        self.keys = keys
        self.primary = primary
        self.last_number = 0
        self.writes, self.reads = Count(), Count()
        self.replicas_in_sync: int | None = None
        self.writer = Lane(Action.WRITE, node_group, primary, history)
        self.reader = Lane(Action.READ, node_group, replica, history)
        self._history = history
        self._clock = history.clock
        self._written = history.operations(Action.WRITE, node_group)
        self._read = history.operations(Action.READ, node_group)
        life = ("EX", time_to_live_seconds)
        # The register goes with each write in the same packet; the write is acknowledged when both are.
        self._set = resp.Template(
            ("SET", keys.numbered, NUMBER, *life),
            ("SET", keys.register, NUMBER, *life),
        )
        self._get = resp.command("GET", keys.register)
        self._news = asyncio.Event()

    def tick(self, intended: float) -> None:
        """Write the next number and read the register.

        Args:
            intended: when both were due.
        """
        self.last_number += 1
        self._send_write(self.last_number, intended)
        self._send_read(intended)

    async def probe(self, stopping: asyncio.Event) -> None:
        """Ask the primary how many replicas are in sync, until told to stop."""
        async for _ in pace(PROBES_PER_SECOND, stopping):
            self.writer.send(self._probed, resp.command("INFO", "replication"))

    async def in_sync(self, replicas: int) -> None:
        """Wait until the primary says that so many replicas are in sync."""
        while (self.replicas_in_sync or 0) < replicas:
            self._news.clear()
            await self._news.wait()

    async def drain(self) -> None:
        """Wait until everything under way has an outcome."""
        while self.writer.pending or self.reader.pending:
            await asyncio.sleep(_DRAIN_STEP_SECONDS)
            self.writer.expire()
            self.reader.expire()

    def _send_write(self, number: int, intended: float) -> None:
        operation = self._written.invoke(intended, self._clock(), number)
        node = self.writer.node

        def answer(replies: list[Reply] | LostError) -> None:
            kind, error = outcome(replies)
            self._written.complete(operation, self._clock(), kind, node=node, error=error)
            self.writes.add(kind)
            if error is not None:
                self.writer.heed(replies)

        self.writer.send(answer, self._set.fill(number), self._set.replies)

    def _send_read(self, intended: float) -> None:
        operation = self._read.invoke(intended, self._clock())
        node = self.reader.node

        def answer(replies: list[Reply] | LostError) -> None:
            kind, error = outcome(replies)
            # A read changes nothing: one without an answer has simply failed.
            kind = Kind.FAIL if kind is Kind.INFO else kind
            value = replies[0] if isinstance(replies, list) else None
            number = int(value) if isinstance(value, bytes) else None
            self._read.complete(operation, self._clock(), kind, number=number, node=node, error=error)
            self.reads.add(kind)
            if error is not None:
                self.reader.heed(replies)

        self.reader.send(answer, self._get)

    def _probed(self, replies: list[Reply] | LostError) -> None:
        fields = resp.info(replies[0]) if isinstance(replies, list) else {}
        if fields.get("role") != "master":
            self.replicas_in_sync = None
            return
        replicas = (value for name, value in fields.items() if name.startswith("slave") and name[5:].isdigit())
        self.replicas_in_sync = sum("state=online" in value for value in replicas)
        self._news.set()
        self._history.log(
            Action.REDUNDANCY, Kind.INFO, self.node_group, number=self.replicas_in_sync, node=self.writer.node
        )


def outcome(replies: list[Reply] | LostError) -> tuple[Kind, str | None]:
    """Return what became of commands that were sent together, and why if it is not ok.

    Refused by every reply, they certainly did not happen. Half refused, or lost on the way, they may have happened.
    """
    if isinstance(replies, LostError):
        return (Kind.INFO if replies.sent else Kind.FAIL), replies.kind
    if ErrorReply not in map(type, replies):
        return Kind.OK, None
    errors = [reply for reply in replies if isinstance(reply, ErrorReply)]
    return (Kind.FAIL if len(errors) == len(replies) else Kind.INFO), errors[0].kind


async def load(workloads: Iterable[Workload], rate: float, stopping: asyncio.Event) -> None:
    """Let all workloads write and read at a rate until told to stop.

    There is one timer for all of them: the process wakes once for what is due at one moment.

    Args:
        workloads: one for each node group.
        rate: writes in a second in each of them, and as many reads.
        stopping: ends it.
    """
    ticks = [workload.tick for workload in workloads]

    def tick(intended: float) -> None:
        for each in ticks:
            each(intended)

    await beat(rate, tick, stopping)
