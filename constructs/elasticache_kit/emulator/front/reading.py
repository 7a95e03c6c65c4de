"""Lets clients that know nothing of clusters read from a replica in cluster mode: it says READONLY in their name.

An engine takes that from whoever has signed in, and for as long as the connection lasts
(https://valkey.io/commands/readonly/). So it is said at once, and again after each sign-in until it is taken. Clients
do not see the answer, and what they send meanwhile waits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from elasticache_kit.emulator.front.command_stream import CRLF, encoded
from elasticache_kit.emulator.front.passage import Half, SigningClient

if TYPE_CHECKING:
    from elasticache_kit.emulator.front.listener import Listener

READONLY = encoded([b"READONLY"])
OK = b"+OK\r\n"
# Replies of one line; with a length, of so many bytes or so many replies: https://valkey.io/topics/protocol/.
LINES, BYTES, PAIRS = b"+-:_#,(", b"$=!", b"%|"


class ReadingClient(SigningClient):
    """A client in whose name READONLY is said."""

    def __init__(self, listener: Listener) -> None:
        super().__init__(listener)
        self._due: Literal["", "mode", "sign-in"] = ""
        self._reads = False
        self._replies = bytearray()

    def replied(self, data: bytes) -> None:
        """Take what the engine says: answers that were waited for are looked at, all else passes."""
        self._replies += data
        while self._due and (end := reply_end(self._replies)) is not None:
            reply, due = bytes(self._replies[:end]), self._due
            del self._replies[:end]
            self._due = ""
            if due == "mode":
                self._reads = reply == OK
            else:
                self._tell(reply)
                if not reply.startswith(b"-"):
                    self._ask()
        if not self._due:
            self._tell(bytes(self._replies))
            self._replies.clear()
            self._go_on()

    def _engine_side(self) -> Half:
        return ReadingEngine(self)

    def begin(self) -> None:
        """Say it."""
        self._ask()

    def _ready(self) -> bool:
        return self.other is not None and not self._due

    def _sign_in(self, data: bytes) -> None:
        if not self._reads:
            self._due = "sign-in"
        super()._sign_in(data)

    def _ask(self) -> None:
        self._due = "mode"
        if self.other is not None and self.other.transport is not None:
            self.other.transport.write(READONLY)

    def _tell(self, data: bytes) -> None:
        if data and self.transport is not None:
            self.transport.write(data)


class ReadingEngine(Half):
    """The engine's side of such a client."""

    def __init__(self, client: ReadingClient) -> None:
        super().__init__()
        self._client = client

    def data_received(self, data: bytes) -> None:
        """Let the client's side look at it."""
        self._client.replied(data)


def reply_end(data: bytes | bytearray, start: int = 0) -> int | None:
    """Say where a reply ends that begins at an offset; None where more of it has to come."""
    line_end = data.find(CRLF, start)
    if line_end < 0:
        return None
    kind, end = data[start : start + 1], line_end + len(CRLF)
    if kind in LINES:
        return end
    count = int(data[start + 1 : line_end])
    if kind in BYTES:
        end += count + len(CRLF) if count >= 0 else 0
        return end if end <= len(data) else None
    for _ in range(count * 2 if kind in PAIRS else count):
        following = reply_end(data, end)
        if following is None:
            return None
        end = following
    return end
