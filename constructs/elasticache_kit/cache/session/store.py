"""Sessions in a cache, blocking and for asyncio. Where the cache does not answer, each of these raises."""

from __future__ import annotations

import asyncio
import inspect
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from elasticache_kit.cache.connection import connect, connect_async, settled
from elasticache_kit.cache.failure import is_of_the_cache
from elasticache_kit.cache.ledger import sender
from elasticache_kit.cache.session import record
from elasticache_kit.errors import ConnectionFailedError
from elasticache_kit.model.environment import PREFIX

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Mapping

    from elasticache_kit.cache.command import Sent
    from elasticache_kit.cache.session.record import Fields

MILLISECONDS = 1000


class Sessions:
    """The sessions of an application; safe to use from several threads.

    Args:
        client: a client that does not decode, or what makes one with the first request.
        prefix: what their names begin with. Default: session.
    """

    def __init__(self, client: Any, *, prefix: str = "session") -> None:
        self.prefix = prefix
        self._make: Callable[[], Any] = client if callable(client) else lambda: client
        self._is_ours = callable(client)
        self._made: Any = None
        self._send: Callable[[Sent], Any] | None = None
        self._lock = threading.Lock()

    @classmethod
    def from_env(
        cls, *, environ: Mapping[str, str] | None = None, environment_prefix: str = PREFIX, prefix: str = "session"
    ) -> Sessions:
        """Return the sessions in the cache that the environment describes, which should be theirs alone.

        Raises:
            ValidationError: the environment is wrong.
        """
        settled(environ, environment_prefix)
        return cls(lambda: connect(environ=environ, prefix=environment_prefix), prefix=prefix)

    def load(self, session_id: str) -> Fields | None:
        """Return what a session holds, None where there is none."""
        return self._do(record.load(self.name(session_id))) if record.is_id(session_id) else None

    def create(self, session_id: str, fields: Fields, seconds: float) -> bool:
        """Make a session, and say whether there was none of this id."""
        return self._do(record.create(self.name(session_id), fields, round(seconds * MILLISECONDS)))

    def save(self, session_id: str, before: Fields, after: Fields, seconds: float) -> bool:
        """Write what has changed, let it live for so long from now on, and say whether it was still there."""
        return self._do(record.save(self.name(session_id), before, after, round(seconds * MILLISECONDS)))

    def exists(self, session_id: str) -> bool:
        """Say whether there is one."""
        return record.is_id(session_id) and self._do(record.exists(self.name(session_id)))

    def delete(self, session_id: str) -> None:
        """Remove one."""
        if record.is_id(session_id):
            self._do(record.delete(self.name(session_id)))

    def name(self, session_id: str) -> str:
        """Return the name of a session in the cache."""
        return record.name_of(self.prefix, session_id)

    def close(self) -> None:
        """Close the client where these sessions have made it."""
        with self._lock:
            if self._is_ours and self._made is not None:
                self._made.close()
            self._made = self._send = None

    def _do(self, sent: Sent) -> Any:
        with _failing_closed():
            return sent.read((self._send or self._connected())(sent))

    def _connected(self) -> Callable[[Sent], Any]:
        with self._lock:
            if self._send is None:
                self._made = self._make()
                self._send = sender(self._made)
            return self._send


class AsyncSessions:
    """The same for one event loop.

    Args:
        client: a client for asyncio that does not decode, or a coroutine function that makes one.
        prefix: what their names begin with. Default: session.
    """

    def __init__(self, client: Any, *, prefix: str = "session") -> None:
        self.prefix = prefix
        self._make: Callable[[], Any] = client if callable(client) else lambda: client
        self._is_ours = callable(client)
        self._made: Any = None
        self._send: Callable[[Sent], Awaitable[Any]] | None = None
        self._lock = asyncio.Lock()

    @classmethod
    def from_env(
        cls, *, environ: Mapping[str, str] | None = None, environment_prefix: str = PREFIX, prefix: str = "session"
    ) -> AsyncSessions:
        """Return the sessions in the cache that the environment describes, which should be theirs alone.

        Raises:
            ValidationError: the environment is wrong.
        """
        settled(environ, environment_prefix)
        return cls(lambda: connect_async(environ=environ, prefix=environment_prefix), prefix=prefix)

    async def load(self, session_id: str) -> Fields | None:
        """Return what a session holds, None where there is none."""
        return await self._do(record.load(self.name(session_id))) if record.is_id(session_id) else None

    async def create(self, session_id: str, fields: Fields, seconds: float) -> bool:
        """Make a session, and say whether there was none of this id."""
        return await self._do(record.create(self.name(session_id), fields, round(seconds * MILLISECONDS)))

    async def save(self, session_id: str, before: Fields, after: Fields, seconds: float) -> bool:
        """Write what has changed, let it live for so long from now on, and say whether it was still there."""
        return await self._do(record.save(self.name(session_id), before, after, round(seconds * MILLISECONDS)))

    async def delete(self, session_id: str) -> None:
        """Remove one."""
        if record.is_id(session_id):
            await self._do(record.delete(self.name(session_id)))

    def name(self, session_id: str) -> str:
        """Return the name of a session in the cache."""
        return record.name_of(self.prefix, session_id)

    async def close(self) -> None:
        """Close the client where these sessions have made it."""
        made, self._made, self._send = self._made, None, None
        if self._is_ours and made is not None:
            await made.aclose()

    async def _do(self, sent: Sent) -> Any:
        with _failing_closed():
            return sent.read(await (self._send or await self._connected())(sent))

    async def _connected(self) -> Callable[[Sent], Awaitable[Any]]:
        async with self._lock:
            if self._send is None:
                made = self._make()
                self._made = await made if inspect.iscoroutine(made) else made
                self._send = sender(self._made)
            return self._send


@contextmanager
def _failing_closed() -> Generator[None]:
    try:
        yield
    except ConnectionFailedError:
        raise
    except Exception as error:
        if not is_of_the_cache(error):
            raise
        raise ConnectionFailedError(
            "the session cannot be read or written, and nobody is taken for signed out because of that: "
            f"{type(error).__name__}: {error}"
        ) from error
