"""The workload: numbered writes and reads at a fixed rate, in one node group.

The schedule is open loop: an operation starts when its time has come, whatever became of those before it. A client that
waits for each answer stops asking while the server stalls, and then reports a short outage.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.drills import resp
from elasticache_kit.drills.connection import LostError
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.lane import Lane
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.resp import ErrorReply, Reply

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
        rate: writes in a second, and as many reads.
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
        rate: float,
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
        self._rate = rate
        self._life = ("EX", time_to_live_seconds)
        self._history = history
        self._get = resp.command("GET", self.keys.register)
        self._news = asyncio.Event()

    async def write(self, stopping: asyncio.Event) -> None:
        """Write number after number until told to stop."""
        async for intended in pace(self._rate, stopping):
            self.writer.tick()
            self.last_number += 1
            self._write(self.last_number, intended)

    async def read(self, stopping: asyncio.Event) -> None:
        """Read the register until told to stop."""
        async for intended in pace(self._rate, stopping):
            self.reader.tick()
            self._read(intended)

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
            self.writer.tick()
            self.reader.tick()

    def _write(self, number: int, intended: float) -> None:
        operation = self._history.invoke(Action.WRITE, self.node_group, intended, number)
        node = self.writer.node

        def answer(replies: list[Reply] | LostError) -> None:
            kind, error = outcome(replies)
            self.writes.add(kind)
            self._history.complete(Action.WRITE, self.node_group, operation, kind, node=node, error=error)
            self.writer.heed(replies)

        # The register goes with it in the same packet; the write is acknowledged when both are.
        self.writer.send(
            answer,
            resp.command("SET", self.keys.write(number), number, *self._life),
            resp.command("SET", self.keys.register, number, *self._life),
        )

    def _read(self, intended: float) -> None:
        operation = self._history.invoke(Action.READ, self.node_group, intended)
        node = self.reader.node

        def answer(replies: list[Reply] | LostError) -> None:
            kind, error = outcome(replies)
            # A read changes nothing: one without an answer has simply failed.
            kind = Kind.FAIL if kind is Kind.INFO else kind
            value = replies[0] if isinstance(replies, list) else None
            number = int(value) if isinstance(value, bytes) else None
            self.reads.add(kind)
            self._history.complete(Action.READ, self.node_group, operation, kind, node=node, error=error, number=number)
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
    errors = [reply for reply in replies if isinstance(reply, ErrorReply)]
    if not errors:
        return Kind.OK, None
    return (Kind.FAIL if len(errors) == len(replies) else Kind.INFO), errors[0].kind


async def pace(rate: float, stopping: asyncio.Event) -> AsyncIterator[float]:
    """Yield each moment at which something is due; late ones all at once, with the moment at which they were due.

    All that have one rate are due at the same moments, so that the process wakes once for all of them.
    """
    loop = asyncio.get_running_loop()
    start, count = math.ceil(loop.time() * rate) / rate, 0
    while not stopping.is_set():
        due = start + count / rate
        await asyncio.sleep(max(0.0, due - loop.time()))
        yield due
        count += 1
