"""A connection with TLS that reads and writes its socket itself."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import pytest

from elasticache_kit.emulator.fleet.certificate import CertificateAuthority
from elasticache_kit.emulator.front.secured_transport import EMPTY, FULL, SecuredTransport

ADDRESS = "127.0.0.1"
MANY_BYTES = b"0123456789abcdef" * 200_000


class Server(asyncio.Protocol):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.transport: SecuredTransport | None = None
        self.received = bytearray()
        self.told: list[str] = []
        self.changed = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast("SecuredTransport", transport)
        self._note("made")

    def data_received(self, data: bytes) -> None:
        """Keep the bytes."""
        self.received += data
        self.changed.set()

    def pause_writing(self) -> None:
        """Note it."""
        self._note("pause")

    def resume_writing(self) -> None:
        """Note it."""
        self._note("resume")

    def connection_lost(self, exc: Exception | None) -> None:
        """Note it."""
        self._note("lost" if exc is None else type(exc).__name__)

    def _note(self, what: str) -> None:
        self.told.append(what)
        self.changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return when a condition holds."""
        while not condition():
            self.changed.clear()
            await asyncio.wait_for(self.changed.wait(), 20)


Act = Callable[[Server, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> CertificateAuthority:
    """Who signs the server's certificate."""
    return CertificateAuthority(tmp_path_factory.mktemp("tls"))


def context_of(authority: CertificateAuthority) -> ssl.SSLContext:
    """Give what a server needs."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate: Path = authority.issue(ADDRESS)
    context.load_cert_chain(certificate, authority.key_file)
    return context


def pair() -> tuple[socket.socket, socket.socket]:
    """Give the server's end of a connection, and the client's, which does not block."""
    with socket.create_server((ADDRESS, 0)) as listening:
        theirs = socket.create_connection(listening.getsockname())
        ours, _ = listening.accept()
    # As little as the kernel allows: else it takes megabytes, and nobody ever waits.
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
    theirs.setblocking(False)
    return ours, theirs


async def leave(writer: asyncio.StreamWriter) -> None:
    """Close the client's end."""
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


def connected(authority: CertificateAuthority, act: Act) -> Server:
    """Connect a client of asyncio to a server, and do something with both."""

    async def run() -> Server:
        ours, theirs = pair()
        server = Server()
        SecuredTransport(ours, context_of(authority), lambda: server)
        trusting = ssl.create_default_context(cafile=authority.ca_file)
        reader, writer = await asyncio.open_connection(sock=theirs, ssl=trusting, server_hostname=ADDRESS)
        await server.until(lambda: server.transport is not None)
        await act(server, reader, writer)
        await leave(writer)
        await server.until(lambda: server.told[-1] not in {"made", "pause", "resume"})
        return server

    return asyncio.run(run())


def transport_of(server: Server) -> SecuredTransport:
    """Give the transport of a server that is connected."""
    assert server.transport is not None
    return server.transport


def test_many_bytes_pass_unchanged_both_ways(authority: CertificateAuthority) -> None:
    """More than any buffer holds; the writer is slowed down, and goes on."""

    async def act(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(MANY_BYTES)
        await server.until(lambda: len(server.received) == len(MANY_BYTES))
        for at in range(0, len(MANY_BYTES), EMPTY):
            transport_of(server).write(MANY_BYTES[at : at + EMPTY])
        assert server.told == ["made", "pause"]
        assert await reader.readexactly(len(MANY_BYTES)) == MANY_BYTES
        await server.until(lambda: server.told == ["made", "pause", "resume"])

    server = connected(authority, act)
    assert server.received == MANY_BYTES
    assert server.told[-1] == "lost"
    assert EMPTY < FULL < len(MANY_BYTES)


def test_what_waits_is_written_before_the_end(authority: CertificateAuthority) -> None:
    """Also where the client has sent what nobody reads any more; nothing can be written after that."""

    async def act(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        transport_of(server).write(MANY_BYTES)
        transport_of(server).close()
        transport_of(server).write(b"too late")
        writer.write(b"to nobody")
        assert transport_of(server).is_closing()
        assert await reader.read() == MANY_BYTES

    server = connected(authority, act)
    assert server.received == b""
    assert server.told[-1] == "lost"


def test_nothing_is_read_while_reading_is_paused(authority: CertificateAuthority) -> None:
    """And all of it afterwards."""

    async def act(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        transport = transport_of(server)
        transport.pause_reading()
        writer.write(b"waiting")
        transport.write(b"passed meanwhile")
        assert await reader.readexactly(16) == b"passed meanwhile"
        assert server.received == b""
        transport.resume_reading()
        await server.until(lambda: bytes(server.received) == b"waiting")

    connected(authority, act)


def test_who_speaks_no_tls_is_left(authority: CertificateAuthority) -> None:
    """No protocol is made for it."""

    async def run() -> list[Any]:
        ours, theirs = pair()
        made: list[Any] = []
        SecuredTransport(ours, context_of(authority), lambda: made.append(1) or Server())
        reader, writer = await asyncio.open_connection(sock=theirs)
        writer.write(b"PING\r\n")
        with contextlib.suppress(ConnectionResetError):
            assert await asyncio.wait_for(reader.read(), 20) != b"+PONG\r\n"
        await leave(writer)
        return made

    assert asyncio.run(run()) == []


def test_who_says_nothing_is_left(authority: CertificateAuthority) -> None:
    """After a time, so that a connection that is only opened holds nothing for ever."""

    async def run() -> bytes:
        ours, theirs = pair()
        SecuredTransport(ours, context_of(authority), Server, patience=0.05)
        reader, writer = await asyncio.open_connection(sock=theirs)
        said = await asyncio.wait_for(reader.read(), 20)
        await leave(writer)
        return said

    assert asyncio.run(run()) == b""


def test_a_connection_that_breaks_is_said(authority: CertificateAuthority) -> None:
    """The protocol hears of the error."""

    async def act(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del reader
        transport_of(server).write(MANY_BYTES)
        writer.transport.abort()
        await server.until(lambda: server.told[-1] not in {"made", "pause"})

    assert connected(authority, act).told[-1].endswith("Error")
