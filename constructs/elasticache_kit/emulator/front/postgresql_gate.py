"""Listens where clients speak PostgreSQL's protocol, which asks for TLS before it begins.

See https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import Callable

from elasticache_kit.emulator.front.secured_server import HANDSHAKE, PAUSE_SECONDS
from elasticache_kit.emulator.front.secured_transport import SecuredTransport

# The numbers that stand where a start-up message has the version of the protocol.
CANCEL, TLS, GSS = 80877102, 80877103, 80877104
HEAD_BYTES = 8
# What PostgreSQL itself takes.
LARGEST_START = 10_000
PATIENCE_SECONDS = 10.0
# As AWS answers where the parameter rds.force_ssl is on.
REFUSAL = 'no pg_hba.conf entry for host "{}", no encryption'


class PostgreSQLGate:
    """Answers what a client asks for before it starts, and serves the rest with TLS, or in plain where that may be.

    Args:
        listening: a socket that listens and does not block.
        make: makes the protocol of a connection.
        context: certificate and key.
        plain: whether clients may come without TLS.
    """

    def __init__(
        self,
        listening: socket.socket,
        make: Callable[[], asyncio.BaseProtocol],
        context: ssl.SSLContext,
        *,
        plain: bool,
    ) -> None:
        self._listening, self._make, self._context, self._plain = listening, make, context, plain
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
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            task = loop.create_task(self._serve(connection))
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)

    async def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                secured = await self._asked(connection)
            if secured:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                SecuredTransport(connection, self._context, self._make)
                return
            if secured is not None:
                await asyncio.get_running_loop().connect_accepted_socket(self._make, connection)
                return
        connection.close()

    async def _asked(self, connection: socket.socket) -> bool | None:
        """Tell whether a client goes on with TLS; None where it is refused."""
        loop = asyncio.get_running_loop()
        while True:
            head = await _peek(connection)
            if head.startswith(HANDSHAKE):
                # A client that does not ask first, but begins with TLS.
                return True
            if len(head) < HEAD_BYTES:
                return None
            _, number = struct.unpack("!II", head)
            if number == TLS:
                await loop.sock_recv(connection, HEAD_BYTES)
                await loop.sock_sendall(connection, b"S")
                return True
            if number == GSS:
                await loop.sock_recv(connection, HEAD_BYTES)
                await loop.sock_sendall(connection, b"N")
                continue
            # Who cancels a query shows the secret of its connection, and needs nothing else.
            if self._plain or number == CANCEL:
                return False
            # What is not read when a connection is closed resets it, and the client would not see the answer.
            await loop.sock_recv(connection, LARGEST_START)
            await loop.sock_sendall(connection, _refusal(REFUSAL.format(connection.getpeername()[0])))
            return None


async def _peek(connection: socket.socket) -> bytes:
    """Wait for the head of a message and leave it where it is; what has come where the client sends no more."""
    connection.setblocking(False)
    loop, before = asyncio.get_running_loop(), -1
    while True:
        readable = asyncio.Event()
        loop.add_reader(connection, readable.set)
        try:
            await readable.wait()
        finally:
            loop.remove_reader(connection)
        head = connection.recv(HEAD_BYTES, socket.MSG_PEEK)
        if len(head) == HEAD_BYTES or head.startswith(HANDSHAKE) or len(head) == before:
            return head
        before = len(head)
        # The rest of a message that came in pieces.
        await asyncio.sleep(PAUSE_SECONDS)


def _refusal(message: str) -> bytes:
    """Return an ErrorResponse, which clients show as their server's own."""
    fields = {"S": "FATAL", "V": "FATAL", "C": "28000", "M": message}
    body = b"".join(f"{kind}{text}\0".encode() for kind, text in fields.items()) + b"\0"
    return b"E" + struct.pack("!I", len(body) + 4) + body
