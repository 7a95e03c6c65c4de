"""Upgrading the engine: a newer version, or from Redis OSS to Valkey, with the parameter group following its family.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/VersionManagement.HowTo.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.model import parameter
from elasticache_kit.model.parameter import ParameterGroupSpec
from elasticache_kit.model.replication_group.properties import asked_version
from elasticache_kit.ops import modification, parameter_group
from elasticache_kit.ops.target import CHANGE_TIMEOUT_SECONDS

if TYPE_CHECKING:
    from elasticache_kit.model.engine import EngineVersion
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.parameter_group import ParameterGroup, Values
    from elasticache_kit.ops.plan import Plan, Step


@dataclass(frozen=True, slots=True)
class Following:
    """The parameter group that goes with a new family.

    Args:
        name: its name; None where the group keeps the one that it has.
        steps: what makes it.
        notes: what a reader should know.
    """

    name: str | None
    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()


def plan(
    group: ReplicationGroup,
    version: EngineVersion,
    present: ParameterGroup | None,
    *,
    name: str | None = None,
    at_once: bool = True,
    timeout_seconds: float = CHANGE_TIMEOUT_SECONDS,
) -> Plan:
    """Plan the upgrade of a group.

    Args:
        group: the group as it is.
        version: the engine and version that it shall run.
        present: its parameter group; None when the API did not tell.
        name: the parameter group of the new family; when omitted AWS's own where the group has AWS's own, and a copy
            of the group's own else.
        at_once: now; in the maintenance window otherwise.
        timeout_seconds: how long to wait; 4 hours when omitted.

    Raises:
        RefusedError: it cannot be; the message has every reason.
    """
    following = _following(group, version, present, name)
    parameters: dict[str, object] = {"EngineVersion": version.version}
    fields: dict[str, object] = {"engine": str(version.engine), "engine_version": version.version}
    if version.engine != group.engine:
        parameters = {"Engine": str(version.engine), **parameters}
    if following.name is not None:
        parameters["CacheParameterGroupName"] = following.name
        fields |= {"cache_parameter_group_name": following.name, "parameter_group_family": version.family}
    notes = [
        "nodes are replaced one after the other, and the primary fails over: clients reconnect",
        "a version never goes back but from valkey 7.2 to redis 7.1: take a snapshot first (snapshot create)",
    ]
    return modification.plan(
        f"upgrade of {group.replication_group_id} to {version}",
        group,
        parameters,
        fields,
        f"runs {version}",
        lambda seen: _runs(seen, version),
        before=following.steps,
        notes=(*notes, *following.notes),
        at_once=at_once,
        timeout_seconds=timeout_seconds,
    )


def _runs(group: ReplicationGroup, version: EngineVersion) -> bool:
    """Tell whether every node of a group runs a version."""
    known = [member.engine_version for member in group.members if member.engine_version]
    return (
        group.engine == version.engine
        and bool(known)
        and all(version.version in {text, asked_version(group.engine, text)} for text in known)
    )


def _following(
    group: ReplicationGroup, version: EngineVersion, present: ParameterGroup | None, name: str | None
) -> Following:
    if name is not None:
        return Following(name)
    if present is None or present.family == version.family:
        return Following(None)
    if not present.own:
        return Following(parameter.default_parameter_group(version.family, group.cluster_mode != "disabled"))
    new = f"{present.name}-{version.family.replace('.', '-')}"
    kept, dropped = _carried(present, version.family)
    notes = [f"the parameter group {present.name} is of {present.family}: {new} has its values for {version.family}"]
    if dropped:
        notes.append(f"{version.family} does not take these, they are left out: {', '.join(sorted(dropped))}")
    return Following(new, parameter_group.creating(new, version.family, kept), tuple(notes))


def _carried(present: ParameterGroup, family: str) -> tuple[Values, set[str]]:
    """Return the values that a family takes, and the names of those that it does not."""
    spec = ParameterGroupSpec(
        cache_parameter_group_name="x",
        cache_parameter_group_family=family,
        description="x",
        parameters=present.values,
    )
    dropped = {item.property for item in parameter.check(spec) if item.level == "error"} & set(present.values)
    return {key: value for key, value in present.values.items() if key not in dropped}, dropped
