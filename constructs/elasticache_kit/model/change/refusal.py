"""What CloudFormation itself refuses of a change; what ElastiCache refuses are the rules of each kind of resource."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from elasticache_kit.model.change.fact import general
from elasticache_kit.model.change.kind import Kind
from elasticache_kit.model.change.value import ABSENT, Difference, compare
from elasticache_kit.model.rule import Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from elasticache_kit.model.change.fact import TypeFact
    from elasticache_kit.model.change.property import PropertyChange
    from elasticache_kit.model.change.state import State


def type_changed(old: State, new: State) -> Violation:
    """Return the refusal of another type under the same logical id."""
    return _refusal(
        "type-change-refused",
        "type",
        new.type,
        message=f"a logical id keeps its type, and {old.logical_id} is of {old.type}",
        remedy=f"take another logical id; the {old.type} goes with the old one",
        source=general("type-change-refused")["source"],
    )


def named(fact: TypeFact, old: State, new: State) -> Violation | None:
    """Return the refusal of a replacement under the name of the living resource; None where it has another."""
    name = fact.name
    if name is None or name not in new.properties:
        return None
    before, after = _folded(old.properties.get(name, ABSENT)), _folded(new.properties[name])
    if compare(before, after) is not Difference.SAME:
        return None
    return _refusal(
        "named-replacement-fails",
        name,
        new.properties[name],
        message="the resource must be replaced, and CloudFormation does not replace one that keeps a name of its own",
        remedy=f"leave out what replaces it; or give another {name}, and it is replaced, with what is lost then",
        source=general("named-replacement-fails")["source"],
    )


def not_updated(changes: Iterable[PropertyChange]) -> Iterator[Violation]:
    """Yield the refusals of properties that CloudFormation does not update."""
    for change in changes:
        if change.kind is Kind.REFUSED:
            yield _refusal(
                "update-not-supported",
                change.name,
                change.new,
                message=change.why or "CloudFormation does not update it",
                remedy="take another logical id",
                source=change.source,
            )


def _refusal(rule_id: str, name: str, value: object, *, message: str, remedy: str, source: Sequence[str]) -> Violation:
    return Violation(
        rule_id=rule_id,
        level="error",
        property=name,
        value=None if value is ABSENT else value,
        message=message,
        remedy=remedy,
        source=tuple(source),
        aws_code=None,
        aws_message=None,
    )


def _folded(value: object) -> object:
    """Return a name as ElastiCache stores it: in lower case."""
    return value.lower() if isinstance(value, str) else value
