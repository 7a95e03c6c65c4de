"""Answers Memcached's auto discovery, which memcached itself does not know.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoDiscovery.AddingToYourClientLibrary.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.emulator.front.passage import Client

if TYPE_CHECKING:
    from elasticache_kit.emulator.front.listener import Listener

ASKED = b"config get cluster"
CRLF = b"\r\n"
# Where a command of the text protocol says how many bytes follow its line.
LENGTHS = {b"set": 4, b"add": 4, b"replace": 4, b"append": 4, b"prepend": 4, b"cas": 4, b"ms": 2}
BINARY = 0x80
# memcached takes no longer one either.
LONGEST_LINE = 65536


@dataclass(frozen=True, slots=True)
class Question:
    """A client asks which nodes there are."""


class MemcachedStream:
    """The requests of one client, in whatever pieces they arrive: questions are found, all else passes as it comes."""

    def __init__(self) -> None:
        self._held = b""
        self._skip = 0
        self._opaque = False

    def feed(self, data: bytes) -> Iterator[bytes | Question]:
        """Take bytes; give bytes to pass on and questions, in order. A line is held until its end comes."""
        data, self._held = self._held + data, b""
        while data:
            self._opaque = self._opaque or (not self._skip and data[0] == BINARY)
            step = len(data) if self._opaque else min(self._skip, len(data))
            if step:
                yield data[:step]
                self._skip = max(0, self._skip - step)
                data = data[step:]
                continue
            line, end, rest = data.partition(b"\n")
            if not end and len(line) < LONGEST_LINE:
                self._held = data
                return
            if line.strip() == ASKED:
                yield Question()
            else:
                yield line + end
                self._skip = _following(line)
            data = rest


def _following(line: bytes) -> int:
    words = line.split()
    place = LENGTHS.get(words[0]) if words else None
    if place is None or len(words) <= place or not words[place].isdigit():
        return 0
    return int(words[place]) + len(CRLF)


def answer(discovery: str) -> bytes:
    """Write the answer: a version and the nodes, each with its name, address and port."""
    return b"CONFIG cluster 0 %d\r\n%b\r\nEND\r\n" % (len(discovery), discovery.encode())


class DiscoveringClient(Client):
    """A client of a configuration endpoint.

    Its questions are answered here, at once: an answer of the node to an earlier request that is still to come would
    come after it. Clients wait for each answer, or ask on a connection of their own.
    """

    def __init__(self, listener: Listener) -> None:
        super().__init__(listener)
        self._stream = MemcachedStream()

    def data_received(self, data: bytes) -> None:
        """Answer questions and pass on the rest."""
        for item in self._stream.feed(data):
            if isinstance(item, bytes):
                super().data_received(item)
            elif self.transport is not None:
                self.transport.write(answer(self.listener.discovery or ""))
