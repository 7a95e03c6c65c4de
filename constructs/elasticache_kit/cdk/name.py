"""Names: ElastiCache keeps identifiers in lower case, and what must have a name gets one of its path."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from aws_cdk import Names

from elasticache_kit.cdk.token import is_token
from elasticache_kit.model.identifier import fold

if TYPE_CHECKING:
    from constructs import Construct


@overload
def lower_case(name: str) -> str: ...
@overload
def lower_case(name: str | None) -> str | None: ...
def lower_case(name: str | None) -> str | None:
    """Return a name as ElastiCache keeps it; one that only a deployment knows stays as it is."""
    return name if name is None or is_token(name) else fold(name)


def unique_name(construct: Construct, longest: int) -> str:
    """Make a name of the path of a construct, for a resource that CloudFormation gives none."""
    return fold(Names.unique_resource_name(construct, max_length=longest, separator="-"))
