"""Acknowledgements: what a template keeps on purpose, each rule with the reason, in the metadata of the resource.

Metadata:
  elasticache-kit:
    acknowledge:
      rg-tls-off: The clients of 2019 speak no TLS.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from elasticache_kit.model.rule import shown
from elasticache_kit.template.problem import Problem

if TYPE_CHECKING:
    from elasticache_kit.template.document import Resource
    from elasticache_kit.template.located import Value

UNREASONED = "ack-reason"
UNHEARD_OF = "ack-rule"
RULES = {UNREASONED: "Who acknowledges a rule says why.", UNHEARD_OF: "What is acknowledged is a rule."}

_KEYS = ("elasticache-kit", "acknowledge")


def reasons(resource: Resource) -> dict[str, str]:
    """Return why a resource breaks the rules that it acknowledges; one without a reason is not acknowledged."""
    return {
        rule_id: reason.strip()
        for rule_id, reason in _listed(resource).items()
        if isinstance(reason, str) and reason.strip()
    }


def problems(path: str, resource: Resource, rule_ids: Collection[str]) -> Iterator[Problem]:
    """Yield the acknowledgements that have no reason, and those of what is no rule."""
    reasoned = reasons(resource)
    for rule_id in _listed(resource):
        if rule_id not in rule_ids:
            near = difflib.get_close_matches(rule_id, rule_ids, n=1)
            remedy = f"take {near[0]}" if near else "take a rule of docs/rules.md, or leave it out"
            yield _problem(path, resource, rule_id, UNHEARD_OF, message="there is no such rule", remedy=remedy)
        if rule_id not in reasoned:
            yield _problem(
                path,
                resource,
                rule_id,
                UNREASONED,
                message="it is acknowledged without a reason",
                remedy="write the reason as text",
            )


def _problem(path: str, resource: Resource, rule_id: str, own_id: str, *, message: str, remedy: str) -> Problem:
    return Problem(
        path=path,
        line=resource.line,
        logical_id=resource.logical_id,
        resource_type=resource.type,
        property=".".join(("Metadata", *_KEYS)),
        value=shown(rule_id),
        rule_id=own_id,
        level="error",
        message=message,
        remedy=remedy,
    )


def _listed(resource: Resource) -> Mapping[str, Value]:
    found: Value = dict(resource.metadata)
    for key in _KEYS:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}
