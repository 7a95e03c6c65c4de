"""The program: requests come as JSON lines on stdin, answers and questions go to stdout.

When stdin ends the emulator is gone and so is this process.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import itertools
import json
import resource
import socket
import ssl
import sys
from functools import partial
from typing import Any

from elasticache_kit.emulator.front.discovery import DiscoveringClient
from elasticache_kit.emulator.front.listener import Asker, Listener, Target
from elasticache_kit.emulator.front.passage import Client, SigningClient
from elasticache_kit.emulator.front.postgresql_gate import PostgreSQLGate
from elasticache_kit.emulator.front.reading import ReadingClient
from elasticache_kit.emulator.front.secured_server import SecuredServer
from elasticache_kit.emulator.front.stall import Stalls

BACKLOG = 1024

Message = dict[str, Any]
Place = tuple[str, int]


class Front:
    """All listeners, by address and port."""

    def __init__(self) -> None:
        self._listeners: dict[Place, Listener] = {}
        self._numbers = itertools.count(1)
        self._askers: dict[int, Asker] = {}
        self._stalls = Stalls()

    async def answer(self, request: Message) -> Message:
        """Do what a request asks for."""
        try:
            match request["op"]:
                case "listen":
                    await self._listen(request)
                case "change":
                    _change(self._listeners[_place(request)], request)
                case "unlisten":
                    self._unlisten(request)
                case "verdict":
                    self._askers.pop(request["question"]).answer(request["password"])
                case "stall":
                    self._stalls.stall(request["address"])
                case "release":
                    self._stalls.release(request["address"])
                case operation:
                    return {"id": request["id"], "error": f"there is no operation {operation}"}
        except (OSError, KeyError) as error:
            return {"id": request["id"], "error": f"{type(error).__name__}: {error}"}
        return {"id": request["id"], "result": {}}

    async def _listen(self, request: Message) -> None:
        listener = Listener(partial(self._ask, request["group"]), stalls=self._stalls)
        _change(listener, request)
        address, port = _place(request)
        if request["certificate"]:
            context = _context(request["certificate"], request["key"])
            listening = socket.create_server((address, port), backlog=BACKLOG)
            listening.setblocking(False)
            if request["postgresql"]:
                # Clients that begin with TLS at once ask for it by this name.
                context.set_alpn_protocols(["postgresql"])
                plain = bool(request["preferred"])
                listener.server = PostgreSQLGate(listening, lambda: _client(listener), context, plain=plain)
            else:
                peers = "" if request["preferred"] else request["peers"] or None
                listener.server = SecuredServer(listening, lambda: _client(listener), context, peers)
        else:
            listener.server = await asyncio.get_running_loop().create_server(
                lambda: _client(listener), address, port, backlog=BACKLOG
            )
        self._listeners[address, port] = listener

    def _unlisten(self, request: Message) -> None:
        listener = self._listeners.pop(_place(request), None)
        if listener is not None and listener.server is not None:
            listener.server.close()

    def _ask(self, group: str, user: str, token: str, asker: Asker) -> None:
        question = next(self._numbers)
        self._askers[question] = asker
        say({"event": "sign-in", "question": question, "group": group, "user": user, "token": token})


def _client(listener: Listener) -> Client:
    if listener.discovery is not None:
        return DiscoveringClient(listener)
    if listener.reading:
        return ReadingClient(listener)
    return SigningClient(listener) if listener.iam_users else Client(listener)


def _change(listener: Listener, request: Message) -> None:
    listener.targets = [Target(*place) for place in request["targets"]]
    listener.iam_users = frozenset(request["iam_users"])
    listener.discovery = request["discovery"]
    listener.reading = request["reading"]


def _context(certificate: str, key: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context


def _place(request: Message) -> Place:
    return request["address"], request["port"]


def say(message: Message) -> None:
    """Tell the emulator something."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


async def serve() -> None:
    """Serve until stdin ends."""
    front, requests = Front(), asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(requests), sys.stdin)
    async for line in requests:
        say(await front.answer(json.loads(line)))


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
