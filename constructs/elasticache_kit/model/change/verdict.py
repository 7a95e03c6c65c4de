"""Verdict: whether a deployment may go on, given what becomes of its resources and what was acknowledged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elasticache_kit.model.change.resource import ResourceChange


class Verdict(StrEnum):
    """Whether a deployment may go on."""

    SAFE = "safe"
    UNKNOWN = "unknown"
    DANGEROUS = "dangerous"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackChange:
    """What becomes of a stack.

    Args:
        name: its name.
        against: what it is compared with, in words.
        deployed: whether anything is deployed under its name.
        changes: what becomes of its resources, without those that stay as they are.
        acknowledged: the resources whose loss is accepted, by logical id, each with the reason.
        notes: what its owner should know.
    """

    name: str
    against: str
    deployed: bool = True
    changes: tuple[ResourceChange, ...] = ()
    acknowledged: Mapping[str, str] = field(default_factory=dict[str, str])
    notes: tuple[str, ...] = ()

    def verdict_of(self, change: ResourceChange) -> Verdict:
        """Return whether one change may go on; a refusal cannot be acknowledged."""
        if change.refused:
            return Verdict.DANGEROUS
        if change.logical_id in self.acknowledged:
            return Verdict.SAFE
        if change.loses_data:
            return Verdict.DANGEROUS
        return Verdict.UNKNOWN if change.undecided else Verdict.SAFE


def verdict(stacks: Iterable[StackChange]) -> Verdict:
    """Return whether a deployment of all the stacks may go on."""
    found = {stack.verdict_of(change) for stack in stacks for change in stack.changes}
    return next((grave for grave in (Verdict.DANGEROUS, Verdict.UNKNOWN) if grave in found), Verdict.SAFE)


def ambiguous(names: Iterable[str], stacks: Iterable[StackChange]) -> Mapping[str, tuple[str, ...]]:
    """Return the names that stand for changes of several stacks which need it, each with all it could mean."""
    meant: dict[str, list[str]] = {}
    for stack in stacks:
        for change in stack.changes:
            if change.loses_data or change.undecided:
                meant.setdefault(change.logical_id, []).append(f"{stack.name}/{change.logical_id}")
    return {name: tuple(meant[name]) for name in dict.fromkeys(names) if len(meant.get(name, ())) > 1}


def unmatched(names: Iterable[str], stacks: Iterable[StackChange]) -> tuple[str, ...]:
    """Return the acknowledged names that belong to no change which needs it."""
    needing = {
        name
        for stack in stacks
        for change in stack.changes
        if change.loses_data or change.undecided
        for name in (change.logical_id, f"{stack.name}/{change.logical_id}")
    }
    return tuple(name for name in dict.fromkeys(names) if name not in needing)
