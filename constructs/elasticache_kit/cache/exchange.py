"""Exchange: sends the commands of a cache through a client, blocking or for asyncio. What fails goes to the ledger."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from typing import TYPE_CHECKING, Any, TypeVar

from elasticache_kit.cache.command import Command, Delete, Dialect, Get, Pause, Sent, Step
from elasticache_kit.cache.connection import refuse_replica
from elasticache_kit.cache.failure import has_lost_its_cluster, is_of_the_cache
from elasticache_kit.cache.ledger import UnavailableError, getter, sender
from elasticache_kit.cache.memcached_store import AsyncMemcachedStore, MemcachedStore, is_of_memcached

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

    from elasticache_kit.cache.ledger import Ledger

R = TypeVar("R")


class Exchange:
    """Sends and waits; safe to use from several threads.

    Args:
        client: a client, or what makes one: called with the first command, and again where that fails.
        ledger: the state of the cache.

    Raises:
        ValidationError: the client reads from replicas, or decodes.
    """

    def __init__(self, client: Any, ledger: Ledger) -> None:
        self._ledger = ledger
        self._make: Callable[[], Any] | None = client if callable(client) else None
        self._made: Any = None
        self._send: Callable[[Sent], Any] | None = None
        # Reads a name and does no more; None until there is a client.
        self.get: Callable[[str], Any] | None = None
        self._lock = threading.Lock()
        if self._make is None:
            self._take(client)

    def fetch(self, name: str) -> bytes | None:
        """Read a name as it stands.

        Raises:
            UnavailableError: the cache did not answer.
        """
        get, ledger = self.get, self._ledger
        if get is None or ledger.owed or not ledger.breaker.quiet:
            return self.do(Get(name))
        try:
            return get(name)
        except Exception as error:
            raise self.failed(error) from error

    def run(self, steps: Generator[Step, Any, R]) -> R:
        """Go through the steps of a protocol and return what it returns.

        Raises:
            UnavailableError: the cache did not answer.
        """
        answer: Any = None
        while True:
            try:
                step = steps.send(answer)
            except StopIteration as done:
                return done.value
            if isinstance(step, Pause):
                time.sleep(step.seconds)
                answer = None
            else:
                answer = self.do(step)

    def do(self, command: Command) -> Any:
        """Send a command, after the invalidations that could not be sent before; that of its own key at any rate.

        Raises:
            UnavailableError: the cache did not answer.
        """
        ledger = self._ledger
        ledger.allow()
        if ledger.owed:
            self._pay(command.name)
        return self._send_one(command)

    def close(self) -> None:
        """Close the client where it was made here; the next command would make another one."""
        with self._lock:
            made, self._made = self._made, None
            if made is not None and self._make is not None:
                self._send = self.get = None
                made.close()

    def _pay(self, name: str) -> None:
        ledger = self._ledger
        for owed, mark in ledger.due(name):
            try:
                self._send_one(Delete(owed))
            except UnavailableError:
                ledger.postpone()
                if owed == name:
                    raise
                # Another node may answer, unless that was the trial of a cache that is left alone.
                return ledger.allow()
            ledger.paid(owed, mark)
        return None

    def _send_one(self, command: Command) -> Any:
        ledger = self._ledger
        send = self._send or self._connected()
        # Only now the dialect is known.
        sent = command.sent(ledger.dialect)
        try:
            try:
                answer = send(sent)
            except Exception as error:
                again = ledger.other_dialect(error, sent, command)
                if again is None:
                    raise
                answer = send(again)
        except Exception as error:
            raise self.failed(error, command) from error
        ledger.breaker.succeeded()
        return sent.read(answer)

    def failed(self, error: Exception, command: Command | None = None) -> UnavailableError:
        """Note that a client raised this, and return what to raise; one that has lost its cluster is made anew."""
        if has_lost_its_cluster(error):
            with contextlib.suppress(Exception):
                self.close()
        return self._ledger.failure(error, command)

    def _connected(self) -> Callable[[Sent], Any]:
        with self._lock:
            if self._send is None and self._make is not None:
                try:
                    made = self._make()
                except Exception as error:
                    if is_of_the_cache(error):
                        raise self._ledger.failure(error) from error
                    raise
                self._take(made)
            if self._send is None:
                raise UnavailableError
            return self._send

    def _take(self, client: Any) -> None:
        if is_of_memcached(client):
            client = MemcachedStore(client, self._ledger.policy)
            self._ledger.dialect = Dialect.MEMCACHED
        refuse_replica(client)
        self._made, self._send, self.get = client, sender(client), getter(client)


class AsyncExchange:
    """Sends and awaits, in one event loop; see `Exchange`.

    Args:
        client: a client for asyncio, or a coroutine function that makes one.
        ledger: the state of the cache.
    """

    def __init__(self, client: Any, ledger: Ledger) -> None:
        self._ledger = ledger
        self._make: Callable[[], Any] | None = client if callable(client) else None
        self._made: Any = None
        self._send: Callable[[Sent], Awaitable[Any]] | None = None
        self.get: Callable[[str], Awaitable[Any]] | None = None
        self._lock = asyncio.Lock()
        if self._make is None:
            self._take(client)

    async def fetch(self, name: str) -> bytes | None:
        """Read a name as it stands."""
        get, ledger = self.get, self._ledger
        if get is None or ledger.owed or not ledger.breaker.quiet:
            return await self.do(Get(name))
        try:
            return await get(name)
        except Exception as error:
            raise await self.failed(error) from error

    async def run(self, steps: Generator[Step, Any, R]) -> R:
        """Go through the steps of a protocol and return what it returns."""
        answer: Any = None
        while True:
            try:
                step = steps.send(answer)
            except StopIteration as done:
                return done.value
            if isinstance(step, Pause):
                await asyncio.sleep(step.seconds)
                answer = None
            else:
                answer = await self.do(step)

    async def do(self, command: Command) -> Any:
        """Send a command, after the invalidations that could not be sent before."""
        ledger = self._ledger
        ledger.allow()
        if ledger.owed:
            await self._pay(command.name)
        return await self._send_one(command)

    async def close(self) -> None:
        """Close the client where it was made here; the next command would make another one."""
        async with self._lock:
            made, self._made = self._made, None
            if made is not None and self._make is not None:
                self._send = self.get = None
                await (made.aclose() if hasattr(made, "aclose") else made.close())

    async def _pay(self, name: str) -> None:
        ledger = self._ledger
        for owed, mark in ledger.due(name):
            try:
                await self._send_one(Delete(owed))
            except UnavailableError:
                ledger.postpone()
                if owed == name:
                    raise
                return ledger.allow()
            ledger.paid(owed, mark)
        return None

    async def _send_one(self, command: Command) -> Any:
        ledger = self._ledger
        send = self._send or await self._connected()
        # Only now the dialect is known.
        sent = command.sent(ledger.dialect)
        try:
            try:
                answer = await send(sent)
            except Exception as error:
                again = ledger.other_dialect(error, sent, command)
                if again is None:
                    raise
                answer = await send(again)
        except Exception as error:
            raise await self.failed(error, command) from error
        ledger.breaker.succeeded()
        return sent.read(answer)

    async def failed(self, error: Exception, command: Command | None = None) -> UnavailableError:
        """Note that a client raised this, and return what to raise; one that has lost its cluster is made anew."""
        if has_lost_its_cluster(error):
            with contextlib.suppress(Exception):
                await self.close()
        return self._ledger.failure(error, command)

    async def _connected(self) -> Callable[[Sent], Awaitable[Any]]:
        async with self._lock:
            if self._send is None and self._make is not None:
                try:
                    made = await self._make()
                except Exception as error:
                    if is_of_the_cache(error):
                        raise self._ledger.failure(error) from error
                    raise
                self._take(made)
            if self._send is None:
                raise UnavailableError
            return self._send

    def _take(self, client: Any) -> None:
        if is_of_memcached(client):
            client = AsyncMemcachedStore(client, self._ledger.policy)
            self._ledger.dialect = Dialect.MEMCACHED
        refuse_replica(client)
        self._made, self._send, self.get = client, sender(client), getter(client)
