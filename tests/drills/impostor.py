"""A server on loopback that answers commands as a test tells it to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from elasticache_kit.drills import resp
from elasticache_kit.ops.inventory import Endpoint

Answer = Callable[[list[str]], bytes | None]


def plain(words: list[str]) -> bytes:
    """Answer as a server does that is asked who it is, and OK to all else."""
    body = b"# Server\r\nrun_id:abc"
    return b"$%d\r\n%b\r\n" % (len(body), body) if words[0] == "INFO" else b"+OK\r\n"


def bulk(text: str) -> bytes:
    """Return a bulk string."""
    return b"$%d\r\n%b\r\n" % (len(text), text.encode())


def node(endpoint: Endpoint, hostname: str | None = None) -> bytes:
    """Return a node as CLUSTER SLOTS tells it."""
    metadata = b"*2\r\n" + bulk("hostname") + bulk(hostname) if hostname else b"*0\r\n"
    return b"*4\r\n" + bulk(endpoint.address) + b":%d\r\n" % endpoint.port + bulk("id") + metadata


def slots(*ranges: tuple[int, int, list[bytes]]) -> bytes:
    """Return a slot map."""
    items = (b"*%d\r\n:%d\r\n:%d\r\n" % (2 + len(nodes), a, b) + b"".join(nodes) for a, b, nodes in ranges)
    return b"*%d\r\n" % len(ranges) + b"".join(items)


@asynccontextmanager
async def impostor(answer: Answer) -> AsyncGenerator[tuple[Endpoint, list[list[str]]]]:
    """Serve; yields the endpoint and the commands that came. An answer of None drops the connection.

    After an empty answer the connection stays silent for good, as that of a server that hangs.
    """
    commands: list[list[str]] = []
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        parser, silent = resp.Parser(), False
        try:
            while data := await reader.read(65536):
                for parts in parser.feed(data):
                    assert isinstance(parts, list)
                    words = [part.decode() for part in parts if isinstance(part, bytes)]
                    commands.append(words)
                    reply = answer(words)
                    if reply is None:
                        return
                    silent = silent or not reply
                    if not silent:
                        writer.write(reply)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    try:
        yield Endpoint(host, port), commands
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        await server.wait_closed()
        await asyncio.sleep(0)


async def eventually(condition: Callable[[], bool]) -> None:
    """Wait for something that the test itself brought about."""
    while not condition():  # noqa: ASYNC110 - what is waited for has no event of its own
        await asyncio.sleep(0.001)
