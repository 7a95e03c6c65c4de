"""Parameters of the engines, and the families that they come in.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import NotRequired, TypedDict, cast

from elasticache_kit.errors import NotFoundError
from elasticache_kit.model.data import load
from elasticache_kit.model.engine import Engine, cluster_mode_families
from elasticache_kit.model.engine import families as engine_families


class _ParameterFact(TypedDict):
    families: list[str]
    type: str
    default: NotRequired[str]
    allowed: NotRequired[str]
    modifiable: bool
    at_creation: NotRequired[bool]
    change_type: NotRequired[str]
    minimum_engine_version: NotRequired[str]
    source: list[str]


class _FamilyFact(TypedDict):
    engine: str
    listing: str


class _ParameterFacts(TypedDict):
    families: dict[str, _FamilyFact]
    parameters: dict[str, list[_ParameterFact]]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in one family.

    Args:
        name: for example `maxmemory-policy`.
        type: `string`, `integer`, `number`, `float` or `boolean`.
        default: its value in the default parameter group; None where it depends on the node type or has none.
        allowed: the values, in the notation of the API: a comma list; `1-64` is a range, `0-` has no upper end, `-` is
            any integer; None where no page tells.
        modifiable: whether it can be changed at any time.
        at_creation: whether it can be set until a cache uses the parameter group, for example cluster-enabled.
        change_type: `immediate` or `requires-reboot`; None where it never changes.
        minimum_engine_version: the version that brought it; None where every version of the family has it.
        source: where it is written.
    """

    name: str
    type: str
    default: str | None
    allowed: str | None
    modifiable: bool
    at_creation: bool
    change_type: str | None
    minimum_engine_version: str | None
    source: tuple[str, ...]

    @property
    def settable(self) -> bool:
        """Whether a parameter group may set it."""
        return self.modifiable or self.at_creation


@dataclass(frozen=True, slots=True)
class ParameterFamily:
    """The parameters of the engine versions that share them.

    Args:
        name: for example `valkey9`.
        engine: its engine.
        complete: whether all its parameters are listed here; where not, rows may be missing.
        parameters: its parameters by name.
    """

    name: str
    engine: Engine
    complete: bool
    parameters: Mapping[str, Parameter] = field(hash=False)


@cache
def families() -> tuple[str, ...]:
    """Return the names of the families whose parameters are known."""
    return tuple(cast("_ParameterFacts", load("parameters"))["families"])


@cache
def family(name: str) -> ParameterFamily:
    """Return a family with its parameters.

    Raises:
        NotFoundError: there is no such family, or its parameters are not known.
    """
    facts = cast("_ParameterFacts", load("parameters"))
    found = facts["families"].get(name)
    if found is None:
        raise NotFoundError(f"The parameters of the family {name!r} are not known; known are {', '.join(families())}.")
    return ParameterFamily(
        name=name,
        engine=Engine(found["engine"]),
        complete=found["listing"] != "partial",
        parameters={
            parameter: _parameter(parameter, fact)
            for parameter, variants in facts["parameters"].items()
            for fact in variants
            if name in fact["families"]
        },
    )


def default_parameter_group(family: str, cluster_mode: bool) -> str:
    """Return the name of AWS's own parameter group of a family, for example `default.valkey9.cluster.on`.

    A family that has no cluster mode, which is memcached and redis before 3.2, has one group only.
    """
    # A family that came out after this release has cluster mode.
    without = family in engine_families() and family not in cluster_mode_families()
    return f"default.{family}.cluster.on" if cluster_mode and not without else f"default.{family}"


def default_group_family(name: str) -> str | None:
    """Return the family that the name of one of AWS's own parameter groups tells; None for other names."""
    folded = name.lower()
    return folded.removeprefix("default.").removesuffix(".cluster.on") if folded.startswith("default.") else None


def _parameter(name: str, fact: _ParameterFact) -> Parameter:
    return Parameter(
        name=name,
        type=fact["type"],
        default=fact.get("default"),
        allowed=fact.get("allowed"),
        modifiable=fact["modifiable"],
        at_creation=fact.get("at_creation", False),
        change_type=fact.get("change_type"),
        minimum_engine_version=fact.get("minimum_engine_version"),
        source=tuple(fact["source"]),
    )
