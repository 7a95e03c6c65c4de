"""Slabs: how the largest item of Memcached and its largest chunk of memory fit each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model.rule import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from elasticache_kit.model.parameter.family import ParameterFamily

_ITEM = "max_item_size"
_CHUNK = "slab_chunk_max"


def misfits(family: ParameterFamily, given: Mapping[str, str]) -> Iterator[Finding]:
    """Say where one of the two is set and does not fit the other, or its default."""
    if not {_ITEM, _CHUNK} & set(given) or not {_ITEM, _CHUNK} <= set(family.parameters):
        return
    sizes = [given.get(name) or family.parameters[name].default or "" for name in (_ITEM, _CHUNK)]
    if not all(size.isascii() and size.isdigit() and int(size) for size in sizes):
        return
    item, chunk = (int(size) for size in sizes)
    name = _CHUNK if _CHUNK in given else _ITEM
    if chunk > item:
        yield Finding(
            name,
            given[name],
            f"{_CHUNK} is {chunk}, above {_ITEM} of {item}",
            f"take a {_CHUNK} that {_ITEM} is a multiple of",
        )
    elif item % chunk:
        yield Finding(
            name,
            given[name],
            f"{_ITEM} of {item} is no multiple of {_CHUNK}, which is {chunk}",
            f"take a {_CHUNK} that {_ITEM} is a multiple of",
        )
