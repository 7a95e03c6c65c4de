"""ResourceChange: what becomes of one resource when a stack goes from one template to another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from elasticache_kit.model.change import advice, loss, modification, refusal
from elasticache_kit.model.change.condition import Situation
from elasticache_kit.model.change.fact import ELASTICACHE, TypeFact, referenced, types
from elasticache_kit.model.change.kind import Kind
from elasticache_kit.model.change.property import changes
from elasticache_kit.model.unknown import UNKNOWN, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticache_kit.model.change.loss import Loss
    from elasticache_kit.model.change.property import PropertyChange
    from elasticache_kit.model.change.state import State
    from elasticache_kit.model.rule import Violation


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceChange:
    """What becomes of a resource.

    Args:
        logical_id: its name in the template.
        type: its type.
        kind: the gravest of what happens to it.
        properties: what each changed property does.
        loss: the data that it costs; None for none, or where it is refused. Where it is unknown: at the worst.
        refusals: why the deployment would fail.
        warnings: what the deployment takes, and its owner may not.
        depends_on: what the deployment must know before more can be told.
        counterpart: the resource that is probably the same under another logical id; None where there is none.
        advice: the safe ways, the best one first.
    """

    logical_id: str
    type: str
    kind: Kind
    properties: tuple[PropertyChange, ...] = ()
    loss: Loss | None = None
    refusals: tuple[Violation, ...] = ()
    warnings: tuple[Violation, ...] = ()
    depends_on: tuple[str, ...] = ()
    counterpart: str | None = None
    advice: tuple[str, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether the deployment would fail."""
        return self.kind is Kind.REFUSED

    @property
    def loses_data(self) -> bool:
        """Whether data are lost for sure."""
        return self.loss is not None and self.kind is not Kind.UNKNOWN

    @property
    def undecided(self) -> bool:
        """Whether data may be lost, and what is known does not tell."""
        return self.kind is Kind.UNKNOWN and (self.loss is not None or self.type not in types())


def fact_of(type_name: str) -> TypeFact | None:
    """Return what is known of a type; None for one that means nothing to ElastiCache, or that is newer than this."""
    return types().get(type_name) or referenced().get(type_name)


def change(old: State, new: State) -> ResourceChange | None:
    """Return what becomes of a resource that is in both templates, None where it stays as it is."""
    if old.type != new.type:
        refused = (refusal.type_changed(old, new),)
        return ResourceChange(logical_id=new.logical_id, type=new.type, kind=Kind.REFUSED, refusals=refused)
    fact = fact_of(new.type) or TypeFact(type=new.type)
    found = changes(fact, Situation(old=old.properties, new=new.properties, online_resharding=_online(new)))
    if not found:
        return None
    kind = max((item.kind for item in found), key=lambda item: item.rank)
    # A resource that is made anew is not modified: the rules of a change do not apply to it.
    replaces = kind is Kind.REPLACEMENT
    violations = () if replaces else modification.violations(old, new)
    refusals = (*refusal.not_updated(found), *(item for item in violations if item.level == "error"))
    warnings = tuple(item for item in violations if item.level == "warn")
    lost = loss.in_place(warnings)
    if replaces:
        collision = refusal.named(fact, old, new)
        refusals += (collision,) if collision else ()
    if kind in (Kind.REPLACEMENT, Kind.UNKNOWN):
        lost = lost or loss.replaced(fact, old, new)
    made = ResourceChange(
        logical_id=new.logical_id,
        type=new.type,
        kind=Kind.REFUSED if refusals else kind,
        properties=found,
        loss=None if refusals else lost,
        refusals=refusals,
        warnings=warnings,
        depends_on=tuple(sorted({word for item in found if item.kind is Kind.UNKNOWN for word in item.depends_on})),
    )
    return replace(made, advice=advice.of(made, fact, old, new))


def replaces(
    type_name: str, old: Mapping[str, object], new: Mapping[str, object], *, online_resharding: bool = False
) -> bool:
    """Tell whether a change of the properties of an ElastiCache resource makes another one for sure.

    Args:
        type_name: its type.
        old: the properties before.
        new: the properties after.
        online_resharding: UpdatePolicy UseOnlineResharding.
    """
    situation = Situation(old=old, new=new, online_resharding=online_resharding)
    return any(item.kind is Kind.REPLACEMENT for item in changes(types()[type_name], situation))


def added(new: State) -> ResourceChange:
    """Return the change of a resource that the deployed template lacks."""
    return ResourceChange(logical_id=new.logical_id, type=new.type, kind=Kind.NEW)


def removed(old: State, *, certain: bool = True, depends_on: tuple[str, ...] = ()) -> ResourceChange:
    """Return the change of a resource that the new template lacks.

    Args:
        old: the resource as it is deployed.
        certain: no where a condition decides that only the deployment can evaluate.
        depends_on: what that condition depends on.
    """
    fact = fact_of(old.type) or TypeFact(type=old.type)
    made = ResourceChange(
        logical_id=old.logical_id,
        type=old.type,
        kind=Kind.REMOVED if certain and fact_of(old.type) else Kind.UNKNOWN,
        loss=loss.removed(fact, old),
        depends_on=depends_on,
    )
    return replace(made, advice=advice.of_removal(made, fact, old))


def is_ours(type_name: str) -> bool:
    """Tell whether a type is one of ElastiCache's."""
    return type_name.startswith(ELASTICACHE)


def _online(new: State) -> bool | Unknown:
    return UNKNOWN if isinstance(new.online_resharding, Unknown) else new.online_resharding
