"""A lane: one connection that is kept up, by connecting anew whenever it is lost."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from elasticache_kit.drills import timer
from elasticache_kit.drills.connection import Answer, Connection, LostError
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.resp import ErrorReply, Reply

if TYPE_CHECKING:
    from elasticache_kit.drills.route import Route

# AWS recommends exponential backoff with jitter so that thousands of clients do not storm a node. A drill is a few
# connections for each node group, and its pause between two attempts is its resolution: short, and no shorter than
# the attempt was, which may be a handshake that costs a node as much.
RECONNECT_PAUSE_SECONDS = 0.001

# With standbys that are asked as often, connecting anew is for what they cannot tell: that costs more and may wait.
SPARE_PAUSE_SECONDS = 0.005

# More than this many sends under way are not clients any more but a queue: they are refused here and counted as shed.
MOST_PENDING = 512

# Replies which say that this node is not, or not any more, where the command belongs.
_ELSEWHERE = frozenset({"READONLY", "MOVED", "ASK", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "NOAUTH"})


class Lane:
    """Sends commands over the connection of the moment, and says at once when there is none.

    Args:
        name: for the log: the action that it serves.
        node_group: the node group that it belongs to.
        route: where it leads.
        history: gets an entry for each connection made and lost.
    """

    def __init__(self, name: Action, node_group: str, route: Route, history: History) -> None:
        self.up = asyncio.Event()
        # Set when it was up once, or is known never to be.
        self.decided = asyncio.Event()
        self.why_down = "not connected yet"
        self.detail = ""
        self._name = name
        self._node_group = node_group
        self._route = route
        self._history = history
        self._connection: Connection | None = None
        self._left: set[asyncio.Task[Any]] = set()

    @property
    def node(self) -> str | None:
        """The server that the lane leads to now, or None while it is down."""
        return self._connection.node if self._connection is not None else None

    async def keep(self) -> None:
        """Keep the lane up until cancelled."""
        try:
            while True:
                self._connection = connection = await self._next()
                self._log(Kind.OK, connection.node)
                await self._use(connection)
        finally:
            if self._connection is not None:
                await self._connection.close()
            await asyncio.gather(*self._left, return_exceptions=True)
            if self._route.standbys is not None:
                await self._route.standbys.close()

    async def _use(self, connection: Connection) -> None:
        """Stay up until a connection is lost, with standbys beside it."""
        standbys = self._route.standbys
        if standbys is not None and not self.decided.is_set():
            # Before the load begins, so that connecting does not get into its way.
            with suppress(LostError):
                await standbys.renew(connection)
        self.up.set()
        self.decided.set()
        keeping = None if standbys is None else asyncio.create_task(standbys.keep(connection))
        try:
            # Shielded: cancelling the lane must not mark a connection as lost that is still to be closed.
            self.why_down = self.detail = await asyncio.shield(connection.lost)
        finally:
            if keeping is not None:
                self._leave(keeping)
        if keeping is not None and keeping.done():
            keeping.result()
        self._log(Kind.FAIL, connection.node)
        self.up.clear()
        # It is lost, so there is nothing to wait for before the next one.
        if self._connection is connection:
            self._connection = None

    async def _next(self) -> Connection:
        """Return a connection that was made anew, or a standby that has taken over, whichever is first."""
        pointed, self._connection = self._connection, None
        if pointed is not None and not pointed.lost.done():
            # A reply has pointed to it.
            self._connection = pointed
            return pointed
        standbys = self._route.standbys
        if not standbys:
            return await self._connect(RECONNECT_PAUSE_SECONDS)
        ways = [asyncio.create_task(way) for way in (standbys.promoted(), self._connect(SPARE_PAUSE_SECONDS))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                self._leave(way)
            found = [way.result() for way in ways if way.done()]
            # The end of the lane closes it, also if that comes just now.
            self._connection = next(iter(found), None)
            for other in found[1:]:
                other.abort("closed here")
        return found[0]

    async def _connect(self, pause: float) -> Connection:
        """Connect anew, for as long as it takes, with a pause between attempts that is no shorter than they are."""
        try:
            while True:
                began = time.monotonic()
                try:
                    return await self._route.connect()
                except LostError as error:
                    self.why_down, self.detail = error.kind, str(error)
                    if error.hopeless:
                        self.decided.set()
                    await timer.sleep(max(pause, time.monotonic() - began))
        finally:
            await self._route.close()

    def _leave(self, task: asyncio.Task[Any]) -> None:
        """Cancel what is not needed any more without waiting for it; the end of the lane does."""
        self._left.add(task)
        task.add_done_callback(self._left.discard)
        task.cancel()

    def send(self, answer: Answer, commands: bytes, replies: int = 1) -> None:
        """Send commands, or answer at once with why they cannot be sent; see `Connection.send`."""
        connection = self._connection
        if connection is None:
            answer(LostError(self.why_down, sent=False))
            return
        connection.expire()
        if connection.pending >= MOST_PENDING:
            answer(LostError("shed", sent=False))
        else:
            connection.send(answer, commands, replies)

    @property
    def pending(self) -> int:
        """How many sends await their answer."""
        return self._connection.pending if self._connection is not None else 0

    def expire(self) -> None:
        """Give up on a server that does not answer, as whoever sends something does."""
        if self._connection is not None:
            self._connection.expire()

    def heed(self, replies: list[Reply] | LostError) -> None:
        """Go where commands belong if a reply says that it is elsewhere: to a standby at once, else connect anew."""
        errors = (r for r in replies if isinstance(r, ErrorReply)) if isinstance(replies, list) else iter(())
        error = next((error for error in errors if error.kind in _ELSEWHERE), None)
        left = self._connection
        if error is None or left is None:
            return
        standbys = self._route.standbys
        self._connection = standbys.pointed(error) if standbys is not None else None
        if self._connection is None:
            self._route.moved(error)
        left.abort(error.kind)

    def _log(self, kind: Kind, node: str | None) -> None:
        error = None if kind is Kind.OK else f"{self._name}: {self.why_down}"
        self._history.log(Action.CONNECT, kind, self._node_group, node=node, error=error)
