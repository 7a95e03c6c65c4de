"""A server on loopback that answers a drill's commands at once: the instrument is held against it before each drill.

Run as `python -m elasticache_kit.drills.responder`: it writes its port on standard output, and ends with its input.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import signal
import sys

_INFO = b"# Server\r\nrun_id:responder\r\n# Replication\r\nrole:master\r\nconnected_slaves:0\r\n"
_ANSWERS = {
    b"INFO": b"$%d\r\n%b\r\n" % (len(_INFO), _INFO),
    b"GET": b"$1\r\n1\r\n",
}
# Of prctl, in Linux's prctl.h.
_PR_SET_PDEATHSIG = 1
_OK = b"+OK\r\n"


class _Server(asyncio.Protocol):
    """Answers each command as it comes; nothing in between, for what it takes would be counted as the instrument's."""

    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport | None = None
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        words, self._rest = commands(self._rest + data)
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(b"".join(_ANSWERS.get(word, _OK) for word in words))


def commands(data: bytes) -> tuple[list[bytes], bytes]:
    """Return the first word of each command, and what is left of one that is not all there."""
    words: list[bytes] = []
    place = 0
    while (end := data.find(b"\r\n", place)) > 0:
        at, first = end + 2, b""
        for number in range(int(data[place + 1 : end])):
            edge = data.find(b"\r\n", at)
            if edge < 0:
                return words, data[place:]
            body = edge + 2
            at = body + int(data[at + 1 : edge]) + 2
            if number == 0:
                first = data[body : at - 2]
        if at > len(data):
            break
        words.append(first)
        place = at
    return words, data[place:]


def _end_with_parent() -> None:
    """Let the kernel end this process with the instrument: one that is stopped just then hears of no closed input."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


async def _main() -> None:
    server = await asyncio.get_running_loop().create_server(_Server, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - whoever started it reads the port there
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    _end_with_parent()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main())
