"""How clients of Memcached find the node of a key, and what share of the keys moves when a node is gone."""

from __future__ import annotations

import hashlib
import zlib
from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import MappingProxyType

_POINTS = 160

Hashing = Callable[[str, Sequence[str]], str]


def moved(hashing: Hashing, names: Sequence[str], before: Sequence[str], after: Sequence[str]) -> float:
    """Return the share of keys that are looked for on another node when the list of nodes changes."""
    return sum(hashing(name, before) != hashing(name, after) for name in names) / len(names)


def modulo(name: str, nodes: Sequence[str]) -> str:
    """Return the node of a key by the remainder of its hash, as simple clients do."""
    return nodes[zlib.crc32(name.encode()) % len(nodes)]


def ketama(name: str, nodes: Sequence[str]) -> str:
    """Return the node of a key on a ring with 160 points for each node, as libmemcached and spymemcached do."""
    ring = _ring(tuple(nodes))
    return ring[bisect(ring, (_point(name), "")) % len(ring)][1]


@cache
def _ring(nodes: tuple[str, ...]) -> list[tuple[int, str]]:
    return sorted((_point(f"{node}-{number}"), node) for node in nodes for number in range(_POINTS))


def rendezvous(name: str, nodes: Sequence[str]) -> str:
    """Return the node of a key that weighs most together with it, as pymemcache and emcache do."""
    return max(nodes, key=lambda node: _point(f"{node}-{name}"))


HASHINGS: Mapping[str, Hashing] = MappingProxyType({"modulo": modulo, "ketama": ketama, "rendezvous": rendezvous})


def _point(text: str) -> int:
    return int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[:4], "little")
