"""LeasedCache: a cache of a database that never returns what was invalidated. The blocking flavour.

    cache = LeasedCache.from_env(Policy(prefix="orders"))

    order = cache.read("order:7", lambda: load_order(7))      # load_order asks the writer endpoint of the database
    ...
    session.commit()
    cache.invalidate("order:7")                               # after the commit, never before it

A cache that is down, slow or full is a miss: `read` returns what the loader returns, and no error but the loader's own.
"""

from __future__ import annotations

import functools
import threading
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from elasticache_kit.cache.command import Delete
from elasticache_kit.cache.connection import Driver, tight_client
from elasticache_kit.cache.entry import PICKLE, Entry, Serializer
from elasticache_kit.cache.exchange import Exchange
from elasticache_kit.cache.lease import UNKNOWN, Found
from elasticache_kit.cache.ledger import LOG, MISSING, Ledger, UnavailableError, UnreadableError, now_milliseconds
from elasticache_kit.cache.metric import Event, Metrics
from elasticache_kit.model.environment import PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from elasticache_kit.cache.breaker import Breaker
    from elasticache_kit.cache.policy import Policy

V = TypeVar("V")
R = TypeVar("R")


class LeasedCache:
    """A cache of a database; safe to use from several threads.

    Args:
        client: a client of valkey-py, redis-py or valkey-glide-sync that does not decode, of pymemcache or
            django-elastipymemcache, or what makes one; that is called with the first read, and again after failures, so
            that an application starts while its cache is down.
        policy: prefix, times and limits.
        serializer: how values become bytes. Default: PICKLE.
        metrics: takes the counts. Default: plain numbers, in `metrics`.
        breaker: leaves a cache alone that does not answer. Default: after 3 failures in a row, for a second.

    Raises:
        ValidationError: the client reads from replicas, which may still have what was invalidated; or it is one of
            Memcached, and the policy has times below a second.
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
        self._exchange = Exchange(client, self.ledger)
        self.fetch = self._exchange.fetch
        self._fallback = threading.BoundedSemaphore(policy.fallback_limit)

    @classmethod
    def from_env(
        cls,
        policy: Policy,
        *,
        environ: Mapping[str, str] | None = None,
        prefix: str = PREFIX,
        library: Driver = "valkey",
        **options: Any,
    ) -> LeasedCache:
        """Return a cache over the client that the environment describes, with tight timeouts; see `connect`.

        Raises:
            ValidationError: the environment is wrong; a cache that does not answer is no error.
        """
        return cls(tight_client(environ, prefix, library, policy, in_loop=False), policy, **options)

    @property
    def metrics(self) -> Metrics:
        """What was counted."""
        return self.ledger.metrics

    def read(self, key: str, load: Callable[[], V]) -> V:
        """Return the value of a key, loaded where the cache has none.

        Args:
            key: the key, without the prefix.
            load: returns the value from the writer endpoint of the database, never from a replica; None means that
                there is none, which is remembered for a shorter time. It must not be inside a transaction that
                began before this call and reads a snapshot.

        Raises:
            ValidationError: the key or the value is none that a cache can have.
        """
        ledger, get = self.ledger, self._exchange.get
        name, found = ledger.policy.name(key), UNKNOWN
        try:
            if get is None or ledger.owed or not ledger.breaker.quiet:
                raw = self._exchange.fetch(name)
            else:
                # The way of a hit: what `fetch` does, without the call.
                try:
                    raw = get(name)
                except Exception as error:
                    raise self._exchange.failed(error) from error
            value = ledger.quick_hit(raw)
            if value is not MISSING:
                return value
            found = self._exchange.run(ledger.leases.take(name, raw))
            if found.entry is not None and found.held is None:
                return ledger.hit(name, found.entry, waited=found.waited)
        except UnreadableError:
            self.forget(name)
        except UnavailableError:
            pass
        if found.held is None:
            return self._fall_back(load)
        if found.entry is not None:
            return self._refresh(key, name, found.entry, found.held, load)
        ledger.metrics.count(Event.MISS)
        return self._load(key, name, found.held, load)

    def invalidate(self, key: str) -> bool:
        """Forget a key, and void what is being loaded for it: to be called after the commit that changed it.

        Where the cache does not answer, it is sent again before the next command of this process, and until then this
        process does not read the key from the cache. Other processes may, until the entry ends with its TTL: an outbox
        closes that gap.

        Returns:
            Whether the cache has done it.

        Raises:
            ValidationError: it is no key.
        """
        return self.forget(self.ledger.policy.name(key))

    def forget(self, name: str) -> bool:
        """Remove a name, see `invalidate`."""
        try:
            self._exchange.do(Delete(name))
        except UnavailableError:
            self.ledger.owe(name)
            return False
        self.ledger.metrics.count(Event.INVALIDATION)
        return True

    def write(self, key: str, commit: Callable[[], V]) -> V:
        """Write through: run what commits, and put in what it returns, unless somebody else wrote meanwhile.

        While `commit` runs nobody reads the key from the cache.

        Args:
            key: the key.
            commit: writes to the database, commits, and returns the whole value as it was committed.

        Raises:
            ValidationError: the key or the value is none that a cache can have; the value is committed, and the key is
                invalidated.
        """
        ledger = self.ledger
        name = ledger.policy.name(key)
        held = b""
        try:
            held = self._exchange.run(ledger.leases.seize(name))
        except UnavailableError:
            ledger.metrics.count(Event.FALLBACK)
        entry, begun = None, now_milliseconds()
        try:
            value = commit()
            entry = ledger.entry(key, value, begun)
            return value
        finally:
            # Also where it failed: nobody knows whether it was committed.
            try:
                filled = self._exchange.run(ledger.leases.settle(name, held, entry if held else None))
                ledger.metrics.count(Event.FILL if filled else Event.FENCED)
            except UnavailableError:
                ledger.owe(name)

    def cached(self, key: Callable[..., str]) -> Callable[[Callable[..., R]], Cached[R]]:
        """Decorate a function that loads; it gets a method `invalidate` with the same arguments.

        Args:
            key: makes the key of the arguments.
        """
        return lambda function: Cached(self, key, function)

    def close(self) -> None:
        """Close the client where this cache has made it."""
        self._exchange.close()

    def take(self, name: str, *, wait: bool, expired: bool) -> Found:
        """Take the right to fill a name, see `Leases.take`.

        Raises:
            UnavailableError: the cache did not answer.
        """
        return self._exchange.run(self.ledger.leases.take(name, self.fetch(name), wait=wait, expired=expired))

    def fill(self, name: str, held: bytes, entry: Entry) -> None:
        """Put in what was loaded, where the right to do so still holds."""
        try:
            filled = self._exchange.run(self.ledger.leases.fill(name, held, entry))
        except UnavailableError:
            self.ledger.not_filled(name, held)
            return
        self.ledger.metrics.count(Event.FILL if filled else Event.FENCED)

    def give_back(self, name: str, held: bytes) -> None:
        """Let the next one load at once."""
        try:
            self._exchange.run(self.ledger.leases.give_back(name, held))
        except UnavailableError:
            self.ledger.not_filled(name, held)

    def falling_back(self) -> AbstractContextManager[Any]:
        """Wait for one of the turns to load past the cache."""
        self.ledger.metrics.count(Event.FALLBACK)
        return self._fallback

    def _fall_back(self, load: Callable[[], V]) -> V:
        with self.falling_back():
            self.ledger.metrics.count(Event.LOAD)
            return load()

    def _load(self, key: str, name: str, held: bytes, load: Callable[[], V]) -> V:
        filled, begun = False, now_milliseconds()
        try:
            self.ledger.metrics.count(Event.LOAD)
            value = load()
            self.fill(name, held, self.ledger.entry(key, value, begun))
            filled = True
            return value
        finally:
            if not filled:
                self.give_back(name, held)

    def _refresh(self, key: str, name: str, entry: Entry, held: bytes, load: Callable[[], V]) -> V:
        self.ledger.metrics.count(Event.REFRESH)
        try:
            return self._load(key, name, held, load)
        except Exception as error:  # noqa: BLE001 - whatever the loader raises
            # Nobody has invalidated what we have.
            self.ledger.metrics.count(Event.REFRESH_FAILED)
            LOG.warning("%s could not be refreshed and is kept: %s: %s", name, type(error).__name__, error)
            return self.ledger.value(name, entry)


class Cached(Generic[R]):
    """A function whose results are cached.

    Args:
        cache: where.
        key: makes the key of the arguments.
        function: loads.
    """

    def __init__(self, cache: LeasedCache, key: Callable[..., str], function: Callable[..., R]) -> None:
        self._cache, self._key, self._function = cache, key, function
        functools.update_wrapper(self, function)

    def __call__(self, *arguments: Any, **named: Any) -> R:
        """Return the cached result for these arguments."""
        return self._cache.read(self._key(*arguments, **named), lambda: self._function(*arguments, **named))

    def invalidate(self, *arguments: Any, **named: Any) -> bool:
        """Forget the result for these arguments, after the commit that changed it; see `LeasedCache.invalidate`."""
        return self._cache.invalidate(self._key(*arguments, **named))
