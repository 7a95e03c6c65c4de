"""Comparison: what becomes of the ElastiCache resources of a stack when it goes from one template to another.

A resource that is replaced changes every reference to it, so its fate decides that of what refers to it: a new subnet
group makes a new cache.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from elasticache_kit.model.change import Kind, Loss, ResourceChange, State, added, advice, change, removed, rename
from elasticache_kit.model.change.resource import fact_of, is_ours
from elasticache_kit.model.change.value import ABSENT, Deferred, Difference, compare, depends_on
from elasticache_kit.model.unknown import UNKNOWN, Unknown
from elasticache_kit.template import replication_group
from elasticache_kit.template.check import refused
from elasticache_kit.template.name import steps
from elasticache_kit.template.resolver import PERHAPS_REPLACED, REPLACED, Resolver
from elasticache_kit.template.scope import Scope

if TYPE_CHECKING:
    from elasticache_kit.model.rule import Violation
    from elasticache_kit.template.document import Resource, Template
    from elasticache_kit.template.located import Value

NESTED_STACK = "AWS::CloudFormation::Stack"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A template with the values of its parameters.

    Args:
        template: the template.
        values: its parameters and pseudo parameters, as far as they are known.
    """

    template: Template
    values: Mapping[str, object] = field(default_factory=dict[str, object])


class Comparison:
    """Compares two sides of one stack.

    Args:
        old: what is deployed; None where nothing is.
        new: what is asked for; None where the stack goes.
    """

    def __init__(self, old: Side | None, new: Side | None) -> None:
        self._old = Resolver(template=old.template, values=old.values) if old else None
        self._new = Resolver(template=new.template, values=new.values, fate=self._fate) if new else None
        self._fates: dict[str, str] = {}

    def changes(self) -> tuple[ResourceChange, ...]:
        """Return what becomes of each resource that does not stay as it is, the gravest first."""
        found = [made for name in self._names() if (made := self._change(name)) is not None]
        pairs = rename.pairs(
            [self._state_before(item.logical_id) for item in found if item.kind is Kind.REMOVED],
            [self._state_after(item.logical_id) for item in found if item.kind is Kind.NEW],
        )
        back = {new: old for old, new in pairs.items()}
        paired = [_paired(item, pairs.get(item.logical_id), back.get(item.logical_id)) for item in found]
        judged = [self._judged(item) for item in paired]
        return tuple(sorted(judged, key=lambda item: (-item.kind.rank, item.logical_id)))

    def nested(self) -> dict[str, Kind]:
        """Return the nested stacks that change, are new or go, by logical id."""
        found: dict[str, Kind] = {}
        for name in self._names(NESTED_STACK):
            old, new = self._resource(self._old, name), self._resource(self._new, name)
            if old is None or new is None:
                found[name] = Kind.REMOVED if old else Kind.NEW
            elif self._differs(old, new):
                found[name] = Kind.UNKNOWN
        return {name: kind for name, kind in found.items() if not self._retained(name, kind)}

    def nested_parameters(self, logical_id: str) -> dict[str, object]:
        """Return the values that a nested stack gets anew; it keeps the others."""
        before, after = self._parameters(self._old, logical_id), self._parameters(self._new, logical_id)
        return {
            name: value
            for name, value in after.items()
            if compare(before.get(name, ABSENT), value) is not Difference.SAME
        }

    def _change(self, name: str) -> ResourceChange | None:
        old, new = self._resource(self._old, name), self._resource(self._new, name)
        before, after = self._present(self._old, old), self._present(self._new, new)
        if before is False and after is False:
            return None
        if before is False:
            return added(self._state_after(name))
        if after is False:
            return removed(self._state_before(name))
        if isinstance(after, Deferred) and before != after:
            return removed(self._state_before(name), certain=False, depends_on=after.depends_on)
        return change(self._state_before(name), self._state_after(name))

    def _judged(self, made: ResourceChange) -> ResourceChange:
        """Refuse what would break a rule of the rulebook."""
        if self._new is None:
            return made
        if made.kind in (Kind.NEW, Kind.REPLACEMENT):
            refusals = self._refused_anew(self._new, made)
        elif made.kind in (Kind.IN_PLACE, Kind.INTERRUPTION):
            refusals = self._refused_in_place(self._new, made)
        else:
            return made
        return replace(made, kind=Kind.REFUSED, loss=None, advice=(), refusals=refusals) if refusals else made

    def _refused_anew(self, new: Resolver, made: ResourceChange) -> tuple[Violation, ...]:
        """Return what is refused of a resource that is made, all of it, unless a condition may leave it out."""
        present = self._present(new, new.template.resources[made.logical_id])
        return refused(new.template, made.logical_id) if present is True else ()

    def _refused_in_place(self, new: Resolver, made: ResourceChange) -> tuple[Violation, ...]:
        """Return the rules that a changed property breaks then, and does not as it is deployed.

        Of other properties nothing is said: a rule may be about the making of a resource alone.
        """
        changed = {item.name for item in made.properties}
        deployed = refused(self._old.template, made.logical_id) if self._old else ()
        before = {(item.rule_id, item.property) for item in deployed}
        return tuple(
            item
            for item in refused(new.template, made.logical_id)
            if (item.rule_id, item.property) not in before and steps(item.property)[0] in changed
        )

    def _fate(self, name: str) -> str:
        """Return the mark of references to a resource of the new template."""
        if name not in self._fates:
            # Templates may refer in a circle, which CloudFormation refuses.
            self._fates[name] = ""
            old, new = self._resource(self._old, name), self._resource(self._new, name)
            self._fates[name] = self._compared(old, new) if old and new else ""
        return self._fates[name]

    def _compared(self, old: Resource, new: Resource) -> str:
        if old.type != new.type:
            return ""
        if fact_of(new.type) is None:
            return PERHAPS_REPLACED if self._differs(old, new) else ""
        made = change(self._state_before(old.logical_id), self._state_after(new.logical_id))
        kind = None if made is None else made.kind
        return {Kind.REPLACEMENT: REPLACED, Kind.UNKNOWN: PERHAPS_REPLACED}.get(kind, "") if kind else ""

    def _differs(self, old: Resource, new: Resource) -> bool:
        before, after = (
            resolver.resolve(dict(resource.properties)) if resolver else None
            for resolver, resource in ((self._old, old), (self._new, new))
        )
        return compare(before, after) is not Difference.SAME

    def _names(self, *types: str) -> list[str]:
        """Return the logical ids of ElastiCache's resources in either template, or of those of other types."""
        found = {
            name
            for side in (self._old, self._new)
            if side
            for name, resource in side.template.resources.items()
            if (resource.type in types if types else is_ours(resource.type))
        }
        return sorted(found)

    def _resource(self, side: Resolver | None, name: str) -> Resource | None:
        return side.template.resources.get(name) if side else None

    def _present(self, side: Resolver | None, resource: Resource | None) -> object:
        if side is None or resource is None:
            return False
        return True if resource.condition is None else side.condition(resource.condition)

    def _state_before(self, name: str) -> State:
        return _state(self._old, name)

    def _state_after(self, name: str) -> State:
        return _state(self._new, name)

    def _retained(self, name: str, kind: Kind) -> bool:
        old = self._resource(self._old, name)
        return kind is Kind.REMOVED and old is not None and str(old.deletion_policy).startswith("Retain")

    def _parameters(self, side: Resolver | None, logical_id: str) -> dict[str, object]:
        resource = self._resource(side, logical_id)
        written = resource.properties.get("Parameters") if resource else None
        if side is None or not isinstance(written, dict):
            return {}
        return {name: side.resolve(value) for name, value in written.items()}


def unfollowed(logical_id: str, kind: Kind) -> ResourceChange:
    """Return the change of a nested stack whose templates are not at hand."""
    word = "goes" if kind is Kind.REMOVED else "changes"
    return ResourceChange(
        logical_id=logical_id,
        type=NESTED_STACK,
        kind=Kind.UNKNOWN,
        loss=Loss(what="the data of whatever caches are in the nested stack, at the worst"),
        depends_on=(f"the templates of the nested stack, which {word}",),
        advice=("compare a cloud assembly with the account: they hold all templates; or each by hand with --deployed",),
    )


def _state(side: Resolver | None, name: str) -> State:
    if side is None:
        return State(logical_id=name, type="")
    resource = side.template.resources[name]
    resolved = {key: side.resolve(value) for key, value in resource.properties.items()}
    properties = {key: value for key, value in resolved.items() if value is not ABSENT}
    return State(
        logical_id=name,
        type=resource.type,
        properties=properties,
        context=_context(side, resource, properties.get("CacheParameterGroupName")),
        deletion_policy=_policy(side, resource.deletion_policy),
        update_replace_policy=_policy(side, resource.update_replace_policy),
        online_resharding=_truth(side.resolve(resource.update_policy.get("UseOnlineResharding"))),
    )


def _context(side: Resolver, resource: Resource, group: object) -> dict[str, object]:
    """Return what the parameter group of a replication group tells the rulebook, where it is in the template.

    Its name is the reference: a group that is replaced has another name afterwards.
    """
    if resource.type != replication_group.TYPE or not (isinstance(group, Deferred) and group.target):
        return {}
    spec = replication_group.spec(Scope(side.template), resource)
    return {
        "cache_parameter_group_name": group.text,
        "parameter_group_family": spec.parameter_group_family,
        "parameter_group_cluster_enabled": spec.parameter_group_cluster_enabled,
        "parameter_group_parameters": spec.parameter_group_parameters,
    }


def _policy(side: Resolver, written: Value) -> str | Unknown | None:
    value = side.resolve(written)
    return UNKNOWN if depends_on(value) else str(value) if isinstance(value, str) else None


def _truth(value: object) -> bool | Unknown:
    return UNKNOWN if isinstance(value, Deferred) else str(value).lower() == "true"


def _paired(item: ResourceChange, new_id: str | None, old_id: str | None) -> ResourceChange:
    if new_id is not None:
        ways = (*advice.of_rename(item.logical_id, new_id), *item.advice)
        return replace(item, counterpart=new_id, advice=ways if item.loss else ())
    return replace(item, counterpart=old_id) if old_id is not None else item
