"""Functions inside of functions, as data."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any, cast

import pytest

from elasticache_kit.emulator.action import job
from elasticache_kit.emulator.persistence import closure, pickling
from elasticache_kit.emulator.state.moment import now


def counter(start: list[int], *, by: int) -> Callable[[], int]:
    """Make a function that closes over two things, one of which it changes."""

    def count() -> int:
        start[0] += by
        return start[0]

    return count


def even(number: int) -> Callable[[int], bool]:
    """Make a function that calls itself."""

    def odd(value: int) -> bool:
        return value != number and not odd(value - 1)

    return odd


def test_it_comes_back_with_what_it_closed_over() -> None:
    """What it shares with others it still shares: one pickle keeps identity."""
    shared = [1]

    count, kept = pickling.loads(pickling.dumps((counter(shared, by=2), shared)))

    assert count() == 3
    assert kept == [3]
    assert shared == [1]


def test_one_that_calls_itself_comes_back() -> None:
    """Its cell leads to itself."""
    found = pickling.loads(pickling.dumps(even(0)))

    assert [found(number) for number in range(4)] == [False, True, False, True]


def test_functions_with_a_name_go_by_their_name() -> None:
    """As in every pickle."""
    assert pickling.loads(pickling.dumps(now)) is now


def test_two_functions_of_one_place_are_told_apart() -> None:
    """By their number in the module."""
    first, second = pickling.loads(pickling.dumps((counter([5], by=1), even(0))))

    assert first() == 6
    assert second(1) is True


def test_other_code_is_refused() -> None:
    """State is good for the code that wrote it only: a function of another one could do anything."""
    make, arguments, *_ = closure.reduce(cast("FunctionType", counter([1], by=1)))
    module, place, _, defaults = arguments

    with pytest.raises(closure.OtherCodeError, match="not what it was"):
        make(module, place, "another mark", defaults)


def test_a_function_that_nobody_can_find_again_is_refused() -> None:
    """One that was made from text, say."""
    made: dict[str, Any] = {"__name__": job.__name__}
    exec("def outer():\n    def inner(): pass\n    return inner", made)  # noqa: S102 - the point of this test

    with pytest.raises(TypeError, match="cannot be found again"):
        pickling.dumps(made["outer"]())
