"""The names of properties: as the rulebook writes them, and as CloudFormation does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from elasticache_kit.model import resource
from elasticache_kit.model.property import snake

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticache_kit.model.property import Property
    from elasticache_kit.template.located import Path

_STEP = re.compile(r"([^.\[\]]+)|\[([0-9]+)\]")
_SCALING = ("ResourceId", "ScalableDimension", "MinCapacity", "MaxCapacity", "PolicyName", "PolicyType")
# What the rulebook says and a template does not know.
_OTHER = {
    "replication_group": "ResourceId",
    "cache_cluster": "ResourceId",
    "destination": "DestinationDetails",
}


def steps(path: str) -> Path:
    """Return the steps of a path such as `NodeGroupConfiguration[0].Slots`."""
    return tuple(int(step[2]) if step[2] else step[1] for step in _STEP.finditer(path))


def written(path: Path) -> str:
    """Return a path as people read it."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def translate(resource_type: str, path: str) -> Path:
    """Return the path of a property as a template has it, of one that the rulebook names.

    What the type does not have, such as the name of a parameter, stays as it is.
    """
    names = _names(resource_type)
    return tuple(names.get(step, _OTHER.get(step, step)) if isinstance(step, str) else step for step in steps(path))


def in_words(resource_type: str, text: str) -> str:
    """Return a sentence of the rulebook with the names of properties as a template has them."""
    names = _names(resource_type)

    def name(found: re.Match[str]) -> str:
        # A name of one word may be meant as that word, unless a value is set to it.
        word = found[1]
        return names[word] if word in names and ("_" in word or found[2]) else word

    spoken = re.sub(r"\b([a-z]+(?:_[a-z]+)*)\b(?=(=)?)", name, text)
    return re.sub(r"\b(True|False)\b", lambda found: found[1].lower(), spoken)


@cache
def _names(resource_type: str) -> dict[str, str]:
    found = resource.members(resource_type)
    return {snake(name): name for name in (_SCALING if found is None else _inside(found))}


def _inside(members: Mapping[str, Property]) -> Iterator[str]:
    """Yield the names of all members, the outer ones last so that they win."""
    for member in members.values():
        yield from _inside((member.items or member).properties or {})
    yield from members
