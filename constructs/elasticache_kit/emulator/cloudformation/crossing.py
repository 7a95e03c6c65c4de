"""A table that many threads go through while others change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

K = TypeVar("K")
V = TypeVar("V")


class Crossing(dict[K, V]):
    """A dict whose views are what it held when they were asked for.

    moto goes through its tables of stacks and exports in many places; a plain dict ends that with a RuntimeError when
    another stack comes or goes meanwhile. CPython copies a dict in one step, so no lock is needed.
    """

    def keys(self) -> list[K]:  # pyright: ignore[reportIncompatibleMethodOverride] - a list is what those views are for
        """Return the keys of this moment."""
        return list(super().keys())

    def values(self) -> list[V]:  # pyright: ignore[reportIncompatibleMethodOverride] - as above
        """Return the values of this moment."""
        return list(super().values())

    def items(self) -> list[tuple[K, V]]:  # pyright: ignore[reportIncompatibleMethodOverride] - as above
        """Return the pairs of this moment."""
        return list(super().items())

    def __iter__(self) -> Iterator[K]:
        """Go through the keys of this moment."""
        return iter(list(super().keys()))
