"""Parameter groups: what differs from a family."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.model import identifier
from elasticache_kit.model.engine import Engine, latest
from elasticache_kit.model.engine import families as engine_families
from elasticache_kit.model.parameter import slab, value
from elasticache_kit.model.parameter.family import families, family
from elasticache_kit.model.rule import Finding, Rule, Violation, apply, join
from elasticache_kit.model.unknown import UndecidedError, Unknown, known

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from elasticache_kit.model.parameter.family import Parameter, ParameterFamily

_APPEND_ONLY_FILE = ("appendonly", "appendfsync")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterGroupSpec:
    """A parameter group; None is a property that is omitted, UNKNOWN one that only a deployment knows.

    Args:
        cache_parameter_group_name: its name. Default: CloudFormation makes one up; the API asks for one.
        cache_parameter_group_family: the family that it differs from.
        description: what it is for.
        parameters: what differs, by name; values are text. Default: nothing.
    """

    cache_parameter_group_name: str | Unknown | None = None
    cache_parameter_group_family: str | Unknown | None = None
    description: str | Unknown | None = None
    parameters: Mapping[str, str | Unknown] | Unknown | None = None


def check(spec: ParameterGroupSpec) -> tuple[Violation, ...]:
    """Return everything that ElastiCache refuses or warns of in a parameter group, errors first."""
    return apply(RULES, spec)


def _name(spec: ParameterGroupSpec) -> Iterator[Finding]:
    name = known(spec.cache_parameter_group_name)
    for problem in identifier.parameter_group_name(name) if name is not None else ():
        yield Finding("cache_parameter_group_name", name, f"the name {problem}", identifier.REMEDY)


def _family_required(spec: ParameterGroupSpec) -> Iterator[Finding]:
    if known(spec.cache_parameter_group_family) is None:
        yield Finding(
            "cache_parameter_group_family",
            None,
            "a parameter group needs a family",
            f"take one of {', '.join(families())}",
        )


def _family_exists(spec: ParameterGroupSpec) -> Iterator[Finding]:
    name = known(spec.cache_parameter_group_family)
    if name is not None and name not in engine_families() and not _is_newer(name):
        yield Finding(
            "cache_parameter_group_family", name, "there is no such family", f"take one of {', '.join(families())}"
        )


def _family_known(spec: ParameterGroupSpec) -> Iterator[Finding]:
    name = known(spec.cache_parameter_group_family)
    if name is not None and name not in families() and (name in engine_families() or _is_newer(name)):
        yield Finding(
            "cache_parameter_group_family",
            name,
            "its parameters are not known, so none of them is checked",
            "take care that AWS has them",
        )


def _description(spec: ParameterGroupSpec) -> Iterator[Finding]:
    if known(spec.description) is None:
        yield Finding("description", None, "a parameter group needs a description", "say what it is for in description")


def _parameter_exists(spec: ParameterGroupSpec) -> Iterator[Finding]:
    yield from _missing(spec, complete=True)


def _parameter_listed(spec: ParameterGroupSpec) -> Iterator[Finding]:
    yield from _missing(spec, complete=False)


def _append_only_file(spec: ParameterGroupSpec) -> Iterator[Finding]:
    for parameter, given in _given(spec):
        if parameter.name in _APPEND_ONLY_FILE and not parameter.settable:
            yield Finding(
                parameter.name,
                given,
                "ElastiCache has no append-only file",
                "leave it out; snapshots, or durability from valkey 9.0 on, keep data",
                f"The parameter {parameter.name} cannot be modified.",
            )


def _not_modifiable(spec: ParameterGroupSpec) -> Iterator[Finding]:
    for parameter, given in _given(spec):
        if not parameter.settable and parameter.name not in _APPEND_ONLY_FILE:
            yield Finding(
                parameter.name,
                given,
                "ElastiCache sets it and nobody else can",
                "leave it out",
                f"The parameter {parameter.name} cannot be modified.",
            )


def _value_type(spec: ParameterGroupSpec) -> Iterator[Finding]:
    for parameter, given in _given(spec):
        if parameter.settable and (expected := value.type_problem(parameter, given)):
            yield Finding(parameter.name, given, expected, _take(parameter))


def _value_allowed(spec: ParameterGroupSpec) -> Iterator[Finding]:
    for parameter, given in _given(spec):
        if parameter.settable and not value.type_problem(parameter, given):
            for problem in value.problems(parameter, known(given)):
                yield Finding(parameter.name, given, problem, _take(parameter))


def _slabs(spec: ParameterGroupSpec) -> Iterator[Finding]:
    if all(isinstance(given, str) for given in (known(spec.parameters) or {}).values()):
        yield from slab.misfits(_family(spec), {parameter.name: given for parameter, given in _given(spec)})


def _family(spec: ParameterGroupSpec) -> ParameterFamily:
    name = known(spec.cache_parameter_group_family)
    if name is None or name not in families():
        raise UndecidedError
    return family(name)


def _given(spec: ParameterGroupSpec) -> Iterator[tuple[Parameter, str]]:
    """Yield the parameters that are set, as far as they and their values are known."""
    listed = _family(spec).parameters
    for name, given in (known(spec.parameters) or {}).items():
        if name in listed and not isinstance(given, Unknown):
            yield listed[name], given


def _missing(spec: ParameterGroupSpec, *, complete: bool) -> Iterator[Finding]:
    names = _family(spec)
    if names.complete is not complete:
        return
    for name, given in (known(spec.parameters) or {}).items():
        if name not in names.parameters:
            near = difflib.get_close_matches(name, names.parameters, n=1)
            yield Finding(
                name,
                given,
                f"the family {names.name} has no such parameter",
                f"take {near[0]}" if near else "leave it out",
            )


def _take(parameter: Parameter) -> str:
    default = "" if not parameter.default else f", or leave it out for {parameter.default}"
    return f"take {value.spoken(parameter)}{default}"


def _is_newer(name: str) -> bool:
    """Tell whether a name is that of a family which may have come after this release."""
    found = re.fullmatch(r"valkey(\d+)", name)
    return found is not None and int(found[1]) > latest(Engine.VALKEY).number[0]


RULES: tuple[Rule[ParameterGroupSpec], ...] = join(
    "parameter_group",
    {
        "pg-name": _name,
        "pg-family-required": _family_required,
        "pg-family-exists": _family_exists,
        "pg-family-known": _family_known,
        "pg-description-required": _description,
        "pg-parameter-exists": _parameter_exists,
        "pg-parameter-listed": _parameter_listed,
        "rg-aof-gone": _append_only_file,
        "pg-not-modifiable": _not_modifiable,
        "pg-value-type": _value_type,
        "pg-value-allowed": _value_allowed,
        "mc-slab-rules": _slabs,
    },
)
