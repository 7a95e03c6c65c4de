"""Compliance: what a template should have although ElastiCache does not ask for it.

The rules are data (`data/compliance.json`: id, what, level, source), the checks are functions here. They read any
CloudFormation template; what only a deployment knows is UNKNOWN, and no rule speaks of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, TypedDict, cast

from elasticache_kit.model.compliance import alarm, cache_cluster, replication_group, serverless_cache, user
from elasticache_kit.model.compliance.resource import Check, Resource, resources
from elasticache_kit.model.data import load
from elasticache_kit.model.unknown import UndecidedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Level = Literal["error", "warning", "info"]

_CHECKS: dict[str, Check] = {
    **replication_group.CHECKS,
    **cache_cluster.CHECKS,
    **serverless_cache.CHECKS,
    **user.CHECKS,
    **alarm.CHECKS,
}


class _RuleFact(TypedDict):
    id: str
    type: str
    level: Level
    what: str
    fix: str
    source: list[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that a resource should have.

    Args:
        id: its name, for good.
        type: the type of the resource.
        level: `error` where it can never work or lets everybody in, `warning` where it is risky, `info` else.
        what: what it asks, one sentence.
        fix: what to do.
        source: where AWS says so; UNSOURCED marks a recommendation of ours.
    """

    id: str
    type: str
    level: Level
    what: str
    fix: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A resource that does not keep to a rule.

    Args:
        rule: the rule.
        logical_id: the resource.
        location: where in it, for example `Properties.MultiAZEnabled`.
        message: what is wrong, one sentence without a final stop.
    """

    rule: Rule
    logical_id: str
    location: str
    message: str


@cache
def rules() -> tuple[Rule, ...]:
    """Return the rules in the order of the data."""
    facts = cast("Mapping[str, list[_RuleFact]]", load("compliance"))["rules"]
    return tuple(
        Rule(fact["id"], fact["type"], fact["level"], fact["what"], fact["fix"], tuple(fact["source"]))
        for fact in facts
    )


def check(template: Mapping[str, object]) -> tuple[Finding, ...]:
    """Return everything in a template that does not keep to a rule, in the order of its resources.

    Args:
        template: a CloudFormation template as JSON is read, made by anybody.
    """
    return tuple(
        finding
        for resource in resources(template)
        for rule in rules()
        if rule.type == resource.type
        for finding in _findings(rule, resource)
    )


def _findings(rule: Rule, resource: Resource) -> Iterator[Finding]:
    try:
        for location, message in _CHECKS[rule.id](resource):
            yield Finding(rule, resource.logical_id, location, message)
    except UndecidedError:
        return
