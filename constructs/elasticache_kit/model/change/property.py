"""What the change of each property of a resource does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.model.change import condition
from elasticache_kit.model.change.kind import Kind
from elasticache_kit.model.change.value import (
    ABSENT,
    Difference,
    compare,
    depends_on,
    same_but_for_order,
)
from elasticache_kit.model.rule import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticache_kit.model.change.condition import Decision, Situation
    from elasticache_kit.model.change.fact import PropertyFact, TypeFact


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyChange:
    """What the change of one property does.

    Args:
        name: the property.
        kind: what the change does, at the worst where the values are not known.
        old: the value before; ABSENT where it was not given.
        new: the value after; ABSENT where it is not given.
        certain: whether it changes for sure.
        why: the reason, where it is worth a word; None where the kind says it all.
        depends_on: what the deployment must know before it can be told.
        source: where it is written.
    """

    name: str
    kind: Kind
    old: object
    new: object
    certain: bool
    why: str | None
    depends_on: tuple[str, ...]
    source: tuple[str, ...]


def changes(fact: TypeFact, situation: Situation) -> tuple[PropertyChange, ...]:
    """Return what changes, in the order of the names."""
    return tuple(_changes(fact, situation))


def _changes(fact: TypeFact, situation: Situation) -> Iterator[PropertyChange]:
    for name in sorted({*situation.old, *situation.new}):
        known = fact.properties.get(name)
        difference = _compare(known, name, situation)
        if difference is Difference.SAME:
            continue
        decision = _decide(fact, name, situation, certain=difference is Difference.DIFFERENT)
        old, new = situation.old.get(name, ABSENT), situation.new.get(name, ABSENT)
        secret = known is not None and known.secret
        yield PropertyChange(
            name=name,
            kind=decision.kind,
            old=_shown(old, secret=secret),
            new=_shown(new, secret=secret),
            certain=difference is Difference.DIFFERENT,
            why=decision.why,
            depends_on=depends_on(old, new) if difference is Difference.UNDECIDED else (),
            source=known.source if known else (),
        )


def _decide(fact: TypeFact, name: str, situation: Situation, *, certain: bool) -> Decision:
    known = fact.properties.get(name)
    if known is None and not fact.complete:
        return condition.Decision(Kind.IN_PLACE)
    if known is None:
        return condition.Decision(Kind.UNKNOWN, f"this version of elasticache-kit does not know it in {fact.type}")
    match known.update:
        case "in-place":
            return _in_place(known, situation)
        case "refused":
            decision = condition.Decision(Kind.REFUSED, known.note)
        case "conditional":
            decision = condition.decide(fact.type, name, situation)
        case "replacement":
            decision = _replacement(fact, name, situation)
    if certain or decision.kind.rank < Kind.UNKNOWN.rank:
        return decision
    return condition.Decision(Kind.UNKNOWN, f"{decision.kind}, if it is another value then")


def _in_place(known: PropertyFact, situation: Situation) -> Decision:
    if known.compare == "two parts" and _first_two(situation.old, known) == _first_two(situation.new, known):
        why = "CloudFormation compares the first two parts of the version, and may leave it as it is"
        return condition.Decision(Kind.UNKNOWN, why)
    return condition.Decision(Kind.INTERRUPTION if known.interrupts else Kind.IN_PLACE, known.interrupts)


def _replacement(fact: TypeFact, name: str, situation: Situation) -> Decision:
    if name in fact.unordered and same_but_for_order(situation.old.get(name), situation.new.get(name)):
        return condition.Decision(Kind.UNKNOWN, "only the order changes, which should mean nothing")
    return condition.Decision(Kind.REPLACEMENT)


def _compare(known: PropertyFact | None, name: str, situation: Situation) -> Difference:
    """Compare as CloudFormation does."""
    old, new = situation.old.get(name, ABSENT), situation.new.get(name, ABSENT)
    if known is not None and isinstance(old, str) and isinstance(new, str):
        if known.compare == "lowercase":
            return compare(old.lower(), new.lower())
        if known.compare == "two parts" and min(old.count("."), new.count(".")) <= 1:
            return compare(_two_parts(old), _two_parts(new))
    return compare(old, new)


def _first_two(side: Mapping[str, object], known: PropertyFact) -> object:
    value = side.get(known.name)
    # Two objects that are never equal stand for what is not known.
    return _two_parts(value) if isinstance(value, str) else object()


def _two_parts(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _shown(value: object, *, secret: bool) -> object:
    return HIDDEN if secret and value is not ABSENT else value
