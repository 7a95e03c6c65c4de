"""Parameter groups: what they set, what shall differ, and how to get there.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Management.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from elasticache_kit.errors import NotFoundError, RefusedError
from elasticache_kit.model import parameter
from elasticache_kit.model.parameter import ParameterGroupSpec
from elasticache_kit.model.quota import PARAMETERS_PER_CALL
from elasticache_kit.ops import target
from elasticache_kit.ops.plan import Call, Plan, Seen, State, Step
from elasticache_kit.ops.session import Session, code, reaching

Values = Mapping[str, str]

_NOT_FOUND = frozenset({"CacheParameterGroupNotFound", "CacheParameterGroupNotFoundFault"})


@dataclass(frozen=True, slots=True)
class ParameterGroup:
    """A parameter group as the API tells it.

    Args:
        name: its name.
        family: its family, for example `valkey8`.
        values: the parameters that the user set.
        defaults: the parameters of the family with their values, where the family gives one.
        reboot: the names of the parameters that take a reboot.
    """

    name: str
    family: str
    values: Values
    defaults: Values
    reboot: frozenset[str]

    @property
    def own(self) -> bool:
        """Whether it is the user's, and not one of AWS's own, which nobody can change."""
        return parameter.default_group_family(self.name) is None


@dataclass(frozen=True, slots=True)
class Difference:
    """A parameter that shall be another.

    Args:
        name: the parameter.
        present: its value; None where it has none.
        wanted: the value that it shall have; None for the default of the family.
        reboot: whether it takes a reboot.
    """

    name: str
    present: str | None
    wanted: str | None
    reboot: bool


def find(session: Session, name: str) -> ParameterGroup | None:
    """Return a parameter group, or None.

    Raises:
        ConnectionFailedError: the API cannot be reached.
    """
    client = session.ask
    with reaching():
        try:
            groups = client.describe_cache_parameter_groups(CacheParameterGroupName=name)["CacheParameterGroups"]
        except ClientError as error:
            if code(error) not in _NOT_FOUND:
                raise
            return None
        pages = client.get_paginator("describe_cache_parameters").paginate(CacheParameterGroupName=name)
        records: list[Mapping[str, Any]] = [record for page in pages for record in page["Parameters"]]
    return ParameterGroup(
        name=name,
        family=groups[0].get("CacheParameterGroupFamily", ""),
        values=_values(records, user=True),
        defaults=_values(records, user=False),
        reboot=frozenset(str(r["ParameterName"]) for r in records if r.get("ChangeType") == "requires-reboot"),
    )


def named(session: Session, name: str) -> ParameterGroup:
    """Return a parameter group.

    Raises:
        NotFoundError: there is none.
        ConnectionFailedError: the API cannot be reached.
    """
    found = find(session, name)
    if found is None:
        raise NotFoundError(f"there is no parameter group {name!r} in {session.where}")
    return found


def differences(group: ParameterGroup, wanted: Values, *, only: bool = False) -> tuple[Difference, ...]:
    """Return what differs from the values that are wanted, by name.

    Args:
        group: the group as it is.
        wanted: the values.
        only: whether what the user set and nobody wants goes back to the default.
    """
    found = [
        Difference(name, present, value, name in group.reboot)
        for name, value in wanted.items()
        if (present := group.values.get(name, group.defaults.get(name))) != value
    ]
    if only:
        found += [
            Difference(name, value, None, name in group.reboot)
            for name, value in group.values.items()
            if name not in wanted
        ]
    return tuple(sorted(found, key=lambda item: item.name))


def plan(group: ParameterGroup, changes: tuple[Difference, ...]) -> Plan:
    """Plan to make a parameter group what is wanted.

    Args:
        group: the group as it is.
        changes: what differs.

    Raises:
        RefusedError: it cannot be; the message has every reason.
    """
    operation = f"parameters of {group.name}"
    after = {**group.values, **{item.name: item.wanted for item in changes if item.wanted is not None}}
    after = {name: value for name, value in after.items() if name not in {i.name for i in changes if i.wanted is None}}
    spec = ParameterGroupSpec(
        cache_parameter_group_name=group.name,
        cache_parameter_group_family=group.family,
        description="as it is",
        parameters=after,
    )
    found = [item for item in parameter.check(spec) if item.property in {change.name for change in changes}]
    reasons = list(target.spoken(found))
    if not group.own:
        reasons = [f"{group.name} is AWS's own and cannot be changed: make a group of the family {group.family}"]
    if reasons:
        raise RefusedError(operation, reasons)
    notes = [*target.spoken(found, "warn")]
    if reboot := [item.name for item in changes if item.reboot]:
        notes.append(f"{', '.join(reboot)}: in effect when the nodes are rebooted")
    set_to = {item.name: item.wanted for item in changes if item.wanted is not None}
    back = [item.name for item in changes if item.wanted is None]
    return Plan(operation, (*setting(group.name, set_to), *_resetting(group.name, back)), tuple(notes))


def creating(name: str, family: str, values: Values) -> tuple[Step, ...]:
    """Return the steps that make a parameter group and set its values."""
    call = (
        ("CacheParameterGroupName", name),
        ("CacheParameterGroupFamily", family),
        ("Description", f"for {family}, by elasticache-kit"),
    )
    exists = State(f"there is a parameter group {name}", lambda session: Seen(find(session, name) is not None))
    return (Call("CreateCacheParameterGroup", call, done=exists), *setting(name, values))


def setting(name: str, values: Values) -> Iterator[Call]:
    """Yield the calls that set values, as many in one as the API takes."""
    pairs = sorted(values.items())
    for start in range(0, len(pairs), PARAMETERS_PER_CALL):
        some = dict(pairs[start : start + PARAMETERS_PER_CALL])
        listed = [{"ParameterName": key, "ParameterValue": value} for key, value in some.items()]
        yield Call(
            "ModifyCacheParameterGroup",
            (("CacheParameterGroupName", name), ("ParameterNameValues", listed)),
            done=_holds(name, some),
        )


def _resetting(name: str, names: list[str]) -> Iterator[Call]:
    for start in range(0, len(names), PARAMETERS_PER_CALL):
        some = names[start : start + PARAMETERS_PER_CALL]
        listed = [{"ParameterName": key, "ParameterValue": ""} for key in some]
        yield Call("ResetCacheParameterGroup", (("CacheParameterGroupName", name), ("ParameterNameValues", listed)))


def _holds(name: str, values: Values) -> State:
    def look(session: Session) -> Seen:
        found = find(session, name)
        return Seen(found is not None and all(found.values.get(key) == value for key, value in values.items()))

    return State("it holds these", look)


def _values(records: list[Mapping[str, Any]], *, user: bool) -> dict[str, str]:
    return {
        str(record["ParameterName"]): str(record["ParameterValue"])
        for record in records
        if (record.get("Source") == "user") is user and record.get("ParameterValue") is not None
    }
