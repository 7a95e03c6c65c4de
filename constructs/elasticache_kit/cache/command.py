"""The few commands that a leased cache sends, in the three forms that engines understand. Each names one key."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


MILLISECONDS = 1000


class Dialect(Enum):
    """How an engine compares and sets."""

    # Valkey 8.1 and newer: SET ... IFEQ.
    NATIVE = "native"
    # Valkey before 8.1, Redis OSS: a script of one key, which does the same.
    SCRIPT = "script"
    # Memcached: add, and gets with cas; a method of `memcached_store` and its arguments, in whole seconds.
    MEMCACHED = "memcached"


_ACQUIRE = (
    "if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return false end "
    "return redis.call('GET', KEYS[1])"
)
_SWAP = (
    "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end "
    "redis.call('SET', KEYS[1], ARGV[2], unpack(ARGV, 3)) return 1"
)
Words = tuple[str | bytes | int, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """A command as a client sends it.

    Args:
        words: the command.
        options: what valkey-py and redis-py must know to read the answer.
        read: makes of the answer what the protocol works with.
    """

    words: Words
    read: Callable[[Any], Any]
    options: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Get:
    """Read a key: bytes, or None."""

    name: str

    def sent(self, dialect: Dialect) -> Sent:
        """Return how it is sent."""
        return Sent(("get" if dialect is Dialect.MEMCACHED else "GET", self.name), _same)


@dataclass(frozen=True, slots=True)
class Acquire:
    """Put a lease where nothing is: None, or what is there, which is the same lease where a command was repeated."""

    name: str
    lease: bytes
    milliseconds: int

    def sent(self, dialect: Dialect) -> Sent:
        """Return how it is sent."""
        lifetime = str(self.milliseconds)
        if dialect is Dialect.MEMCACHED:
            return Sent(("acquire", self.name, self.lease, _at_least_seconds(self.milliseconds)), _same)
        if dialect is Dialect.SCRIPT:
            return Sent(("EVAL", _ACQUIRE, "1", self.name, self.lease, lifetime), _same)
        return Sent(("SET", self.name, self.lease, "NX", "GET", "PX", lifetime), _same, {"get": True})


@dataclass(frozen=True, slots=True)
class Swap:
    """Replace what is there if it is what we think: whether it was.

    Args:
        name: the key.
        old: what we think is there.
        new: what comes there.
        milliseconds: how long it lives.
        keeps: whether it lives as long as the old one would, where the engine can do that.
    """

    name: str
    old: bytes
    new: bytes
    milliseconds: int
    keeps: bool = False

    def sent(self, dialect: Dialect) -> Sent:
        """Return how it is sent."""
        if dialect is Dialect.MEMCACHED:
            return Sent(("swap", self.name, self.old, self.new, self.milliseconds // MILLISECONDS), bool)
        lifetime: Words = ("KEEPTTL",) if self.keeps else ("PX", str(self.milliseconds))
        if dialect is Dialect.SCRIPT:
            return Sent(("EVAL", _SWAP, "1", self.name, self.old, self.new, *lifetime), bool)
        return Sent(("SET", self.name, self.new, "IFEQ", self.old, *lifetime), bool)


@dataclass(frozen=True, slots=True)
class Put:
    """Put something there whatever there is."""

    name: str
    new: bytes
    milliseconds: int

    def sent(self, dialect: Dialect) -> Sent:
        """Return how it is sent."""
        if dialect is Dialect.MEMCACHED:
            return Sent(("set", self.name, self.new, _at_least_seconds(self.milliseconds)), bool)
        return Sent(("SET", self.name, self.new, "PX", str(self.milliseconds)), bool)


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove a key, and with it every lease on it."""

    name: str

    def sent(self, dialect: Dialect) -> Sent:
        """Return how it is sent."""
        return Sent(("delete" if dialect is Dialect.MEMCACHED else "DEL", self.name), bool)


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait, and ask again."""

    seconds: float


Command = Get | Acquire | Swap | Put | Delete
Step = Command | Pause


def _at_least_seconds(milliseconds: int) -> int:
    return -(-milliseconds // MILLISECONDS)


def _same(answer: Any) -> Any:
    return answer
