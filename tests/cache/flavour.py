"""A leased cache in either flavour under one face, so that a test is written once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from elasticache_kit.cache import AsyncLeasedCache, Breaker, Counts, Event, LeasedCache, Patience, Policy, connect
from elasticache_kit.cache import connect_async as connect_in_loop

FLAVOURS = ("blocking", "asyncio")
TIMEOUT = 0.1
PATIENCE = Patience(connect_timeout=TIMEOUT, timeout=TIMEOUT, retries=0)


class Either(Protocol):
    """What both can do."""

    def read(self, key: str, load: Callable[[], Any]) -> Any:
        """Read."""
        ...

    def invalidate(self, key: str) -> bool:
        """Forget."""
        ...

    def write(self, key: str, commit: Callable[[], Any]) -> Any:
        """Write through."""
        ...

    def counted(self, event: Event) -> int:
        """Return a count."""
        ...

    @property
    def breaker(self) -> Breaker:
        """What leaves the cache alone."""
        ...

    @property
    def owed(self) -> int:
        """How many invalidations could not be sent yet."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


class Blocking:
    """LeasedCache.

    Args:
        cache: it.
    """

    def __init__(self, cache: LeasedCache) -> None:
        self.cache = cache
        self.read, self.invalidate, self.write, self.close = cache.read, cache.invalidate, cache.write, cache.close

    def counted(self, event: Event) -> int:
        """Return a count."""
        return counted(self.cache, event)

    @property
    def breaker(self) -> Breaker:
        """What leaves the cache alone."""
        return self.cache.ledger.breaker

    @property
    def owed(self) -> int:
        """How many invalidations could not be sent yet."""
        return len(self.cache.ledger.owed)


class InLoop:
    """AsyncLeasedCache in an event loop of its own.

    Args:
        make: makes it, in that loop.
    """

    def __init__(self, make: Callable[[], AsyncLeasedCache]) -> None:
        self._runner = asyncio.Runner()
        self.cache = self._runner.run(self._made(make))

    @staticmethod
    async def _made(make: Callable[[], AsyncLeasedCache]) -> AsyncLeasedCache:
        return make()

    def read(self, key: str, load: Callable[[], Any]) -> Any:
        """Read."""
        return self._runner.run(self.cache.read(key, partial(_awaited, load)))

    def invalidate(self, key: str) -> bool:
        """Forget."""
        return self._runner.run(self.cache.invalidate(key))

    def write(self, key: str, commit: Callable[[], Any]) -> Any:
        """Write through."""
        return self._runner.run(self.cache.write(key, partial(_awaited, commit)))

    def counted(self, event: Event) -> int:
        """Return a count."""
        return counted(self.cache, event)

    @property
    def breaker(self) -> Breaker:
        """What leaves the cache alone."""
        return self.cache.ledger.breaker

    @property
    def owed(self) -> int:
        """How many invalidations could not be sent yet."""
        return len(self.cache.ledger.owed)

    def close(self) -> None:
        """Close it, and the loop."""
        self._runner.run(self.cache.close())
        self._runner.close()


def open_cache(
    flavour: str,
    environ: dict[str, str],
    policy: Policy,
    *,
    failures: int = 2,
    pause: float = 0.05,
    timeout: float = TIMEOUT,
) -> Either:
    """Return a cache that gives up soon, and tries again soon."""
    patience = Patience(connect_timeout=timeout, timeout=timeout, retries=0)
    breaker = Breaker(failures=failures, pause=pause)
    if flavour == "blocking":
        client = partial(connect, environ=environ, patience=patience, check=False)
        return Blocking(LeasedCache(client, policy, breaker=breaker))
    client = partial(connect_in_loop, environ=environ, patience=patience, check=False)
    return InLoop(lambda: AsyncLeasedCache(client, policy, breaker=breaker))


async def _awaited(call: Callable[[], Any]) -> Any:
    await asyncio.sleep(0)
    return call()


def counted(cache: LeasedCache | AsyncLeasedCache, event: Event) -> int:
    """Return a count."""
    assert isinstance(cache.metrics, Counts)
    return cache.metrics[event]
