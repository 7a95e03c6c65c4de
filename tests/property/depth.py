"""How many cases each depth tries: few in every run of the tests, many in `make prove`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeVar

from hypothesis import HealthCheck, given, settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis import strategies as st

Drawn = TypeVar("Drawn")
Depth = Literal["spec", "template", "deploy"]

# In an ordinary run, and with the profile `prove`.
CASES: dict[Depth, tuple[int, int]] = {"spec": (400, 20_000), "template": (100, 2_000), "deploy": (10, 200)}


def proving() -> bool:
    """Tell whether this is `make prove`."""
    return settings.get_current_profile_name() == "prove"


def cases(depth: Depth) -> int:
    """Return the number of cases of a depth in this run."""
    return CASES[depth][proving()]


def each(number: int, strategy: st.SearchStrategy[Drawn], act: Callable[[Drawn], None]) -> None:
    """Try so many cases: the same in every ordinary run, so that only a change breaks it, and new ones in a proof."""

    @settings(
        max_examples=number,
        deadline=None,
        derandomize=not proving(),
        database=None,
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example),
    )
    @given(strategy)
    def case(drawn: Drawn) -> None:
        act(drawn)

    case()
