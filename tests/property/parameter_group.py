"""Parameter groups that ElastiCache takes, by construction: values from the ranges that the facts give."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from elasticache_kit.model.parameter import Parameter, ParameterGroupSpec, families, family
from tests.property.replication_group import NAMES, TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable

# As many as one request may set.
MOST = 20
_RANGE = re.compile(r"(-?\d+)-(-?\d*)")
_HIGH = 10**9
# Those that hang together, or are spelled in parts.
_SPECIAL = ("slab_chunk_max", "max_item_size", "rename-commands")


def values(parameter: Parameter) -> st.SearchStrategy[str]:
    """Return values that a parameter takes."""
    if parameter.allowed is None:
        return st.just(parameter.default or "1")
    return st.one_of([_part(part) for part in parameter.allowed.split(",")])


def settable(name: str) -> list[Parameter]:
    """Return the parameters of a family that a group may set each on its own."""
    return [item for item in family(name).parameters.values() if item.settable and item.name not in _SPECIAL]


@st.composite
def good(draw: Callable[[st.SearchStrategy[Any]], Any]) -> ParameterGroupSpec:
    """Draw a parameter group that ElastiCache takes."""
    name: str = draw(st.sampled_from(families()))
    chosen: list[Parameter] = draw(
        st.lists(st.sampled_from(settable(name)), max_size=MOST, unique_by=lambda item: item.name)
    )
    return ParameterGroupSpec(
        cache_parameter_group_name=draw(NAMES),
        cache_parameter_group_family=name,
        description=draw(TEXTS),
        parameters={item.name: draw(values(item)) for item in chosen},
    )


def _part(part: str) -> st.SearchStrategy[str]:
    if part == "-":
        return st.integers(-_HIGH, _HIGH).map(str)
    found = _RANGE.fullmatch(part)
    if found is None:
        return st.just(part)
    low = int(found[1])
    high = int(found[2]) if found[2] else max(low, _HIGH)
    return st.one_of(st.just(low), st.just(high), st.integers(low, high)).map(str)
