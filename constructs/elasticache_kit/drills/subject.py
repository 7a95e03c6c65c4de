"""The process of a client under test: the same load as the reference's, through a library that applications use.

Run by `runner` beside the instrument. It is given an `Order`, tells when the client is connected, and hands over what
it logged when it is told to end.
"""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from elasticache_kit.drills import client, pipe
from elasticache_kit.drills.access import Renewed
from elasticache_kit.drills.history import Action, History
from elasticache_kit.drills.operation import Kind
from elasticache_kit.drills.schedule import pace

if TYPE_CHECKING:
    from elasticache_kit.drills.client import Client, Target
    from elasticache_kit.drills.key import KeySpace
    from elasticache_kit.drills.verdict import Finding

# An application has a pool, and beyond it work waits or is shed. Here it is shed, and counted.
MOST_PENDING = 128
_DRAIN_SECONDS = 6.0
_PULSE_SECONDS = 0.05
_WINDOW_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a client under test is to do.

    Args:
        name: the client's name, or the path of its factory.
        target: what it connects to.
        keys: where it writes, by node group.
        rate: writes a second in each node group, and as many reads.
        time_to_live_seconds: after which its keys vanish, should nobody remove them.
    """

    name: str
    target: Target
    keys: dict[str, KeySpace]
    rate: float
    time_to_live_seconds: int


@dataclass(frozen=True, slots=True)
class Connected:
    """The client is connected and its load is up."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the process of a client hands over.

    Args:
        history: its log.
        failure: why there was no load; None where there was.
        cpu_share: how much of a core it took.
        starved_seconds: for how much of a second, at most, the machine left it no time while it wanted some.
    """

    history: History
    failure: str | None = None
    cpu_share: float = 0.0
    starved_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What became of a client under test.

    Args:
        name: the client's name.
        version: the version of its library; None where it is not known.
        settings: whose settings it had.
        history: its log.
        findings: what the checkers found in it.
        failure: why there was no load; None where there was.
        cpu_share: how much of a core it took.
        starved_seconds: for how much of a second, at most, the machine left it no time while it wanted some.
    """

    name: str
    version: str | None
    settings: str
    history: History
    findings: tuple[Finding, ...] = ()
    failure: str | None = None
    cpu_share: float = 0.0
    starved_seconds: float = 0.0


@dataclass
class Load:
    """The load of one client.

    Args:
        order: what it is to do.
        client: the client, connected.
        life: the argument with which its keys expire.
    """

    order: Order
    client: Client
    life: dict[str, Any]
    history: History = field(default_factory=History)
    pending: dict[str, int] = field(default_factory=dict[str, int])
    tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    starved_seconds: float = 0.0

    async def run(self, stopping: asyncio.Event) -> None:
        """Ask until told to stop, and wait for what is under way."""
        works = (
            self._work(group, keys, action, stopping)
            for group, keys in self.order.keys.items()
            for action in (Action.WRITE, Action.READ)
        )
        await asyncio.gather(*works, self._pulse(stopping))
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=_DRAIN_SECONDS)
        for task in self.tasks:
            task.cancel()

    async def _pulse(self, stopping: asyncio.Event) -> None:
        """Tell a machine that leaves no time from a library that takes all of it: in the one case none is used."""
        # A busy machine takes the time away in many small pieces: what counts is their sum in a second.
        window: deque[tuple[float, float]] = deque()
        while not stopping.is_set():
            wall, used = time.monotonic(), time.thread_time()
            await asyncio.sleep(_PULSE_SECONDS)
            now = time.monotonic()
            window.append((wall, max(0.0, now - wall - _PULSE_SECONDS - (time.thread_time() - used))))
            while window[0][0] < now - _WINDOW_SECONDS and len(window) > 1:
                window.popleft()
            self.starved_seconds = max(self.starved_seconds, sum(taken for _, taken in window))

    async def _work(self, group: str, keys: KeySpace, action: Action, stopping: asyncio.Event) -> None:
        number = 0
        async for intended in pace(self.order.rate, stopping):
            number += 1
            operation = self.history.invoke(action, group, intended, number if action is Action.WRITE else None)
            if self.pending.get(group, 0) >= MOST_PENDING:
                self.history.complete(action, group, operation, Kind.FAIL, error="shed")
                continue
            self.pending[group] = self.pending.get(group, 0) + 1
            asked = (
                self.client.set(keys.register, str(number), **self.life)
                if action is Action.WRITE
                else self.client.get(keys.register)
            )
            task = asyncio.create_task(self._one(asked, action, group, operation))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _one(self, asked: Awaitable[object], action: Action, group: str, operation: int) -> None:
        try:
            answer = await asked
        except Exception as error:  # noqa: BLE001 - libraries raise what they like, also errors of their own making
            self.history.complete(action, group, operation, Kind.INFO, error=type(error).__name__)
        else:
            text = answer.decode() if isinstance(answer, bytes) else answer
            number = int(text) if action is Action.READ and isinstance(text, str) and text.isdigit() else None
            self.history.complete(action, group, operation, Kind.OK, number=number)
        finally:
            self.pending[group] -= 1


async def _main(order: Order, commands: Any, tell: Callable[[object], None]) -> None:
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    connected: list[Client] = []
    renewing: list[asyncio.Task[None]] = []

    def renew(password: str) -> None:
        order.target.renew(password)
        renewing.extend(asyncio.create_task(client.renew(one, password)) for one in connected)

    def listen() -> None:
        with suppress(RuntimeError):
            while isinstance(message := pipe.receive(commands), Renewed):
                loop.call_soon_threadsafe(renew, message.password)
            loop.call_soon_threadsafe(stopping.set)

    threading.Thread(target=listen, daemon=True).start()
    # What a library lets slip in a task of its own is its business, not a line on the user's terminal.
    loop.set_exception_handler(_ignore)
    try:
        made = await client.find(order.name).make(order.target)
    except Exception as error:  # noqa: BLE001 - whatever keeps a client from connecting is what is told of it
        tell(Told(History(), f"{type(error).__name__}: {error}"))
        return
    connected.append(made)
    load = Load(order, made, client.expiring(made, order.time_to_live_seconds))
    wall, cpu = time.monotonic(), time.process_time()
    running = asyncio.create_task(load.run(stopping))
    tell(Connected())
    await running
    share = (time.process_time() - cpu) / (time.monotonic() - wall)
    await _remove(load)
    tell(Told(load.history, None, share, load.starved_seconds))


def _ignore(_loop: asyncio.AbstractEventLoop, _context: dict[str, Any]) -> None:
    pass


async def _remove(load: Load) -> None:
    # A client that did not come back cannot remove its keys: they expire.
    for keys in load.order.keys.values():
        with suppress(Exception):
            async with asyncio.timeout(1):
                await client.remove(load.client, keys.register)


def main() -> None:
    """Work on the order that comes on standard input."""
    gc.disable()
    commands, messages = pipe.ends(quiet=True)

    def tell(message: object) -> None:
        with suppress(OSError):
            pipe.send(messages, message)

    order = pipe.receive(commands)
    if isinstance(order, Order):
        asyncio.run(_main(order, commands, tell))
    # Past the interpreter's own farewell, which waits for what a library left running.
    os._exit(0)
