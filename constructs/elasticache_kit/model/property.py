"""Property: what CloudFormation knows of a property of an AWS::ElastiCache type, before any rule of ElastiCache.

The data are made from CloudFormation's provider schemas by `make model-data`. See
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ElastiCache.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, NotRequired, TypedDict, cast

from elasticache_kit.model.data import load

PropertyType = Literal["string", "integer", "number", "boolean", "list", "record", "map"]


_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class _PropertyFact(TypedDict):
    type: PropertyType
    required: NotRequired[bool]
    read_only: NotRequired[bool]
    deprecated: NotRequired[bool]
    values: NotRequired[list[str]]
    any_case: NotRequired[bool]
    pattern: NotRequired[str]
    minimum: NotRequired[int]
    maximum: NotRequired[int]
    min_length: NotRequired[int]
    max_length: NotRequired[int]
    min_items: NotRequired[int]
    max_items: NotRequired[int]
    unique: NotRequired[bool]
    items: NotRequired[_PropertyFact]
    properties: NotRequired[dict[str, _PropertyFact]]


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a resource, of a record inside of it, or what a list is made of.

    Args:
        name: as CloudFormation spells it; the name of the list for what a list is made of.
        type: its type in a template; a `record` has `properties`, a `list` has `items`, a `map` any names with strings.
        required: whether it must be given. Default: no.
        read_only: whether only AWS sets it (`Fn::GetAtt` reads it), so a template must not. Default: no.
        deprecated: whether CloudFormation calls it deprecated. Default: no.
        values: what it may be. Default: anything.
        any_case: whether CloudFormation takes the values in capital letters, too. Default: no.
        pattern: a regular expression that is found in it, in JavaScript's dialect as in JSON Schema. Default: none.
        minimum, maximum: for numbers, inclusive. Default: none.
        min_length, max_length: for strings, in characters. Default: none.
        min_items, max_items: for lists. Default: none.
        unique: whether a list has no entry twice. Default: no.
        items: what a list is made of; None for other types.
        properties: the members of a record by name; None for other types.
    """

    name: str
    type: PropertyType
    required: bool = False
    read_only: bool = False
    deprecated: bool = False
    values: tuple[str, ...] = ()
    any_case: bool = False
    pattern: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    unique: bool = False
    items: Property | None = None
    properties: Mapping[str, Property] | None = None

    def spelled(self, text: str) -> str:
        """Return one of the values as CloudFormation spells it, where it takes them in any case; else the text."""
        meant = (value for value in self.values if value.lower() == text.lower())
        return next(meant, text) if self.any_case else text


@cache
def resource_types() -> tuple[str, ...]:
    """Return the types that CloudFormation has of ElastiCache, for example `AWS::ElastiCache::User`."""
    return tuple(_facts())


@cache
def properties(resource_type: str) -> Mapping[str, Property]:
    """Return the properties of a type by name; read-only ones are among them.

    Raises:
        KeyError: CloudFormation has no such type of ElastiCache.
    """
    return _properties(_facts()[resource_type])


def snake(name: str) -> str:
    """Return a name of CloudFormation as the rulebook writes it: `MultiAZEnabled` is `multi_az_enabled`."""
    return _WORD.sub("_", name.replace("AZs", "Azs")).lower()


def _facts() -> Mapping[str, dict[str, _PropertyFact]]:
    return cast("Mapping[str, Mapping[str, dict[str, _PropertyFact]]]", load("properties"))["types"]


def _properties(facts: Mapping[str, _PropertyFact]) -> Mapping[str, Property]:
    return {name: _property(name, fact) for name, fact in facts.items()}


def _property(name: str, fact: _PropertyFact) -> Property:
    return Property(
        name=name,
        type=fact["type"],
        required=fact.get("required", False),
        read_only=fact.get("read_only", False),
        deprecated=fact.get("deprecated", False),
        values=tuple(fact.get("values", ())),
        any_case=fact.get("any_case", False),
        pattern=fact.get("pattern"),
        minimum=fact.get("minimum"),
        maximum=fact.get("maximum"),
        min_length=fact.get("min_length"),
        max_length=fact.get("max_length"),
        min_items=fact.get("min_items"),
        max_items=fact.get("max_items"),
        unique=fact.get("unique", False),
        items=_property(name, fact["items"]) if "items" in fact else None,
        properties=_properties(fact["properties"]) if "properties" in fact else None,
    )
