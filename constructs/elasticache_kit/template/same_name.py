"""Names that two resources of one template have: AWS makes the first and refuses the second."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from elasticache_kit.model.rule import shown
from elasticache_kit.template.problem import Problem
from elasticache_kit.template.scope import NAMES, Scope

if TYPE_CHECKING:
    from elasticache_kit.template.document import Resource

TWICE = "name-twice"
RULES = {TWICE: "Two resources of a type have different names."}

_SOURCE = (
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html",
    "https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html",
)


def problems(scope: Scope, resources: Iterable[Resource]) -> Iterator[Problem]:
    """Yield a problem at each resource whose name an earlier one of its type has already.

    A name that only a deployment knows may be any. Of resources with different conditions one may be left out.
    """
    first: dict[tuple[str, str], list[Resource]] = {}
    for resource in resources:
        name = _name(scope, resource)
        if name is None:
            continue
        # ElastiCache stores names in lower case.
        earlier = first.setdefault((resource.type, name.lower()), [])
        twin = next((other for other in earlier if _together(other, resource)), None)
        earlier.append(resource)
        if twin is not None:
            yield _problem(scope, resource, name, twin)


def _name(scope: Scope, resource: Resource) -> str | None:
    name = (scope.properties(resource) or {}).get(NAMES.get(resource.type, ""))
    return name if isinstance(name, str) else None


def _together(one: Resource, other: Resource) -> bool:
    """Tell whether there is a deployment that makes both for sure: conditions may exclude each other."""
    return None in (one.condition, other.condition) or one.condition == other.condition


def _problem(scope: Scope, resource: Resource, name: str, twin: Resource) -> Problem:
    kind = NAMES[resource.type]
    return Problem(
        path=scope.template.path,
        line=resource.line_of((kind,)),
        logical_id=resource.logical_id,
        resource_type=resource.type,
        property=kind,
        value=shown(name),
        rule_id=TWICE,
        level="error",
        message=f"{twin.logical_id} has this name too, and ElastiCache takes each once in an account and Region",
        remedy=f"give another {kind}, or leave it out where CloudFormation makes one up",
        source=_SOURCE,
    )
