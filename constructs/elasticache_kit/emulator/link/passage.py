"""A connection that is passed on, with what the engine sends held back for a fixed time."""

from __future__ import annotations

import asyncio
from collections import deque
from functools import partial
from typing import cast

# What is held for one connection before no more is read: more than a second of all that an engine replicates.
MOST_BYTES = 256 * 1024 * 1024
# What an engine says before it streams to a replica. The questions before that are answered without delay: else a
# replica would need many times its lag to begin.
STREAMING = (b"+CONTINUE", b"+FULLRESYNC")


class Half(asyncio.Protocol):
    """One side of a passage: what it reads goes to the other side after a delay, in order.

    A side that ends takes with it what is still on the way: a machine that dies does not send the rest.

    Args:
        delay: seconds from reading to writing; 0 passes on at once.
        stream: seconds instead once a replication stream begins; the same all the time when omitted.
    """

    def __init__(self, delay: float = 0.0, stream: float = 0.0) -> None:
        self._delay, self._stream = delay, stream
        self.transport: asyncio.Transport | None = None
        self.other: Half | None = None
        self._held: deque[tuple[float, bytes]] = deque()
        self._bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._full = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Hold bytes back, or pass them on."""
        if self._stream and any(word in data for word in STREAMING):
            self._delay, self._stream = self._stream, 0.0
        if not self._delay and not self._held and self.other is not None:
            self._write(data)
            return
        loop = asyncio.get_running_loop()
        self._held.append((loop.time() + self._delay, data))
        self._bytes += len(data)
        self._pace()
        self._plan(loop)

    def join(self, other: Half) -> None:
        """Know the other side; what came before it goes there."""
        self.other = other
        self._plan(asyncio.get_running_loop())

    def pause_writing(self) -> None:
        """Read no more on the other side while this one is full."""
        if self.other is not None:
            self.other.hold_reading(full=True)

    def resume_writing(self) -> None:
        """Read on."""
        if self.other is not None:
            self.other.hold_reading(full=False)

    def hold_reading(self, *, full: bool) -> None:
        """Read no more while the other side takes no more, or while too much is held."""
        self._full = full
        self._pace()

    def connection_lost(self, exc: Exception | None) -> None:
        """End the other side at once; what was held is lost."""
        del exc
        self.transport = None
        self._held.clear()
        if self._timer is not None:
            self._timer.cancel()
        if self.other is not None and self.other.transport is not None:
            self.other.transport.abort()

    def _plan(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._held and self._timer is None and self.other is not None:
            self._timer = loop.call_at(self._held[0][0], self._release)

    def _release(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        now = loop.time()
        while self._held and self._held[0][0] <= now:
            _, data = self._held.popleft()
            self._bytes -= len(data)
            self._write(data)
        self._pace()
        self._plan(loop)

    def _write(self, data: bytes) -> None:
        if self.other is not None and self.other.transport is not None:
            self.other.transport.write(data)

    def _pace(self) -> None:
        if self.transport is None:
            return
        if self._full or self._bytes > MOST_BYTES:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()


class Caller(Half):
    """The side of whoever connects; it is connected with the engine from its own address.

    Args:
        listener: where it connected.
    """

    def __init__(self, listener: Listener) -> None:
        super().__init__()
        self._listener = listener
        self._connecting: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connect with the engine."""
        super().connection_made(transport)
        source = transport.get_extra_info("peername")[0]
        self._listener.callers.add(self)
        self._connecting = asyncio.get_running_loop().create_task(self._connect(source))

    def connection_lost(self, exc: Exception | None) -> None:
        """End the other side."""
        self._listener.callers.discard(self)
        super().connection_lost(exc)

    def abort(self) -> None:
        """End the connection."""
        if self.transport is not None:
            self.transport.abort()

    async def _connect(self, source: str) -> None:
        try:
            # An engine knows its replicas by the address that they come from.
            _, engine = await asyncio.get_running_loop().create_connection(
                partial(Half, *self._listener.delays(source)), *self._listener.target, local_addr=(source, 0)
            )
        except OSError:
            self.abort()
            return
        if self.transport is None:  # it has left meanwhile
            if engine.transport is not None:
                engine.transport.abort()
            return
        engine.join(self)
        self.join(engine)


class Listener:
    """An address that is listened on for an engine.

    Args:
        target: the engine.
        streams: seconds that a replication stream takes, by the address that the replica comes from.
        default: seconds that each answer takes to every other address.
    """

    def __init__(self, target: tuple[str, int], streams: dict[str, float], default: float) -> None:
        self.target, self._streams, self._default = target, streams, default
        self.callers: set[Caller] = set()
        self.server: asyncio.Server | None = None

    def delays(self, source: str) -> tuple[float, float]:
        """Say how long each answer takes, and a replication stream, to whoever comes from an address."""
        if source in self._streams:
            return 0.0, self._streams[source]
        return self._default, 0.0

    def cut(self) -> None:
        """End all connections; what was held is lost."""
        for caller in tuple(self.callers):
            caller.abort()

    def close(self) -> None:
        """Listen no longer, and end all connections."""
        if self.server is not None:
            self.server.close()
        self.cut()
