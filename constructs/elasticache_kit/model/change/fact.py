"""What CloudFormation does when a property of a resource changes, as the data has it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict, cast

from elasticache_kit.model.data import load

if TYPE_CHECKING:
    from collections.abc import Mapping

Update = Literal["in-place", "conditional", "replacement", "refused"]
Compare = Literal["lowercase", "two parts"]
Holding = Literal["cache", "snapshot"]

ELASTICACHE = "AWS::ElastiCache::"
# The value of `final_snapshot` where DeletionPolicy and UpdateReplacePolicy ask for it.
POLICY = "policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyFact:
    """What a change of one property does.

    Args:
        name: the property.
        update: whether the resource stays, is replaced, or may be replaced; or that CloudFormation refuses it.
        interrupts: what clients notice where it changes in place; None where they notice nothing.
        compare: how CloudFormation looks at the value before it compares. Default: as it stands.
        secret: whether nobody should read the value.
        note: what else is known.
        schema: why `update` differs from the provider schema; None where it does not.
        source: where it is written.
    """

    name: str
    update: Update
    interrupts: str | None = None
    compare: Compare | None = None
    secret: bool = False
    note: str | None = None
    schema: str | None = None
    source: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeFact:
    """What a change of a resource of one type does.

    Args:
        type: for example `AWS::ElastiCache::ReplicationGroup`.
        properties: its properties by name. Default: none is known.
        complete: whether these are all; no where all others change in place.
        holds: what is lost with the resource; None for nothing.
        loses: the same in words.
        final_snapshot: POLICY where a policy asks for a last snapshot, else the property that does; None where nothing
            does.
        name: the property that names the resource; None where CloudFormation always does.
        restores: the properties that fill a new resource from a snapshot.
        unordered: the lists among the properties that are not in place, and whose order means nothing to the schema.
    """

    type: str
    properties: Mapping[str, PropertyFact] = field(default_factory=dict[str, PropertyFact])
    complete: bool = True
    holds: Holding | None = None
    loses: str | None = None
    final_snapshot: str | None = None
    name: str | None = None
    restores: tuple[str, ...] = ()
    unordered: frozenset[str] = frozenset()


class GeneralFact(TypedDict):
    """Something that is true of several types."""

    id: str
    rule: str
    source: list[str]


class _Property(TypedDict):
    update: Update
    source: list[str]
    interrupts: NotRequired[str]
    compare: NotRequired[Compare]
    secret: NotRequired[bool]
    note: NotRequired[str]
    schema: NotRequired[str]


class _Type(TypedDict):
    properties: dict[str, _Property]
    holds: NotRequired[Holding]
    loses: NotRequired[str | None]
    final_snapshot: NotRequired[str]
    name: NotRequired[str]
    restores: NotRequired[list[str]]
    unordered: NotRequired[list[str]]


class _Referenced(TypedDict):
    create_only: list[str]
    conditional: list[str]
    source: list[str]


class _Data(TypedDict):
    general: list[GeneralFact]
    types: dict[str, _Type]
    referenced: dict[str, _Referenced]


@cache
def types() -> Mapping[str, TypeFact]:
    """Return the types of ElastiCache by name."""
    return {name: _type(name, written) for name, written in _data()["types"].items()}


@cache
def referenced() -> Mapping[str, TypeFact]:
    """Return the types that properties of ElastiCache refer to and must not lose: keys, subnets and their VPC."""
    return {name: _referenced(name, written) for name, written in _data()["referenced"].items()}


@cache
def general(fact_id: str) -> GeneralFact:
    """Return a fact that is true of several types."""
    return next(known for known in _data()["general"] if known["id"] == fact_id)


def _data() -> _Data:
    return cast("_Data", load("replacement"))


def _type(name: str, written: _Type) -> TypeFact:
    return TypeFact(
        type=name,
        properties={key: _property(key, value) for key, value in written["properties"].items()},
        holds=written.get("holds"),
        loses=written.get("loses"),
        final_snapshot=written.get("final_snapshot"),
        name=written.get("name"),
        restores=tuple(written.get("restores", ())),
        unordered=frozenset(written.get("unordered", ())),
    )


def _property(name: str, written: _Property) -> PropertyFact:
    return PropertyFact(
        name=name,
        update=written["update"],
        interrupts=written.get("interrupts"),
        compare=written.get("compare"),
        secret=written.get("secret", False),
        note=written.get("note"),
        schema=written.get("schema"),
        source=tuple(written["source"]),
    )


def _referenced(name: str, written: _Referenced) -> TypeFact:
    source = tuple(written["source"])
    return TypeFact(
        type=name,
        complete=False,
        properties={
            **{key: PropertyFact(name=key, update="replacement", source=source) for key in written["create_only"]},
            **{key: PropertyFact(name=key, update="conditional", source=source) for key in written["conditional"]},
        },
    )
