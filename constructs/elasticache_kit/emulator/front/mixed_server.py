"""Listens where some come with TLS and some without: clients while a group's mode is `preferred`, or engines."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Any

# What every TLS connection begins with (a handshake record). No request of an engine's protocol does.
HANDSHAKE = b"\x16"
PAUSE_SECONDS = 0.1


class MixedServer:
    """Looks at the first byte of each connection and then serves it with TLS or in plain.

    Args:
        listening: a socket that listens and does not block.
        make: makes the protocol of a connection.
        secured: what asyncio is told of TLS.
        plain: the beginning of the addresses from which connections may come without TLS; all may when empty.
    """

    def __init__(
        self,
        listening: socket.socket,
        make: Callable[[], asyncio.BaseProtocol],
        secured: dict[str, Any],
        plain: str = "",
    ) -> None:
        self._listening, self._make, self._secured, self._plain = listening, make, secured, plain
        self._connections: set[asyncio.Task[None]] = set()
        self._accepting = asyncio.get_running_loop().create_task(self._accept())

    def close(self) -> None:
        """Listen no longer; connections that exist stay."""
        self._accepting.cancel()
        self._listening.close()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(self._listening)
            except OSError:
                # No file left for one more connection, perhaps: others may end meanwhile.
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            task = loop.create_task(self._serve(connection))
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)

    async def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            secured = self._secured if await _first_byte(connection) == HANDSHAKE else {}
            if secured or connection.getpeername()[0].startswith(self._plain):
                await asyncio.get_running_loop().connect_accepted_socket(self._make, connection, **secured)
                return
        connection.close()


async def _first_byte(connection: socket.socket) -> bytes:
    """Wait for a byte and leave it where it is."""
    connection.setblocking(False)
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(connection, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(connection)
    return connection.recv(1, socket.MSG_PEEK)
