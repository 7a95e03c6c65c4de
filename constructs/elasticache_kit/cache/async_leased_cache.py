"""AsyncLeasedCache: the same as LeasedCache for asyncio, over valkey-py or valkey-glide.

cache = AsyncLeasedCache.from_env(Policy(prefix="orders"))

order = await cache.read("order:7", lambda: load_order(7))
...
await session.commit()
await cache.invalidate("order:7")
"""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from elasticache_kit.cache.command import Delete
from elasticache_kit.cache.connection import Driver, tight_client
from elasticache_kit.cache.entry import PICKLE, Entry, Serializer
from elasticache_kit.cache.exchange import AsyncExchange
from elasticache_kit.cache.lease import UNKNOWN
from elasticache_kit.cache.ledger import LOG, MISSING, Ledger, UnavailableError, UnreadableError, now_milliseconds
from elasticache_kit.cache.metric import Event, Metrics
from elasticache_kit.model.environment import PREFIX

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from elasticache_kit.cache.breaker import Breaker
    from elasticache_kit.cache.policy import Policy

V = TypeVar("V")
R = TypeVar("R")


class AsyncLeasedCache:
    """A cache of a database for one event loop; see `LeasedCache`, whose words hold here too.

    Args:
        client: an asyncio client of valkey-py, redis-py or valkey-glide that does not decode, of emcache, or a
            coroutine function that makes one.
        policy: prefix, times and limits.
        serializer: how values become bytes. Default: PICKLE.
        metrics: takes the counts. Default: plain numbers, in `metrics`.
        breaker: leaves a cache alone that does not answer. Default: after 3 failures in a row, for a second.

    Raises:
        ValidationError: the client reads from replicas.
    """

    def __init__(
        self,
        client: Any,
        policy: Policy,
        *,
        serializer: Serializer = PICKLE,
        metrics: Metrics | None = None,
        breaker: Breaker | None = None,
    ) -> None:
        self.ledger = Ledger(policy, serializer, metrics, breaker)
        self._exchange = AsyncExchange(client, self.ledger)
        self._fallback = asyncio.BoundedSemaphore(policy.fallback_limit)

    @classmethod
    def from_env(
        cls,
        policy: Policy,
        *,
        environ: Mapping[str, str] | None = None,
        prefix: str = PREFIX,
        library: Driver = "valkey",
        **options: Any,
    ) -> AsyncLeasedCache:
        """Return a cache over the client that the environment describes, with tight timeouts; see `connect`.

        Raises:
            ValidationError: the environment is wrong; a cache that does not answer is no error.
        """
        return cls(tight_client(environ, prefix, library, policy, in_loop=True), policy, **options)

    @property
    def metrics(self) -> Metrics:
        """What was counted."""
        return self.ledger.metrics

    async def read(self, key: str, load: Callable[[], Awaitable[V]]) -> V:
        """Return the value of a key, loaded where the cache has none; see `LeasedCache.read`."""
        ledger, get = self.ledger, self._exchange.get
        name, found = ledger.policy.name(key), UNKNOWN
        try:
            if get is None or ledger.owed or not ledger.breaker.quiet:
                raw = await self._exchange.fetch(name)
            else:
                # The way of a hit: what `fetch` does, without the call.
                try:
                    raw = await get(name)
                except Exception as error:
                    raise await self._exchange.failed(error) from error
            value = ledger.quick_hit(raw)
            if value is not MISSING:
                return value
            found = await self._exchange.run(ledger.leases.take(name, raw))
            if found.entry is not None and found.held is None:
                return ledger.hit(name, found.entry, waited=found.waited)
        except UnreadableError:
            await self.forget(name)
        except UnavailableError:
            pass
        if found.held is None:
            return await self._fall_back(load)
        if found.entry is not None:
            return await self._refresh(key, name, found.entry, found.held, load)
        ledger.metrics.count(Event.MISS)
        return await self._load(key, name, found.held, load)

    async def invalidate(self, key: str) -> bool:
        """Forget a key, after the commit that changed it; see `LeasedCache.invalidate`."""
        return await self.forget(self.ledger.policy.name(key))

    async def forget(self, name: str) -> bool:
        """Remove a name, see `invalidate`."""
        try:
            await self._exchange.do(Delete(name))
        except BaseException as error:
            # Also where this task is cancelled: what was committed must not stay in the cache.
            self.ledger.owe(name)
            if isinstance(error, UnavailableError):
                return False
            raise
        self.ledger.metrics.count(Event.INVALIDATION)
        return True

    async def write(self, key: str, commit: Callable[[], Awaitable[V]]) -> V:
        """Write through; see `LeasedCache.write`."""
        ledger = self.ledger
        name = ledger.policy.name(key)
        held = b""
        try:
            held = await self._exchange.run(ledger.leases.seize(name))
        except UnavailableError:
            ledger.metrics.count(Event.FALLBACK)
        entry: Entry | None = None
        begun = now_milliseconds()
        try:
            value = await commit()
            entry = ledger.entry(key, value, begun)
            return value
        finally:
            # Also where it failed or was cancelled: nobody knows whether it was committed.
            try:
                filled = await self._exchange.run(ledger.leases.settle(name, held, entry if held else None))
                ledger.metrics.count(Event.FILL if filled else Event.FENCED)
            except BaseException as error:
                ledger.owe(name)
                if not isinstance(error, UnavailableError):
                    raise

    def cached(self, key: Callable[..., str]) -> Callable[[Callable[..., Awaitable[R]]], AsyncCached[R]]:
        """Decorate a coroutine function that loads; it gets a method `invalidate` with the same arguments.

        Args:
            key: makes the key of the arguments.
        """
        return lambda function: AsyncCached(self, key, function)

    async def close(self) -> None:
        """Close the client where this cache has made it."""
        await self._exchange.close()

    async def _fall_back(self, load: Callable[[], Awaitable[V]]) -> V:
        self.ledger.metrics.count(Event.FALLBACK)
        async with self._fallback:
            self.ledger.metrics.count(Event.LOAD)
            return await load()

    async def _load(self, key: str, name: str, held: bytes, load: Callable[[], Awaitable[V]]) -> V:
        kept, begun = False, now_milliseconds()
        try:
            self.ledger.metrics.count(Event.LOAD)
            value = await load()
            entry = self.ledger.entry(key, value, begun)
            kept = True
        finally:
            if not kept:
                await self._give_back(name, held)
        try:
            filled = await self._exchange.run(self.ledger.leases.fill(name, held, entry))
        except UnavailableError:
            self.ledger.not_filled(name, held)
            return value
        self.ledger.metrics.count(Event.FILL if filled else Event.FENCED)
        return value

    async def _give_back(self, name: str, held: bytes) -> None:
        try:
            await self._exchange.run(self.ledger.leases.give_back(name, held))
        except UnavailableError:
            self.ledger.not_filled(name, held)

    async def _refresh(self, key: str, name: str, entry: Entry, held: bytes, load: Callable[[], Awaitable[V]]) -> V:
        self.ledger.metrics.count(Event.REFRESH)
        try:
            return await self._load(key, name, held, load)
        except Exception as error:  # noqa: BLE001 - whatever the loader raises
            # Nobody has invalidated what we have.
            self.ledger.metrics.count(Event.REFRESH_FAILED)
            LOG.warning("%s could not be refreshed and is kept: %s: %s", name, type(error).__name__, error)
            return self.ledger.value(name, entry)


class AsyncCached(Generic[R]):
    """A coroutine function whose results are cached.

    Args:
        cache: where.
        key: makes the key of the arguments.
        function: loads.
    """

    def __init__(self, cache: AsyncLeasedCache, key: Callable[..., str], function: Callable[..., Awaitable[R]]) -> None:
        self._cache, self._key, self._function = cache, key, function
        functools.update_wrapper(self, function)

    async def __call__(self, *arguments: Any, **named: Any) -> R:
        """Return the cached result for these arguments."""
        return await self._cache.read(self._key(*arguments, **named), lambda: self._function(*arguments, **named))

    async def invalidate(self, *arguments: Any, **named: Any) -> bool:
        """Forget the result for these arguments, after the commit that changed it."""
        return await self._cache.invalidate(self._key(*arguments, **named))
