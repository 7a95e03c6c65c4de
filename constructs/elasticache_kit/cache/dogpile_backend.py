"""LeasedBackend: leases under dogpile.cache, for applications that use its decorators.

    region = make_region().configure("elasticache_kit.leased", arguments={"cache": LeasedCache.from_env(...)})

    @region.cache_on_arguments()
    def load_order(order_id): ...                 # asks the writer endpoint of the database

    session.commit()
    load_order.invalidate(order_id)               # after the commit

What differs from dogpile's own backends: the creator's result is stored only where nothing was invalidated meanwhile,
and `region.set` outside of a creation removes the key, because nobody can tell whether that value is still current.
Give the region no `async_creation_runner`: what it makes in other threads holds no lease, and is not stored.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, cast

from dogpile.cache.api import NO_VALUE, CacheBackend, CachedValue, CacheMutex
from dogpile.cache.region import value_version

from elasticache_kit.cache.entry import NOTHING, VALUE, head_of, payload_in
from elasticache_kit.cache.ledger import UnavailableError, UnreadableError, now_milliseconds
from elasticache_kit.cache.metric import Event
from elasticache_kit.cache.policy import MILLISECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from contextlib import AbstractContextManager

    from elasticache_kit.cache.entry import Entry
    from elasticache_kit.cache.leased_cache import LeasedCache


class LeasedBackend(CacheBackend):
    """A backend of dogpile.cache.

    Args:
        arguments: `cache`, a LeasedCache. Its TTL is the hard one, the region's `expiration_time` the soft one.
    """

    def __init__(self, arguments: Mapping[str, Any]) -> None:
        self.cache = cast("LeasedCache", arguments["cache"])
        self._thread = threading.local()

    def get_mutex(self, key: str) -> LeaseMutex:
        """Return what dogpile holds while it creates a value."""
        return LeaseMutex(self, key)

    def get(self, key: str) -> Any:
        """Return what is stored under a key; nothing where the cache does not answer."""
        ledger = self.cache.ledger
        name = ledger.policy.name(key)
        try:
            raw = self.cache.fetch(name)
            if raw is None:
                return NO_VALUE
            kind, created_at, _ = head_of(raw)
            if kind not in {VALUE, NOTHING}:
                return NO_VALUE
            value = None if kind == NOTHING else ledger.payload_value(name, payload_in(raw))
        except UnreadableError:
            self.cache.forget(name)
            return NO_VALUE
        except UnavailableError:
            return NO_VALUE
        self._thread.seen = name, created_at
        ledger.metrics.count(Event.NEGATIVE_HIT if kind == NOTHING else Event.HIT)
        return CachedValue(value, {"ct": created_at / MILLISECONDS, "v": value_version})

    def set(self, key: str, value: Any) -> None:
        """Store what was created, if its lease still holds; outside of a creation remove the key."""
        name = self.cache.ledger.policy.name(key)
        creation = self.held.get(name)
        if creation is None:
            self.cache.forget(name)
        elif creation.lease is not None:
            entry = self.cache.ledger.entry(key, value.payload, creation.begun)
            lease, creation.lease = creation.lease, None
            self.cache.fill(name, lease, entry)

    def delete(self, key: str) -> None:
        """Remove a key, after the commit that changed it."""
        self.cache.invalidate(key)

    def get_multi(self, keys: Iterable[str]) -> list[Any]:
        """Read keys one by one, because they lie on different nodes of a cluster."""
        return [self.get(key) for key in keys]

    def set_multi(self, mapping: Mapping[str, Any]) -> None:
        """Store one by one."""
        for key, value in mapping.items():
            self.set(key, value)

    def delete_multi(self, keys: Iterable[str]) -> None:
        """Remove one by one."""
        for key in keys:
            self.delete(key)

    def was_seen(self, name: str, entry: Entry) -> bool:
        """Say whether this is what this thread has read last."""
        return getattr(self._thread, "seen", None) == (name, entry.created_at)

    @property
    def held(self) -> dict[str, Creation]:
        """What this thread creates."""
        found: dict[str, Creation] | None = getattr(self._thread, "held", None)
        if found is None:
            found = self._thread.held = {}
        return found


class Creation:
    """One value that a thread creates.

    Args:
        lease: what it may fill. None where it may not.
        turn: its turn to load past the cache. None where it does not.
    """

    def __init__(self, lease: bytes | None, turn: AbstractContextManager[Any] | None) -> None:
        self.lease, self.turn, self.begun = lease, turn, now_milliseconds()


class LeaseMutex(CacheMutex):
    """The lock of dogpile over one key: a lease, or a turn to load past a cache that does not answer.

    Args:
        backend: whose it is.
        key: the key.
    """

    def __init__(self, backend: LeasedBackend, key: str) -> None:
        self._backend, self._key = backend, key

    @property
    def _name(self) -> str:
        return self._backend.cache.ledger.policy.name(self._key)

    def acquire(self, wait: bool = True) -> bool:
        """Take a lease.

        Args:
            wait: whether nothing is there, so that this waits for whoever loads; else what is there is to be refreshed,
                and it is refused where somebody does that already.
        """
        cache = self._backend.cache
        try:
            found = cache.take(self._name, wait=wait, expired=not wait)
            if found.entry is not None and found.held is None and self._backend.was_seen(self._name, found.entry):
                # dogpile has read it and does not want it: its region was invalidated.
                found = cache.take(self._name, wait=wait, expired=True)
        except UnavailableError:
            return self._fall_back()
        if found.held is not None:
            cache.metrics.count(Event.MISS if found.entry is None else Event.REFRESH)
            cache.metrics.count(Event.LOAD)
            self._backend.held[self._name] = Creation(found.held, None)
            return True
        if not wait:
            return False
        # Somebody has loaded it, and dogpile looks again, or takes too long for it.
        if found.entry is None:
            return self._fall_back()
        # dogpile looks again, and finds it: that will be its hit.
        cache.metrics.count(Event.WAIT)
        self._backend.held[self._name] = Creation(None, None)
        return True

    def release(self) -> None:
        """Give back what was not filled."""
        creation = self._backend.held.pop(self._name, None)
        if creation is None:
            return
        if creation.lease is not None:
            self._backend.cache.give_back(self._name, creation.lease)
        if creation.turn is not None:
            creation.turn.__exit__(None, None, None)

    def locked(self) -> bool:
        """Say whether this thread creates it."""
        return self._name in self._backend.held

    def _fall_back(self) -> bool:
        turn = self._backend.cache.falling_back()
        turn.__enter__()
        self._backend.cache.metrics.count(Event.LOAD)
        self._backend.held[self._name] = Creation(None, turn)
        return True
