"""What a group holds: every key with its value and the time of its end, read from the engines themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet
    from elasticache_kit.emulator.fleet.admin import Admin, RawReply

READS: dict[str, tuple[str, ...]] = {
    "string": ("GET", "KEY"),
    "list": ("LRANGE", "KEY", "0", "-1"),
    "set": ("SMEMBERS", "KEY"),
    "hash": ("HGETALL", "KEY"),
    "zset": ("ZRANGE", "KEY", "0", "-1", "WITHSCORES"),
    "stream": ("XRANGE", "KEY", "-", "+"),
}


def digest(fleet: Fleet, key: str, *, names: bytes = b"*") -> tuple[int, str]:
    """Give the number of keys on all primaries of a group, and a digest of them; only those of some names, if asked."""
    found: list[bytes] = []
    group = fleet.group(key)
    for node in group.nodes.values():
        # Not by its role: who leads a secondary is a replica.
        if node.serves and group.is_primary(node):
            with node.engine.admin() as admin:
                found += _entries(admin, names)
    assert len(found) == len({entry.split(b"\0", 1)[0] for entry in found}), "a key is on two nodes"
    return len(found), hashlib.sha256(b"\n".join(sorted(found))).hexdigest()


def _entries(admin: Admin, names: bytes) -> Iterator[bytes]:
    for key in _keys(admin, names):
        kind, ends = admin.raw([("TYPE", key), ("PEXPIRETIME", key)])
        assert isinstance(kind, bytes)
        command = [key if word == "KEY" else word for word in READS[kind.decode()]]
        (value,) = admin.raw([command])
        if kind == b"set" and isinstance(value, list):
            value = sorted(value, key=repr)
        if kind == b"hash" and isinstance(value, list):
            value = sorted(zip(value[::2], value[1::2], strict=True), key=repr)
        yield b"\0".join([key, kind, repr(value).encode(), repr(ends).encode()])


def _keys(admin: Admin, names: bytes) -> set[bytes]:
    found: set[bytes] = set()
    cursor: RawReply = b"0"
    while True:
        assert isinstance(cursor, bytes)
        (page,) = admin.raw([("SCAN", cursor, "MATCH", names, "COUNT", 1000)])
        assert isinstance(page, list)
        cursor, keys = page
        assert isinstance(keys, list)
        found |= {key for key in keys if isinstance(key, bytes)}
        if cursor == b"0":
            return found
