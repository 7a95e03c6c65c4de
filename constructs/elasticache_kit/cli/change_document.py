"""Changes of stacks as a document for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from elasticache_kit.cli.change_text import plain

if TYPE_CHECKING:
    from elasticache_kit.model.change import PropertyChange, ResourceChange, StackChange, Verdict
    from elasticache_kit.model.rule import Violation


def document(stacks: Sequence[StackChange], verdict: Verdict) -> dict[str, object]:
    """Return the changes as plain data; an expression that only the deployment works out is its text."""
    return {"verdict": str(verdict), "stacks": [_stack(stack) for stack in stacks]}


def _stack(stack: StackChange) -> dict[str, object]:
    return {
        "name": stack.name,
        "against": stack.against,
        "deployed": stack.deployed,
        "notes": list(stack.notes),
        "changes": [_change(stack, change) for change in stack.changes],
    }


def _change(stack: StackChange, change: ResourceChange) -> dict[str, object]:
    return {
        "logical_id": change.logical_id,
        "type": change.type,
        "kind": str(change.kind),
        "verdict": str(stack.verdict_of(change)),
        "loses_data": change.loses_data,
        "loss": None if change.loss is None else {"what": change.loss.what, "copy": change.loss.copy},
        "acknowledged": stack.acknowledged.get(change.logical_id),
        "refusals": [_violation(item) for item in change.refusals],
        "warnings": [_violation(item) for item in change.warnings],
        "depends_on": list(change.depends_on),
        "counterpart": change.counterpart,
        "safe_ways": list(change.advice),
        "properties": [_property(item) for item in change.properties],
    }


def _property(item: PropertyChange) -> dict[str, object]:
    return {
        "name": item.name,
        "kind": str(item.kind),
        "certain": item.certain,
        "old": plain(item.old),
        "new": plain(item.new),
        "why": item.why,
        "depends_on": list(item.depends_on),
        "source": list(item.source),
    }


def _violation(violation: Violation) -> dict[str, object]:
    return {
        "rule": violation.rule_id,
        "property": violation.property,
        "value": plain(violation.value),
        "message": violation.message,
        "remedy": violation.remedy,
        "source": list(violation.source),
    }
