"""The RESP2 wire protocol, as little of it as a drill speaks.

https://valkey.io/topics/protocol/
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class ErrorReply:
    """An error that the server answered with, for example `MOVED 3999 127.0.0.1:6379`."""

    text: str

    @property
    def kind(self) -> str:
        """Its first word: `READONLY`, `MOVED`, `ERR`, ..."""
        return self.text.partition(" ")[0]


Reply: TypeAlias = "str | int | bytes | ErrorReply | list[Reply] | None"


class ProtocolError(ConnectionError):
    """The peer does not speak RESP."""


def command(*parts: str | int) -> bytes:
    """Return a command as it goes over the wire."""
    encoded = [str(part).encode() for part in parts]
    return b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in encoded)


async def read(reader: asyncio.StreamReader) -> Reply:
    """Read one reply.

    Raises:
        ProtocolError: the bytes are no RESP reply.
        asyncio.IncompleteReadError: the peer closed the connection.
    """
    line = await reader.readuntil(b"\r\n")
    kind, rest = line[:1], line[1:-2]
    match kind:
        case b"+":
            return rest.decode()
        case b"-":
            return ErrorReply(rest.decode(errors="replace"))
        case b":":
            return int(rest)
        case b"$":
            return None if rest == b"-1" else (await reader.readexactly(int(rest) + 2))[:-2]
        case b"*":
            return None if rest == b"-1" else [await read(reader) for _ in range(int(rest))]
        case _:
            raise ProtocolError(f"no RESP reply: {line[:40]!r}")


def info(reply: Reply) -> dict[str, str]:
    """Return the fields of an INFO reply; none when the reply is an error."""
    if not isinstance(reply, bytes):
        return {}
    pairs = (line.partition(":") for line in reply.decode(errors="replace").splitlines() if not line.startswith("#"))
    return {name: value for name, colon, value in pairs if colon}
