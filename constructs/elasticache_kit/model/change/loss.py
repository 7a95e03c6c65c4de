"""Loss: the data that a change takes from its users, and where a copy stays.

An empty cache is a loss to whoever reads it, even where a snapshot or the old cache keeps the data; so a replacement
that leaves a copy is a loss too, and says where the copy is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.model.change.fact import POLICY
from elasticache_kit.model.change.value import ABSENT, Difference, compare
from elasticache_kit.model.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from elasticache_kit.model.change.fact import TypeFact
    from elasticache_kit.model.change.state import State
    from elasticache_kit.model.rule import Violation
    from elasticache_kit.model.unknown import Unknown

_RETAINS = ("Retain", "RetainExceptOnCreate")
# Rules of the rulebook that warn of data that go while the resource stays.
_IN_PLACE = {
    "mc-upgrade-loses-data": "all data of the cluster: memcached starts empty after an upgrade",
    "mc-pending-nodes": "the data of the nodes that are taken away",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What is lost.

    Args:
        what: the data.
        copy: where a copy stays; None for nowhere.
    """

    what: str
    copy: str | None = None

    def __str__(self) -> str:
        return f"{self.what}; {self.copy or 'no copy is kept'}"


def replaced(fact: TypeFact, old: State, new: State) -> Loss | None:
    """Return what a replacement loses, None for nothing."""
    if fact.holds is None or fact.loses is None:
        return None
    policies = {old.update_replace_policy, new.update_replace_policy}
    if policies <= set(_RETAINS):
        return (
            None
            if fact.holds == "snapshot"
            else Loss(
                what="the new one starts without the data",
                copy="the old one stays, outside the stack (UpdateReplacePolicy Retain)",
            )
        )
    copy = _last_snapshot(fact, old, "UpdateReplacePolicy", policies)
    if _restores(fact, old, new):
        return Loss(what="what was written since the snapshot that the new one starts from", copy=copy)
    return Loss(what=fact.loses, copy=copy)


def removed(fact: TypeFact, old: State) -> Loss | None:
    """Return what a removal from the template loses, None for nothing."""
    if fact.holds is None or fact.loses is None or old.deletion_policy in _RETAINS:
        return None
    return Loss(what=fact.loses, copy=_last_snapshot(fact, old, "DeletionPolicy", {old.deletion_policy}))


def in_place(warnings: Iterable[Violation]) -> Loss | None:
    """Return what is lost although the resource stays, None for nothing."""
    found = [_IN_PLACE[warning.rule_id] for warning in warnings if warning.rule_id in _IN_PLACE]
    return Loss(what=found[0]) if found else None


def can_snapshot(fact: TypeFact, state: State) -> bool:
    """Tell whether a snapshot of the resource can be taken: memcached has none."""
    return fact.final_snapshot is not None and state.properties.get("Engine") != Engine.MEMCACHED


def _last_snapshot(fact: TypeFact, old: State, name: str, policies: set[str | Unknown | None]) -> str | None:
    if not can_snapshot(fact, old) or fact.final_snapshot is None:
        return None
    if fact.final_snapshot == POLICY:
        return f"a last snapshot stays ({name} Snapshot)" if policies == {"Snapshot"} else None
    asked = fact.final_snapshot in old.properties
    return f"a last snapshot stays ({fact.final_snapshot})" if asked else None


def _restores(fact: TypeFact, old: State, new: State) -> bool:
    """Tell whether the new resource starts from a snapshot other than the one that the old one started from."""
    return any(
        name in new.properties
        and compare(old.properties.get(name, ABSENT), new.properties[name]) is Difference.DIFFERENT
        for name in fact.restores
    )
