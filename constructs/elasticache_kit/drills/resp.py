"""The RESP2 wire protocol, as little of it as a drill speaks.

https://valkey.io/topics/protocol/
"""

from __future__ import annotations

from collections.abc import Sequence
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
    words = [str(part) for part in parts]
    text = "".join([f"${len(word)}\r\n{word}\r\n" for word in words])
    if not text.isascii():  # lengths are those of bytes, which are those of characters in nearly every command
        encoded = [word.encode() for word in words]
        return b"*%d\r\n" % len(words) + b"".join([b"$%d\r\n%b\r\n" % (len(word), word) for word in encoded])
    return f"*{len(words)}\r\n{text}".encode()


# Stands for the number in a template.
NUMBER = "\0"


class Template:
    """Commands in which one number changes: nothing else of them is made anew each time.

    Args:
        commands: the parts of each; `NUMBER` stands where the number comes, also within a part.
    """

    def __init__(self, *commands: Sequence[str | int]) -> None:
        self.replies = len(commands)
        self._commands = commands
        # Lengths are part of a command: there is one form for each number of digits.
        self._forms: dict[int, list[bytes]] = {}

    def fill(self, number: int) -> bytes:
        """Return the commands as they go over the wire."""
        digits = b"%d" % number
        form = self._forms.get(len(digits))
        if form is None:
            blank = NUMBER * len(digits)
            filled = (command(*(str(part).replace(NUMBER, blank) for part in parts)) for parts in self._commands)
            form = self._forms[len(digits)] = b"".join(filled).split(blank.encode())
        return digits.join(form)


class Parser:
    """Replies out of bytes that come in pieces.

    A drill reads thousands of replies a second beside what it measures: there is no coroutine and no copy for each.
    """

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Reply]:
        """Take the next bytes, and return the replies that are whole with them.

        Raises:
            ProtocolError: the bytes are no RESP reply.
        """
        data = self._rest + data if self._rest else data
        replies: list[Reply] = []
        at, end = 0, len(data)
        try:
            while at < end:
                if data.startswith(_OK, at):
                    reply, at = "OK", at + _OK_BYTES
                else:
                    reply, at = _parse(data, at)
                replies.append(reply)
        except _MoreError:
            pass
        self._rest = data[at:]
        return replies


# What nearly every write is answered with.
_OK = b"+OK\r\n"
_OK_BYTES = len(_OK)


class _MoreError(Exception):
    """The reply goes on beyond the bytes that are there."""


def _parse(data: bytes, at: int) -> tuple[Reply, int]:
    """Return the reply that begins at a place, and where the next one does."""
    kind = data[at : at + 1]
    if kind not in b"+-:$*":
        raise ProtocolError(f"no RESP reply: {data[at : at + 40]!r}")
    end = data.find(b"\r\n", at)
    if end < 0:
        raise _MoreError
    rest, after = data[at + 1 : end], end + 2
    match kind:
        case b"$":
            return _string(data, after, _number(rest))
        case b"+":
            return rest.decode(), after
        case b"-":
            return ErrorReply(rest.decode(errors="replace")), after
        case b":":
            return _number(rest), after
        case _:
            return _array(data, after, _number(rest))


def _string(data: bytes, at: int, size: int) -> tuple[bytes | None, int]:
    if size < 0:
        return None, at
    if len(data) < at + size + 2:
        raise _MoreError
    return data[at : at + size], at + size + 2


def _array(data: bytes, at: int, size: int) -> tuple[list[Reply] | None, int]:
    if size < 0:
        return None, at
    items: list[Reply] = []
    for _ in range(size):
        item, at = _parse(data, at)
        items.append(item)
    return items, at


def _number(digits: bytes) -> int:
    try:
        return int(digits)
    except ValueError:
        raise ProtocolError(f"no RESP reply: {digits[:40]!r} is no number") from None


def info(reply: Reply) -> dict[str, str]:
    """Return the fields of an INFO reply; none when the reply is an error."""
    if not isinstance(reply, bytes):
        return {}
    pairs = (line.partition(":") for line in reply.decode(errors="replace").splitlines() if not line.startswith("#"))
    return {name: value for name, colon, value in pairs if colon}
