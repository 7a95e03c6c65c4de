"""The few commands that a leased cache sends, in the two forms that engines understand. Each names one key."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Dialect(Enum):
    """How an engine compares and sets."""

    # Valkey 8.1 and newer: SET ... IFEQ.
    NATIVE = "native"
    # Valkey before 8.1, Redis OSS: a script of one key, which does the same.
    SCRIPT = "script"


_ACQUIRE = (
    "if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return false end "
    "return redis.call('GET', KEYS[1])"
)
_SWAP = (
    "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end "
    "redis.call('SET', KEYS[1], ARGV[2], unpack(ARGV, 3)) return 1"
)
Words = tuple[str | bytes, ...]


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
        del dialect
        return Sent(("GET", self.name), _same)


@dataclass(frozen=True, slots=True)
class Acquire:
    """Put a lease where nothing is: None, or what is there, which is the same lease where a command was repeated."""

    name: str
    lease: bytes
    milliseconds: int

    def sent(self, dialect: Dialect) -> Sent:
        """Return how it is sent."""
        lifetime = str(self.milliseconds)
        if dialect is Dialect.SCRIPT:
            return Sent(("EVAL", _ACQUIRE, "1", self.name, self.lease, lifetime), _same)
        return Sent(("SET", self.name, self.lease, "NX", "GET", "PX", lifetime), _same, {"get": True})


@dataclass(frozen=True, slots=True)
class Swap:
    """Replace what is there if it is what we think: whether it was. Without milliseconds it keeps its lifetime."""

    name: str
    old: bytes
    new: bytes
    milliseconds: int | None

    def sent(self, dialect: Dialect) -> Sent:
        """Return how it is sent."""
        lifetime: Words = ("KEEPTTL",) if self.milliseconds is None else ("PX", str(self.milliseconds))
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
        del dialect
        return Sent(("SET", self.name, self.new, "PX", str(self.milliseconds)), bool)


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove a key, and with it every lease on it."""

    name: str

    def sent(self, dialect: Dialect) -> Sent:
        """Return how it is sent."""
        del dialect
        return Sent(("DEL", self.name), bool)


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait, and ask again."""

    seconds: float


Command = Get | Acquire | Swap | Put | Delete
Step = Command | Pause


def _same(answer: Any) -> Any:
    return answer
