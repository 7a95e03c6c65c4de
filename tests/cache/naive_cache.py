"""The negative control of the race: cache-aside as it is usually written, delete after commit."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import emcache


class NaiveCache:
    """Get, else load and set; delete after commit.

    Args:
        client: a client of valkey-py.
    """

    def __init__(self, client: Any) -> None:
        self.client = client

    def read(self, key: str, load: Callable[[], Any]) -> Any:
        """Get, else load and set."""
        raw = self.client.get(f"naive:{key}")
        if raw is not None:
            return int(raw)
        value = load()
        self.client.set(f"naive:{key}", value, px=60_000)
        return value

    def invalidate(self, key: str) -> None:
        """Delete."""
        self.client.delete(f"naive:{key}")


class AsyncNaiveCache:
    """The same for asyncio."""

    def __init__(self, client: Any) -> None:
        self.client = client

    async def read(self, key: str, load: Callable[[], Awaitable[Any]]) -> Any:
        """Get, else load and set."""
        raw = await self.client.get(f"naive:{key}")
        if raw is not None:
            return int(raw)
        value = await load()
        await self.client.set(f"naive:{key}", value, px=60_000)
        return value

    async def invalidate(self, key: str) -> None:
        """Delete."""
        await self.client.delete(f"naive:{key}")


class MemcachedNaiveCache:
    """The same over Memcached.

    Args:
        client: a client of pymemcache.
    """

    def __init__(self, client: Any) -> None:
        self.client = client

    def read(self, key: str, load: Callable[[], Any]) -> Any:
        """Get, else load and set."""
        raw = self.client.get(f"naive:{key}")
        if raw is not None:
            return int(raw)
        value = load()
        self.client.set(f"naive:{key}", str(value).encode(), expire=60, noreply=False)
        return value

    def invalidate(self, key: str) -> None:
        """Delete."""
        self.client.delete(f"naive:{key}", noreply=False)


class AsyncMemcachedNaiveCache:
    """The same for asyncio.

    Args:
        client: a client of emcache.
    """

    def __init__(self, client: Any) -> None:
        self.client = client

    async def read(self, key: str, load: Callable[[], Awaitable[Any]]) -> Any:
        """Get, else load and set."""
        name = f"naive:{key}".encode()
        found = await self.client.get(name)
        if found is not None:
            return int(found.value)
        value = await load()
        await self.client.set(name, str(value).encode(), exptime=60)
        return value

    async def invalidate(self, key: str) -> None:
        """Delete."""
        with contextlib.suppress(emcache.NotFoundCommandError):
            await self.client.delete(f"naive:{key}".encode())
