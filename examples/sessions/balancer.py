"""A load balancer of few lines: each request goes to the next instance, whoever sends it. For this machine only."""

from __future__ import annotations

import asyncio
import itertools
import re
import threading
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
PATIENCE_SECONDS = 10
MOST_BYTES = 64 * 1024
NOBODY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CONNECTION = re.compile(rb"\r\nconnection:[^\r]*", re.IGNORECASE)


class Balancer:
    """Listens on the loopback address while the block lasts, in a thread of its own.

    Args:
        ports: where the instances listen.
        port: where to listen. Default: at a free port.
    """

    def __init__(self, ports: Sequence[int], port: int = 0) -> None:
        self._ports, self._turn = ports, itertools.count()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="balancer")
        self._port = port
        self._server: asyncio.Server | None = None
        self._answering: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            starting = asyncio.start_server(self._answer, HOST, self._port, limit=MOST_BYTES)
            self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    @property
    def url(self) -> str:
        """Where it listens."""
        assert self._server is not None, "it listens inside its block"  # noqa: S101 - a mistake of this example
        return f"http://{HOST}:{self._server.sockets[0].getsockname()[1]}"

    def _end(self) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._answering:
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - this runs in one
        self._answering.add(task)
        try:
            # Cancelled at the end: asyncio would tell of a handler that is, as of an error.
            with suppress(OSError, EOFError, TimeoutError, asyncio.LimitOverrunError, asyncio.CancelledError):
                await self._pass_on(reader, writer)
        finally:
            self._answering.discard(task)
            writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(head)
            body = await reader.readexactly(min(int(length[1]), MOST_BYTES)) if length else b""
        # One request for each connection: the next one is for the next instance.
        head = _CONNECTION.sub(b"", head)[:-4] + b"\r\nConnection: close\r\n\r\n"
        for port in self._in_turn():
            try:
                from_instance, to_instance = await asyncio.open_connection(HOST, port)
            except OSError:
                continue
            try:
                to_instance.write(head + body)
                while part := await from_instance.read(MOST_BYTES):
                    writer.write(part)
                    await writer.drain()
            finally:
                to_instance.close()
            return
        writer.write(NOBODY)
        await writer.drain()

    def _in_turn(self) -> list[int]:
        """Return the ports, beginning with the one whose turn it is: an instance that is away is passed over."""
        first = next(self._turn) % len(self._ports)
        return [*self._ports[first:], *self._ports[:first]]
