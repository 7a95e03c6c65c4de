"""What Ref and Fn::GetAtt return for the types of ElastiCache, as the data has it.

See https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ElastiCache.html
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal, TypedDict, cast

from elasticache_kit.model.data import load

if TYPE_CHECKING:
    from collections.abc import Mapping

# `json` is a structure, whose members are attributes of their own.
AttributeType = Literal["string", "number", "list", "json"]


class _Attribute(TypedDict):
    type: AttributeType
    source: list[str]


class _ReturnValues(TypedDict):
    attributes: dict[str, _Attribute]


@cache
def attributes(type_name: str) -> Mapping[str, AttributeType]:
    """Return the attributes that Fn::GetAtt knows of a type, with what each is.

    Args:
        type_name: for example `AWS::ElastiCache::ReplicationGroup`.

    Raises:
        KeyError: it is not a type of ElastiCache.
    """
    facts = cast("Mapping[str, _ReturnValues]", cast("Mapping[str, object]", load("return_values"))["types"])
    return {name: fact["type"] for name, fact in facts[type_name]["attributes"].items()}
