"""What a key of the cache holds: a value, the knowledge that there is none, or a lease. The first byte says which.

A lease can never be read as a value, nor can what others have written there: whatever is neither is a miss.
"""

from __future__ import annotations

import json
import pickle
import secrets
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elasticache_kit.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable

LEASE, VALUE, NOTHING = b"L", b"V", b"N"
TOKEN_BYTES = 16
UNMARKED = bytes(TOKEN_BYTES)
# The kind, since when it holds and when to refresh it (milliseconds of Unix time, 0 for never), who refreshes it now.
_HEAD = struct.Struct(f">cQQ{TOKEN_BYTES}s")
HEAD_BYTES = _HEAD.size
_FRESHNESS = struct.Struct(">c8xQ")


@dataclass(frozen=True, slots=True)
class Serializer:
    """How values become bytes.

    Args:
        name: for errors.
        dump: makes the bytes.
        load: makes the value.
    """

    name: str
    dump: Callable[[Any], bytes]
    load: Callable[[bytes], Any]


# Takes nearly everything. Who may write to the cache may run code in the application, so give it a user of its own.
PICKLE = Serializer("pickle", lambda value: pickle.dumps(value, pickle.HIGHEST_PROTOCOL), pickle.loads)
# Takes what JSON has: tuples come back as lists, and keys of dictionaries as text.
JSON = Serializer("JSON", lambda value: json.dumps(value, separators=(",", ":"), allow_nan=False).encode(), json.loads)


@dataclass(frozen=True, slots=True)
class Entry:
    """A value, or the knowledge that there is none.

    Args:
        kind: VALUE or NOTHING.
        created_at: when its loader began, in milliseconds of Unix time: from then on its life counts.
        refresh_at: from when on it is to be loaded anew, the same way; 0 for never. While somebody does, from when on
            another one may.
        mark: who refreshes it now; UNMARKED for nobody.
        payload: the value as bytes.
    """

    kind: bytes
    created_at: int
    refresh_at: int
    mark: bytes
    payload: bytes

    @property
    def encoded(self) -> bytes:
        """The entry as it stands in the cache."""
        return _HEAD.pack(self.kind, self.created_at, self.refresh_at, self.mark) + self.payload

    def is_due(self, now: int) -> bool:
        """Say whether it is time to refresh it, and nobody does."""
        return self.refresh_at != 0 and now >= self.refresh_at

    def is_being_refreshed(self, now: int) -> bool:
        """Say whether somebody refreshes it."""
        return self.mark != UNMARKED and now < self.refresh_at

    def marked(self, until: int) -> Entry:
        """Return it with a mark of our own, which holds others off for a while."""
        return Entry(self.kind, self.created_at, until, secrets.token_bytes(TOKEN_BYTES), self.payload)


def new_lease() -> bytes:
    """Return a lease that nobody else has."""
    return LEASE + secrets.token_bytes(TOKEN_BYTES)


def is_lease(raw: bytes) -> bool:
    """Say whether this is a lease."""
    return raw[:1] == LEASE and len(raw) == TOKEN_BYTES + 1


def parse(raw: bytes) -> Entry | None:
    """Read an entry; None for a lease and for what somebody else has written."""
    if len(raw) < _HEAD.size:
        return None
    kind, created_at, refresh_at, mark = _HEAD.unpack_from(raw)
    return Entry(kind, created_at, refresh_at, mark, raw[_HEAD.size :]) if kind in {VALUE, NOTHING} else None


def freshness_of(raw: bytes) -> tuple[bytes, int]:
    """Return the kind of what was read and when to refresh it: all that a hit has to know."""
    return _FRESHNESS.unpack_from(raw) if len(raw) >= HEAD_BYTES else (LEASE, 0)


def head_of(raw: bytes) -> tuple[bytes, int, int]:
    """Return the kind of what was read, since when it holds and when to refresh it."""
    if len(raw) < _HEAD.size:
        return LEASE, 0, 0
    kind, created_at, refresh_at, _ = _HEAD.unpack_from(raw)
    return kind, created_at, refresh_at


def payload_in(raw: bytes) -> bytes:
    """Return the payload of an entry."""
    return raw[_HEAD.size :]


def payload_of(key: str, value: object, serializer: Serializer, largest: int) -> bytes:
    """Return a value as bytes.

    Raises:
        ValidationError: it cannot be, or is too large; the message names the key and the setting.
    """
    try:
        payload = serializer.dump(value)
    except Exception as error:
        raise ValidationError(
            f"the value of {key!r} is {type(value).__name__}, which {serializer.name} cannot write: {error}. Load "
            "plain data, or give the cache another serializer"
        ) from error
    if len(payload) > largest:
        raise ValidationError(
            f"the value of {key!r} has {len(payload)} bytes, and largest_value is {largest}: keep less under one key, "
            "or raise largest_value"
        )
    return payload
