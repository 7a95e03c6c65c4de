"""The process that ends TLS before engines that cannot; run as a program of its own.

It listens on the addresses that clients know and passes bytes on to engines that listen in plain. Requests come as JSON
lines on stdin, answers go to stdout; when stdin ends the emulator is gone and so is this process.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import resource
import ssl
import sys
from typing import Any, cast

HANDSHAKE_TIMEOUT = 10.0
SHUTDOWN_TIMEOUT = 1.0
BACKLOG = 1024

Target = tuple[str, int]


class Half(asyncio.Protocol):
    """One side of a passage: hands what it reads to the other side, and slows down with it."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.other: Half | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Pass bytes on."""
        if self.other is not None and self.other.transport is not None:
            self.other.transport.write(data)

    def pause_writing(self) -> None:
        """Read no more on the other side while this one is full."""
        if self.other is not None and self.other.transport is not None:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        """Read on."""
        if self.other is not None and self.other.transport is not None:
            self.other.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Close the other side after what it still has to write."""
        del exc
        self.transport = None
        if self.other is not None and self.other.transport is not None:
            self.other.transport.close()


class Client(Half):
    """A client's side, once its handshake is over."""

    def __init__(self, listener: Listener) -> None:
        super().__init__()
        self._listener = listener
        self._early: list[bytes] = []
        self._connecting: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connect to the engine that the address leads to now."""
        super().connection_made(transport)
        self._connecting = asyncio.get_running_loop().create_task(self._connect())

    def data_received(self, data: bytes) -> None:
        """Pass bytes on, or keep them until the engine is connected."""
        if self.other is None:
            self._early.append(data)
        else:
            super().data_received(data)

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            _, engine = await loop.create_connection(Half, *self._listener.target)
        except OSError:
            if self.transport is not None:
                self.transport.abort()
            return
        engine.other, self.other = self, engine
        if self.transport is None:  # the client has left meanwhile
            if engine.transport is not None:
                engine.transport.close()
            return
        if engine.transport is not None:
            engine.transport.writelines(self._early)
        self._early.clear()


class Listener:
    """An address that clients connect to.

    Args:
        server: the listening socket.
        target: the engine that new connections go to.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self.server: asyncio.Server | None = None


class Front:
    """All listeners, by address and port."""

    def __init__(self) -> None:
        self._listeners: dict[Target, Listener] = {}

    async def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what a request asks for."""
        try:
            match request["op"]:
                case "listen":
                    await self._listen(request)
                case "retarget":
                    self._listeners[_place(request)].target = _target(request)
                case "unlisten":
                    self._unlisten(request)
                case operation:
                    return {"id": request["id"], "error": f"there is no operation {operation}"}
        except (OSError, KeyError) as error:
            return {"id": request["id"], "error": f"{type(error).__name__}: {error}"}
        return {"id": request["id"], "result": {}}

    async def _listen(self, request: dict[str, Any]) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(request["certificate"], request["key"])
        listener = Listener(_target(request))
        address, port = _place(request)
        listener.server = await asyncio.get_running_loop().create_server(
            lambda: Client(listener),
            address,
            port,
            ssl=context,
            backlog=BACKLOG,
            ssl_handshake_timeout=HANDSHAKE_TIMEOUT,
            ssl_shutdown_timeout=SHUTDOWN_TIMEOUT,
        )
        self._listeners[address, port] = listener

    def _unlisten(self, request: dict[str, Any]) -> None:
        listener = self._listeners.pop(_place(request), None)
        if listener is not None and listener.server is not None:
            listener.server.close()


def _place(request: dict[str, Any]) -> Target:
    return request["address"], request["port"]


def _target(request: dict[str, Any]) -> Target:
    address, port = request["target"]
    return address, port


async def serve() -> None:
    """Serve until stdin ends."""
    front, requests = Front(), asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(requests), sys.stdin)
    async for line in requests:
        sys.stdout.write(json.dumps(await front.answer(json.loads(line))) + "\n")
        sys.stdout.flush()


def main() -> None:
    """Run on uvloop where it is installed: it takes half the time per byte."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    factory: Any = None
    with contextlib.suppress(ImportError):
        factory = importlib.import_module("uvloop").new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner, contextlib.suppress(BrokenPipeError):
        runner.run(serve())


if __name__ == "__main__":
    main()
