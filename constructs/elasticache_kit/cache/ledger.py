"""Ledger: what the blocking and the asyncio flavour of a leased cache share. Names, entries, failures; no I/O."""

from __future__ import annotations

import functools
import logging
import threading
import time
from typing import TYPE_CHECKING, Any

from elasticache_kit.cache.breaker import Breaker
from elasticache_kit.cache.command import Acquire, Command, Dialect, Sent
from elasticache_kit.cache.entry import (
    HEAD_BYTES,
    NOTHING,
    UNMARKED,
    VALUE,
    Entry,
    Serializer,
    freshness_of,
    is_lease,
    payload_of,
)
from elasticache_kit.cache.failure import is_of_the_cache
from elasticache_kit.cache.lease import Leases
from elasticache_kit.cache.memcached_store import AsyncMemcachedStore, MemcachedStore
from elasticache_kit.cache.metric import Counts, Event, Metrics
from elasticache_kit.errors import ConnectionFailedError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from elasticache_kit.cache.policy import Policy

LOG = logging.getLogger("elasticache_kit.cache")
# Invalidations that could not be sent are remembered up to this many.
MOST_OWED = 10_000
# Between two warnings of a cache that fails.
WARNING_SECONDS = 30.0


# Not None, which is a value.
MISSING: Any = object()


class UnavailableError(Exception):
    """The cache did not do what was asked of it; never leaves this package."""


class UnreadableError(UnavailableError):
    """What is there cannot be read by this process."""


class Ledger:
    """The state of one cache in one process.

    Args:
        policy: how it behaves.
        serializer: how values become bytes.
        metrics: takes the counts. None: plain numbers.
        breaker: leaves the cache alone when it fails. None: one with its defaults.
    """

    def __init__(
        self, policy: Policy, serializer: Serializer, metrics: Metrics | None, breaker: Breaker | None
    ) -> None:
        self.policy = policy
        self.serializer = serializer
        self.metrics: Metrics = Counts() if metrics is None else metrics
        # Part of every hit, so found once.
        self._load, self._count = serializer.load, self.metrics.count
        self.breaker = breaker or Breaker()
        self.breaker.changed = self._breaker_changed
        self.leases = Leases(policy, now_milliseconds, time.monotonic)
        self.dialect = Dialect.NATIVE
        # Each with a mark of its own, so that paying one does not forget one that came meanwhile.
        self.owed: dict[str, object] = {}
        self._lock = threading.Lock()
        self._warned_at = -WARNING_SECONDS
        self._postponed_until = 0.0

    def entry(self, key: str, value: object, created_at: int) -> Entry:
        """Return the entry for a value whose loader began at a time, in milliseconds of Unix time.

        Raises:
            ValidationError: it cannot be stored.
        """
        if value is None:
            return Entry(NOTHING, created_at, 0, UNMARKED, b"")
        payload = payload_of(key, value, self.serializer, self.policy.largest_value)
        return Entry(VALUE, created_at, self.policy.refresh_time(created_at), UNMARKED, payload)

    def value(self, name: str, entry: Entry) -> Any:
        """Return the value of an entry.

        Raises:
            UnreadableError: this process cannot.
        """
        return None if entry.kind == NOTHING else self.payload_value(name, entry.payload)

    def payload_value(self, name: str, payload: bytes) -> Any:
        """Return the value of a payload.

        Raises:
            UnreadableError: this process cannot read it.
        """
        try:
            return self.serializer.load(payload)
        except Exception as error:
            self.metrics.count(Event.UNREADABLE)
            self.warn(f"the value of {name} cannot be read ({error}); raise `schema` where the shape of values changes")
            raise UnreadableError from error

    def hit(self, name: str, entry: Entry, *, waited: bool = False) -> Any:
        """Return the value of an entry, and count it.

        Raises:
            UnreadableError: this process cannot read it.
        """
        value = self.value(name, entry)
        self.metrics.count(Event.NEGATIVE_HIT if value is None else Event.HIT)
        if waited:
            self.metrics.count(Event.WAIT)
        return value

    def quick_hit(self, raw: bytes | None) -> Any:
        """Return the value of what was read where that needs no more thought, else MISSING; the way of a hit."""
        if raw is None:
            return MISSING
        kind, refresh_at = freshness_of(raw)
        if refresh_at and now_milliseconds() >= refresh_at:
            return MISSING
        if kind == VALUE:
            try:
                value = self._load(raw[HEAD_BYTES:])
            except Exception:  # noqa: BLE001 - told apart on the longer way
                return MISSING
            self._count(Event.HIT)
            return value
        if kind == NOTHING:
            self._count(Event.NEGATIVE_HIT)
            return None
        return MISSING

    def allow(self) -> None:
        """Ask the breaker.

        Raises:
            UnavailableError: the cache is left alone for now.
        """
        if not self.breaker.allows():
            raise UnavailableError

    def failure(self, error: Exception, command: Command | None = None) -> UnavailableError:
        """Note that a command failed, and return what to raise.

        Whatever a client raises that was made and got a command of ours is of the cache: libraries stumble over
        connections that others close meanwhile, with errors of Python's own.
        """
        if _did_not_answer(error):
            self.breaker.failed()
            if isinstance(command, Acquire):
                # The lease may be there, and nobody has it.
                self.owe(command.name)
        self.metrics.count(Event.UNAVAILABLE)
        self.warn(f"the cache is used as if it were empty: {type(error).__name__}: {error}")
        return UnavailableError()

    def other_dialect(self, error: Exception, sent: Sent, command: Command) -> Sent | None:
        """Return the command in the other dialect where the engine does not know IFEQ; None where that is not why."""
        if self.dialect is Dialect.SCRIPT or "syntax error" not in str(error).lower() or not is_of_the_cache(error):
            return None
        again = command.sent(Dialect.SCRIPT)
        if again.words == sent.words:
            return None
        self.dialect = Dialect.SCRIPT
        return again

    def owe(self, name: str) -> None:
        """Remember an invalidation that could not be sent."""
        if name in self.owed or len(self.owed) < MOST_OWED:
            self.owed[name] = object()
            self.metrics.count(Event.INVALIDATION_OWED)
        else:
            self.metrics.count(Event.INVALIDATION_LOST)

    def not_filled(self, name: str, held: bytes) -> None:
        """Remember to take away a lease that its holder could neither fill nor give back: others would wait for it.

        A mark on an entry stays: others go on to read that.
        """
        if is_lease(held):
            self.owe(name)

    def due(self, name: str) -> list[tuple[str, object]]:
        """Return the invalidations to send before a command for a name: its own, and from time to time all others."""
        mark = self.owed.get(name)
        own = [] if mark is None else [(name, mark)]
        if time.monotonic() < self._postponed_until:
            return own
        return own + [(owed, mark) for owed, mark in tuple(self.owed.items()) if owed != name]

    def postpone(self) -> None:
        """Leave the others for a while: one that cannot be sent must not hold up those who ask another node."""
        self._postponed_until = time.monotonic() + self.breaker.pause

    def paid(self, name: str, mark: object) -> None:
        """Forget an invalidation that was sent, unless it came once more meanwhile."""
        with self._lock:
            if self.owed.get(name) is mark:
                del self.owed[name]
        self.metrics.count(Event.INVALIDATION)

    def warn(self, text: str) -> None:
        """Write a warning, not more than one in half a minute."""
        now = time.monotonic()
        if now - self._warned_at >= WARNING_SECONDS:
            self._warned_at = now
            LOG.warning("%s: %s", self.policy.prefix, text)

    def _breaker_changed(self, is_open: bool) -> None:
        self.metrics.breaker(is_open=is_open)
        if is_open:
            LOG.warning("%s: the cache does not answer and is left alone", self.policy.prefix)
        else:
            LOG.warning("%s: the cache answers again", self.policy.prefix)


def now_milliseconds() -> int:
    """Return the milliseconds of Unix time."""
    return time.time_ns() // 1_000_000


def sender(client: Any) -> Callable[[Sent], Any]:
    """Return what sends a command through a client of any of the libraries; an awaitable comes back from async ones."""
    if isinstance(client, (MemcachedStore, AsyncMemcachedStore)):
        return lambda sent: getattr(client, str(sent.words[0]))(*sent.words[1:])
    if hasattr(client, "custom_command"):
        custom = client.custom_command
        return lambda sent: custom(list(sent.words))
    refuse_decoding(client)
    execute = client.execute_command
    return lambda sent: execute(*sent.words, **sent.options)


def getter(client: Any) -> Callable[[str], Any]:
    """Return what reads a name through a client, by the shortest way: it is most of what a hit costs."""
    execute = getattr(client, "execute_command", None)
    return client.get if execute is None else functools.partial(execute, "GET")


def refuse_decoding(client: Any) -> None:
    """Refuse a client that makes text of what it reads.

    Raises:
        ValidationError: with what to do.
    """
    if client.get_encoder().decode_responses:
        raise ValidationError("the client decodes answers to text: make it without decode_responses=True")


def _did_not_answer(error: Exception) -> bool:
    """Tell silence from an error that the engine answered, which costs no time."""
    if isinstance(error, (OSError, TimeoutError, ConnectionFailedError)):
        return True
    kinds = {kind.__name__ for kind in type(error).__mro__}
    return bool(
        kinds
        & {
            "ConnectionError",
            "TimeoutError",
            "ClosingError",
            "ClusterDownError",
            "ValkeyClusterException",
            "MemcacheUnexpectedCloseError",
        }
    )
