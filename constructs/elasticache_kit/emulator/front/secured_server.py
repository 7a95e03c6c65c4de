"""Listens where clients come with TLS, and some without: while a group's mode is `preferred`, or engines."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable

from elasticache_kit.emulator.front.secured_transport import SecuredTransport

# What every TLS connection begins with (a handshake record). No request of an engine's protocol does.
HANDSHAKE = b"\x16"
PAUSE_SECONDS = 0.1


class SecuredServer:
    """Serves connections with TLS or, where some may come without, looks at the first byte of each.

    Args:
        listening: a socket that listens and does not block.
        make: makes the protocol of a connection.
        context: certificate and key.
        plain: the beginning of the addresses from which connections may come without TLS; all may when empty, and none
            when omitted.
    """

    def __init__(
        self,
        listening: socket.socket,
        make: Callable[[], asyncio.BaseProtocol],
        context: ssl.SSLContext,
        plain: str | None = None,
    ) -> None:
        self._listening, self._make, self._context, self._plain = listening, make, context, plain
        self._loop = asyncio.get_running_loop()
        self._connections: set[asyncio.Task[None]] = set()
        self._pause: asyncio.TimerHandle | None = None
        self._loop.add_reader(listening, self._accept)

    def close(self) -> None:
        """Listen no longer; connections that exist stay."""
        if self._pause is not None:
            self._pause.cancel()
        self._loop.remove_reader(self._listening)
        self._listening.close()

    def _accept(self) -> None:
        try:
            connection, _ = self._listening.accept()
        except BlockingIOError:
            return
        except OSError:
            # No file left for one more connection, perhaps: others may end meanwhile.
            self._loop.remove_reader(self._listening)
            self._pause = self._loop.call_later(PAUSE_SECONDS, self._go_on)
            return
        if self._plain is None:
            self._secure(connection)
            return
        task = self._loop.create_task(self._serve(connection, self._plain))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    def _go_on(self) -> None:
        self._loop.add_reader(self._listening, self._accept)

    def _secure(self, connection: socket.socket) -> None:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            SecuredTransport(connection, self._context, self._make)
        except OSError:
            connection.close()

    async def _serve(self, connection: socket.socket, plain: str) -> None:
        with contextlib.suppress(OSError):
            if await _first_byte(connection) == HANDSHAKE:
                self._secure(connection)
                return
            if connection.getpeername()[0].startswith(plain):
                await self._loop.connect_accepted_socket(self._make, connection)
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
