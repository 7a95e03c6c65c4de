"""Which removed resource is probably which new one: a changed logical id deletes a cache and makes an empty one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model.change.value import ABSENT, Difference, compare

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from elasticache_kit.model.change.state import State

# Of all properties that either has, this share is the same.
_LIKELY = 0.5


def pairs(removed: Iterable[State], added: Iterable[State]) -> Mapping[str, str]:
    """Return the logical id that each removed resource probably has now, the most alike first.

    Two are alike where they are of one type and at least half of all their properties are the same.
    """
    scored = sorted(
        (
            (-likeness(old, new), old.logical_id, new.logical_id)
            for new in added
            for old in removed
            if old.type == new.type
        ),
    )
    found: dict[str, str] = {}
    for score, old_id, new_id in scored:
        if -score >= _LIKELY and old_id not in found and new_id not in found.values():
            found[old_id] = new_id
    return found


def likeness(old: State, new: State) -> float:
    """Return the share of the properties that are the same, from 0 to 1; without any, 1."""
    names = {*old.properties, *new.properties}
    same = sum(
        compare(old.properties.get(name, ABSENT), new.properties.get(name, ABSENT)) is Difference.SAME for name in names
    )
    return same / len(names) if names else 1.0
