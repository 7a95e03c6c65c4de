"""A client's connection and the engine's, and the bytes between them."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable
from typing import cast

from elasticache_kit.emulator.front.command_stream import CommandStream, SignInCommand
from elasticache_kit.emulator.front.listener import Asker, Listener, Target


class Half(asyncio.Protocol):
    """One side of a passage: hands what it reads to the other side, and slows down with it."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.other: Half | None = None
        self.stalled = False

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
        if self.other is not None and self.other.transport is not None and not self.other.stalled:
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
        self.listener = listener
        self._early: list[bytes] = []
        self._connecting: asyncio.Task[None] | None = None
        self._engine: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connect to an engine that the address leads to now."""
        super().connection_made(transport)
        self._connecting = asyncio.get_running_loop().create_task(self._connect())

    def data_received(self, data: bytes) -> None:
        """Pass bytes on, or keep them until the engine is connected."""
        if self.other is None:
            self._early.append(data)
        else:
            super().data_received(data)

    async def _connect(self) -> None:
        engine = await self._reach()
        if engine is None:
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
        self.begin()

    def begin(self) -> None:
        """Do what is due before anything else passes: nothing."""

    def _engine_side(self) -> Half:
        """Make the other side."""
        return Half()

    def connection_lost(self, exc: Exception | None) -> None:
        """Close the engine's side."""
        if self._engine is not None:
            self.listener.stalls.leave(self._engine, self)
            self._engine = None
        super().connection_lost(exc)

    def stall(self, *, stalled: bool) -> None:
        """Read nothing from either side, or go on."""
        for half in (self, self.other):
            if half is None or half.transport is None:
                continue
            half.stalled = stalled
            if stalled:
                half.transport.pause_reading()
            else:
                half.transport.resume_reading()

    async def _reach(self) -> Half | None:
        for target in self.listener.next_targets():
            await self.listener.stalls.passable(target.address)
            engine = await _beside(target, self._engine_side) or await _at(target, self._engine_side)
            if engine is None:
                continue
            if self.transport is not None:
                self._engine = target.address
                self.listener.stalls.enter(target.address, self)
            return engine
        return None


async def _at(target: Target, make: Callable[[], Half]) -> Half | None:
    """Connect to an engine's address; None where nobody listens there."""
    try:
        _, engine = await asyncio.get_running_loop().create_connection(make, target.address, target.port)
    except OSError:
        return None
    return engine


async def _beside(target: Target, make: Callable[[], Half]) -> Half | None:
    """Connect to an engine's Unix socket; None where it has none, or nobody listens there."""
    if not target.socket:
        return None
    folder, name = os.path.split(target.socket)
    try:
        # The path of such a socket has a hundred characters at most, that of the folder may have more.
        held = os.open(folder, os.O_PATH)
    except OSError:
        return None
    try:
        _, engine = await asyncio.get_running_loop().create_unix_connection(make, f"/proc/self/fd/{held}/{name}")
    except OSError:
        return None
    finally:
        os.close(held)
    return engine


class SigningClient(Client, Asker):
    """A client whose sign-ins with IAM tokens are held until the emulator has looked at the token."""

    def __init__(self, listener: Listener) -> None:
        super().__init__(listener)
        self._stream = CommandStream()
        self._queue: deque[bytes | SignInCommand] = deque()
        self._held: SignInCommand | None = None

    def data_received(self, data: bytes) -> None:
        """Pass on what is no sign-in of an IAM user."""
        try:
            self._queue.extend(self._stream.feed(data))
        except ValueError:
            # Not the protocol. An engine closes such a connection, too.
            if self.transport is not None:
                self.transport.abort()
            return
        self._go_on()

    def answer(self, password: str) -> None:
        """Sign in with what the emulator says: the engine then answers as it does to right and wrong passwords."""
        if self._held is not None:
            command, self._held = self._held, None
            self._sign_in(command.with_password(password))
            self._go_on()

    def _sign_in(self, data: bytes) -> None:
        super().data_received(data)

    def _ready(self) -> bool:
        return True

    def _go_on(self) -> None:
        while self._queue and self._held is None and self._ready():
            item = self._queue.popleft()
            if isinstance(item, bytes):
                super().data_received(item)
            elif item.credentials is not None and item.credentials[0] in self.listener.iam_users:
                self._held = item
                self.listener.ask(*item.credentials, self)
            else:
                self._sign_in(item.encoded)
