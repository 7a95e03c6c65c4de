"""The emulator's own connection to an engine: one command, one answer, never a retry."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Self, TypeAlias

from elasticache_kit.errors import EmulatorError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from elasticache_kit.emulator.fleet.sign_in import InternalAccount

Word: TypeAlias = "str | int | bytes"
Reply: TypeAlias = "str | int | list[Reply] | ReplyError | None"
RawReply: TypeAlias = "bytes | int | list[RawReply] | ReplyError | None"
TIMEOUT = 2.0
# For an answer that has to be written to a disk first, which a busy machine may take seconds for.
PATIENT_TIMEOUT = 30.0
# How the emulator calls itself in CLIENT LIST and SLOWLOG.
NAME = "elasticache-kit"


class ReplyError(EmulatorError):
    """An engine answered a command of the emulator with an error."""


class Admin:
    """A connection to one engine (RESP2).

    A client library would bring pools, retries and loosely typed answers: all three are wrong where an answer must come
    from this very process or not at all.

    Args:
        address: the engine's address.
        port: the engine's port.
        account: who signs in; nobody when omitted.
        timeout: seconds for connecting and for each answer.
        source: the address that it comes from; the kernel chooses one when omitted.

    Raises:
        OSError: nothing answers in time, here and in every method.
    """

    def __init__(
        self,
        address: str,
        port: int,
        account: InternalAccount | None = None,
        timeout: float = TIMEOUT,
        *,
        source: str | None = None,
    ) -> None:
        self._account = account
        self._socket = socket.create_connection(
            (address, port), timeout=timeout, source_address=(source, 0) if source else None
        )
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._stream.close()
        self._socket.close()

    def command(self, *words: Word) -> Reply:
        """Send one command and give its answer.

        Raises:
            ReplyError: the engine refuses the command.
        """
        return self.commands([words])[0]

    def commands(self, batch: Sequence[Sequence[Word]]) -> list[Reply]:
        """Send commands at once and give their answers.

        Raises:
            ReplyError: the engine refuses one of them; the others are executed all the same.
        """
        return [_decoded(reply) for reply in self.raw(batch)]

    def raw(self, batch: Sequence[Sequence[Word]]) -> list[RawReply]:
        """Send commands at once and give their answers with text as bytes: keys and values need not be text.

        Raises:
            ReplyError: the engine refuses one of them; the others are executed all the same.
        """
        # Signed in with the first commands, not before them: that saves a round trip on each connection. The name tells
        # its commands from those of clients in what the engine says of them.
        account, self._account = self._account, None
        greeting = [] if account is None else [("HELLO", 2, "AUTH", account.name, account.secret, "SETNAME", NAME)]
        self._socket.sendall(b"".join(map(_encoded, [*greeting, *batch])))
        for _ in greeting:
            if isinstance(refusal := self._read(), ReplyError):
                raise refusal
        replies = [self._read() for _ in batch]
        for reply in replies:
            if isinstance(reply, ReplyError):
                raise reply
        return replies

    def text(self, *words: Word) -> str:
        """Send one command whose answer is text."""
        reply = self.command(*words)
        if not isinstance(reply, str):
            raise ReplyError(f"{words[0]} was answered with {reply!r} where text was expected")
        return reply

    def info(self, section: str) -> dict[str, str]:
        """Give one section of INFO."""
        lines = self.text("INFO", section).splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)

    def _read(self) -> RawReply:
        line = self._stream.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionResetError("the engine closed the connection")
        kind, rest = line[:1], line[1:-2]
        match kind:
            case b"+":
                return rest
            case b"-":
                return ReplyError(rest.decode(errors="replace"))
            case b":":
                return int(rest)
            case b"$":
                return self._read_bulk(int(rest))
            case b"*":
                return None if int(rest) < 0 else [self._read() for _ in range(int(rest))]
            case _:
                raise ConnectionResetError(f"the engine does not speak RESP2: {line!r}")

    def _read_bulk(self, length: int) -> bytes | None:
        if length < 0:
            return None
        data = self._stream.read(length + 2)
        if len(data) < length + 2:
            raise ConnectionResetError("the engine closed the connection")
        return data[:-2]


def _decoded(reply: RawReply) -> Reply:
    if isinstance(reply, list):
        return [_decoded(item) for item in reply]
    return reply.decode(errors="replace") if isinstance(reply, bytes) else reply


def _encoded(words: Sequence[Word]) -> bytes:
    encoded = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    parts = [b"*%d\r\n" % len(encoded), *(b"$%d\r\n%b\r\n" % (len(word), word) for word in encoded)]
    return b"".join(parts)
