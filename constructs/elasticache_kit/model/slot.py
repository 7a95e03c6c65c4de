"""Slots: the 16384 parts that cluster mode cuts the keys into.

See https://valkey.io/topics/cluster-spec/ for the mapping of keys, and NodeGroupConfiguration.Slots in the API of
ElastiCache for the notation of ranges.
"""

from __future__ import annotations

import binascii
import re
from functools import lru_cache
from itertools import pairwise

SLOTS = 16384

_RANGES = re.compile(r"[0-9]{1,5}-[0-9]{1,5}(?:,[0-9]{1,5}-[0-9]{1,5})*")


def key_slot(key: bytes | str) -> int:
    """Return the slot of a key: CRC16 (XMODEM) of the key, or of its hash tag, modulo 16384.

    A hash tag is what stands between the first `{` and the next `}`, if anything does.
    """
    name = key.encode() if isinstance(key, str) else key
    _, opened, rest = name.partition(b"{")
    tag, closed, _ = rest.partition(b"}")
    return binascii.crc_hqx(tag if opened and closed and tag else name, 0) % SLOTS


def even_ranges(count: int) -> tuple[str, ...]:
    """Return ranges such as `0-5461` that give each of `count` node groups its share; the first take what is left over.

    Raises:
        ValueError: there are fewer than 1 or more than 16384 node groups.
    """
    if not 1 <= count <= SLOTS:
        raise ValueError(f"{count} node groups cannot share {SLOTS} slots")
    edges = [-(-number * SLOTS // count) for number in range(count + 1)]
    return tuple(f"{first}-{after - 1}" for first, after in pairwise(edges))


@lru_cache(maxsize=1024)
def parse_ranges(text: str) -> tuple[range, ...]:
    """Read ranges such as `0-999,2000-2999`.

    Raises:
        ValueError: the text is not a list of ranges, or one is outside 0-16383 or ends before it starts.
    """
    compact = text.replace(" ", "")
    if not _RANGES.fullmatch(compact):
        raise ValueError(f"{text!r} is not a list of slot ranges such as '0-5461' or '0-999,2000-2999'")
    found: list[range] = []
    for part in compact.split(","):
        first, last = (int(number) for number in part.split("-"))
        if last >= SLOTS:
            raise ValueError(f"slot {last} is above the last one, {SLOTS - 1}")
        if last < first:
            raise ValueError(f"the range {part} ends before it starts")
        found.append(range(first, last + 1))
    return tuple(found)
