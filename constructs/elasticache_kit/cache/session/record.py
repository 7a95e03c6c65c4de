"""What a session is in the cache, and the few commands on it; no I/O. Each command names one key."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from typing import Any, cast

from elasticache_kit.cache.command import Sent
from elasticache_kit.errors import ElastiCacheKitError, ValidationError

ID_BYTES = 32
LARGEST = 256 * 1024
# A hash without fields is not there, so each one has this field, which no session has: names are not empty.
PRESENT = b""

# Ids of Flask and Starlette (URL-safe Base64) and of Django (letters and digits).
_ID = re.compile(r"[A-Za-z0-9_-]{16,256}")
_SAVE = """
local exists = redis.call('EXISTS', KEYS[1]) == 1
if (ARGV[1] == 'create') == exists then return 0 end
local last = 3 + 2 * tonumber(ARGV[3])
if last > 3 then redis.call('HSET', KEYS[1], unpack(ARGV, 4, last)) end
if #ARGV > last then redis.call('HDEL', KEYS[1], unpack(ARGV, last + 1)) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
"""

Fields = dict[str, bytes]


class SessionGoneError(ElastiCacheKitError):
    """The session was removed while a request used it, by a logout for example; what it changed is not written."""


def new_id() -> str:
    """Return an id that nobody can guess."""
    return secrets.token_urlsafe(ID_BYTES)


def is_id(text: str | None) -> bool:
    """Say whether this can be the id of a session, so that nothing else is sent anywhere."""
    return text is not None and _ID.fullmatch(text) is not None


def encoded(values: Mapping[str, Any]) -> Fields:
    """Return what a session holds as fields, each JSON.

    Raises:
        ValidationError: a name is no text or is empty, a value is none that JSON has, or all of it is too large.
    """
    fields: Fields = {}
    for name, value in values.items():
        if not isinstance(name, str) or not name:  # pyright: ignore[reportUnnecessaryIsInstance] # frameworks let all pass
            raise ValidationError(f"session[{name!r}]: the names in a session are texts that are not empty")
        try:
            fields[name] = json.dumps(value, separators=(",", ":"), allow_nan=False).encode()
        except (TypeError, ValueError) as error:
            raise ValidationError(
                f"session[{name!r}] is {type(value).__name__}, which JSON cannot write: {error}. Keep an id in the "
                "session and the thing itself in the database"
            ) from error
    size = sum(len(name) + len(text) for name, text in fields.items())
    if size > LARGEST:
        raise ValidationError(f"the session has {size} bytes, and {LARGEST} are allowed: keep less in it")
    return fields


def decoded(fields: Fields) -> dict[str, Any]:
    """Return fields as what a session holds."""
    return {name: json.loads(text) for name, text in fields.items()}


def load(name: str) -> Sent:
    """Return the command that reads a session: its fields, or None."""
    return Sent(("HGETALL", name), _fields)


def create(name: str, fields: Fields, milliseconds: int) -> Sent:
    """Return the command that makes a session: whether there was none."""
    pairs = [part for item in fields.items() for part in item]
    words = (str(milliseconds), str(1 + len(fields)), PRESENT, b"1", *pairs)
    return Sent(("EVAL", _SAVE, "1", name, "create", *words), bool)


def save(name: str, before: Fields, after: Fields, milliseconds: int) -> Sent:
    """Return the command that writes what has changed: whether the session was still there."""
    changed = {field: text for field, text in after.items() if before.get(field) != text}
    pairs = [part for item in changed.items() for part in item]
    words = (str(milliseconds), str(len(changed)), *pairs, *(before.keys() - after.keys()))
    return Sent(("EVAL", _SAVE, "1", name, "save", *words), bool)


def exists(name: str) -> Sent:
    """Return the command that looks whether a session is there."""
    return Sent(("EXISTS", name), bool)


def delete(name: str) -> Sent:
    """Return the command that removes a session."""
    return Sent(("DEL", name), bool)


def name_of(prefix: str, session_id: str) -> str:
    """Return the name of a session in the cache."""
    return f"{prefix}:{hashlib.sha256(session_id.encode()).hexdigest()}"


def _fields(answer: Any) -> Fields | None:
    # A dictionary of most clients, a list of others.
    pairs = (
        cast("Mapping[bytes, bytes]", answer)
        if isinstance(answer, Mapping)
        else dict(zip(*[iter(answer)] * 2, strict=True))
    )
    found = {name.decode(): text for name, text in pairs.items() if name != PRESENT}
    return found if pairs else None
