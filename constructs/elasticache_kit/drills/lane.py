"""A lane: one connection that is kept up, by connecting anew whenever it is lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from elasticache_kit.drills.connection import Answer, Connection, LostError
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.resp import ErrorReply, Reply

if TYPE_CHECKING:
    from elasticache_kit.drills.route import Route

# AWS recommends exponential backoff with jitter so that thousands of clients do not storm a node. A drill is two
# connections for each node group, and its pause between two attempts is its resolution: short, and no shorter than
# the attempt was, which may be a handshake that costs a node as much.
RECONNECT_PAUSE_SECONDS = 0.002

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

    @property
    def node(self) -> str | None:
        """The server that the lane leads to now, or None while it is down."""
        return self._connection.node if self._connection is not None else None

    async def keep(self) -> None:
        """Keep the lane up until cancelled."""
        now = asyncio.get_running_loop().time
        try:
            while True:
                began = now()
                try:
                    self._connection = await self._route.connect()
                except LostError as error:
                    self.why_down, self.detail = error.kind, str(error)
                    if error.hopeless:
                        self.decided.set()
                    await asyncio.sleep(max(RECONNECT_PAUSE_SECONDS, now() - began))
                    continue
                self._log(Kind.OK)
                self.up.set()
                self.decided.set()
                # Shielded: cancelling the lane must not mark a connection as lost that is still to be closed.
                self.why_down = self.detail = await asyncio.shield(self._connection.lost)
                self._log(Kind.FAIL)
                self.up.clear()
                await self._connection.close()
                self._connection = None
        finally:
            if self._connection is not None:
                await self._connection.close()
            await self._route.close()

    def send(self, answer: Answer, *commands: bytes) -> None:
        """Send commands, or answer at once with why they cannot be sent."""
        connection = self._connection
        if connection is None or connection.lost.done():
            answer(LostError(self.why_down, sent=False))
        elif connection.pending >= MOST_PENDING:
            answer(LostError("shed", sent=False))
        else:
            connection.send(answer, *commands)

    @property
    def pending(self) -> int:
        """How many sends await their answer."""
        return self._connection.pending if self._connection is not None else 0

    def tick(self) -> None:
        """Give up on a server that does not answer."""
        if self._connection is not None:
            self._connection.expire()

    def heed(self, replies: list[Reply] | LostError) -> None:
        """Connect anew if a reply says that its command belongs elsewhere."""
        errors = (r for r in replies if isinstance(r, ErrorReply)) if isinstance(replies, list) else iter(())
        error = next((error for error in errors if error.kind in _ELSEWHERE), None)
        if error is not None and self._connection is not None:
            self._route.moved(error)
            self._connection.abort(error.kind)

    def _log(self, kind: Kind) -> None:
        error = None if kind is Kind.OK else f"{self._name}: {self.why_down}"
        self._history.log(Action.CONNECT, kind, self._node_group, node=self.node, error=error)
