"""Checking a template: every resource that concerns ElastiCache is put before the rulebook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from elasticache_kit.model import auto_scaling as auto_scaling_model
from elasticache_kit.model import cache_cluster as cache_cluster_model
from elasticache_kit.model import global_replication_group as global_replication_group_model
from elasticache_kit.model import parameter as parameter_model
from elasticache_kit.model import replication_group as replication_group_model
from elasticache_kit.model import resource as resource_model
from elasticache_kit.model import serverless_cache as serverless_cache_model
from elasticache_kit.model import serverless_cache_snapshot as serverless_cache_snapshot_model
from elasticache_kit.model import snapshot as snapshot_model
from elasticache_kit.model import subnet_group as subnet_group_model
from elasticache_kit.model import user as user_model
from elasticache_kit.model import user_group as user_group_model
from elasticache_kit.model.rule import HIDDEN, rule_facts, shown
from elasticache_kit.model.unknown import Unknown
from elasticache_kit.template import (
    acknowledgement,
    auto_scaling,
    cache_cluster,
    global_replication_group,
    name,
    parameter_group,
    replication_group,
    same_name,
    serverless_cache,
    snapshot,
    subnet_group,
    user,
    user_group,
)
from elasticache_kit.template.problem import Problem
from elasticache_kit.template.scope import Scope

if TYPE_CHECKING:
    from elasticache_kit.model.rule import Violation
    from elasticache_kit.template.document import Resource, Template
    from elasticache_kit.template.located import Path

_JUDGES: Mapping[str, Callable[[Scope, Resource], tuple[Violation, ...]]] = {
    cache_cluster.TYPE: lambda scope, item: cache_cluster_model.check(cache_cluster.spec(scope, item)),
    global_replication_group.TYPE: lambda scope, item: global_replication_group_model.check(
        global_replication_group.spec(scope, item)
    ),
    parameter_group.TYPE: lambda scope, item: parameter_model.check(parameter_group.spec(scope, item)),
    replication_group.TYPE: lambda scope, item: replication_group_model.check(replication_group.spec(scope, item)),
    serverless_cache.TYPE: lambda scope, item: serverless_cache_model.check(serverless_cache.spec(scope, item)),
    snapshot.TYPE: lambda scope, item: snapshot_model.check(snapshot.spec(scope, item)),
    snapshot.SERVERLESS_TYPE: lambda scope, item: serverless_cache_snapshot_model.check(
        snapshot.serverless_spec(scope, item)
    ),
    subnet_group.TYPE: lambda scope, item: subnet_group_model.check(subnet_group.spec(scope, item)),
    user.TYPE: lambda scope, item: user_model.check(user.spec(scope, item)),
    user_group.TYPE: lambda scope, item: user_group_model.check(user_group.spec(scope, item)),
    auto_scaling.TYPE: lambda scope, item: auto_scaling_model.check(auto_scaling.spec(scope, item)),
    # Its rules are those of its target.
    auto_scaling.POLICY_TYPE: lambda _scope, _item: (),
    **dict.fromkeys(resource_model.CACHE_SECURITY_GROUPS, lambda _scope, _item: ()),
}


def check(template: Template) -> tuple[Problem, ...]:
    """Return everything that is wrong or doubtful in the resources of a template that concern ElastiCache.

    What the template acknowledges is among it, with the reason. In the order of lines, errors first.
    """
    scope = Scope(template)
    resources = concerned(template)
    found = [problem for resource in resources for problem in _problems(scope, resource)]
    found += same_name.problems(scope, resources)
    return tuple(sorted(found, key=lambda problem: (problem.line or 0, problem.level != "error")))


def concerned(template: Template) -> tuple[Resource, ...]:
    """Return the resources of a template that concern ElastiCache, in its order."""
    scope = Scope(template)
    scaled = (auto_scaling.TYPE, auto_scaling.POLICY_TYPE)
    return tuple(
        resource
        for resource in template.resources.values()
        if (resource.type in _JUDGES or resource_model.is_unheard_of(resource.type))
        and (resource.type not in scaled or auto_scaling.is_of_cache(scope, resource))
    )


def refused(template: Template, logical_id: str) -> tuple[Violation, ...]:
    """Return what the rulebook refuses of a resource and nobody acknowledged, in the words of the template."""
    scope, resource = Scope(template), template.resources[logical_id]
    reasons = acknowledgement.reasons(resource)
    return tuple(
        replace(
            item,
            property=name.written(name.translate(resource.type, item.property)),
            value=HIDDEN if _value(item) == HIDDEN else item.value,
            message=name.in_words(resource.type, item.message),
            remedy=name.in_words(resource.type, item.remedy),
        )
        for item in _violations(scope, resource)
        if item.level == "error" and item.rule_id not in reasons
    )


def rule_ids() -> tuple[str, ...]:
    """Return the ids of the rules that a resource can break."""
    return tuple(fact["id"] for fact in rule_facts() if not fact["about"].endswith("_change"))


def _problems(scope: Scope, resource: Resource) -> Iterator[Problem]:
    reasons = acknowledgement.reasons(resource)
    for violation in _violations(scope, resource):
        yield replace(_located(scope, resource, violation), acknowledged=reasons.get(violation.rule_id))
    yield from acknowledgement.problems(scope.template.path, resource, rule_ids())


def _violations(scope: Scope, resource: Resource) -> Iterator[Violation]:
    properties = scope.properties(resource)
    spec = resource_model.ResourceSpec(type=resource.type, properties=properties or {})
    # Of properties that a macro makes nothing can be missing.
    formal = resource_model.check(spec) if properties is not None else ()
    judge = _JUDGES.get(resource.type)
    rules = () if judge is None else judge(scope, resource)
    yield from _without_repetition(resource.type, formal, rules)


def _without_repetition(
    resource_type: str, formal: Iterable[Violation], rules: tuple[Violation, ...]
) -> Iterator[Violation]:
    """Leave out a property that is missing where a rule of ElastiCache says the same with more words."""
    said = {name.translate(resource_type, violation.property) for violation in rules if violation.value is None}
    for violation in formal:
        if violation.value is not None or name.steps(violation.property) not in said:
            yield violation
    yield from rules


def _located(scope: Scope, resource: Resource, violation: Violation) -> Problem:
    place, path = _place(scope, resource, violation.property)
    return Problem(
        path=scope.template.path,
        line=place.line_of(path),
        logical_id=place.logical_id,
        resource_type=place.type,
        property=name.written(path),
        value=_value(violation),
        rule_id=violation.rule_id,
        level=violation.level,
        message=name.in_words(resource.type, violation.message),
        remedy=name.in_words(resource.type, violation.remedy),
        source=violation.source,
        aws_code=violation.aws_code,
        aws_message=violation.aws_message,
    )


def _value(violation: Violation) -> str | None:
    match violation.value:
        case None:
            return None
        case value if value == HIDDEN or resource_model.is_secret(violation.property):
            return HIDDEN
        case Unknown():
            return "(known when it is deployed)"
        case bool(value):
            # As a template has it.
            return str(value).lower()
        case value:
            return shown(value)


def _place(scope: Scope, resource: Resource, named: str) -> tuple[Resource, Path]:
    """Return the resource that a property of a spec is written in, and its path there."""
    parameters = resource.properties.get("Properties")
    if resource.type == parameter_group.TYPE and isinstance(parameters, dict) and named in parameters:
        return resource, ("Properties", named)
    if resource.type == auto_scaling.TYPE:
        return auto_scaling.place(scope, resource, named)
    return resource, name.translate(resource.type, named)
