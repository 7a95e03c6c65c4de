"""A promise, and what was seen of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tour.place import Place


class BrokenError(Exception):
    """A promise does not hold; the message says what was seen instead."""


@dataclass(frozen=True, slots=True)
class Promise:
    """Something that the README says.

    Args:
        name: a word or two, for `--only`.
        sentence: what is promised.
        check: sees whether it holds, and returns what it saw; raises BrokenError where it does not.
    """

    name: str
    sentence: str
    check: Callable[[Place], str]


@dataclass(frozen=True, slots=True)
class Shown:
    """A promise that was looked at.

    Args:
        promise: the promise.
        passed: whether it holds.
        seen: what was seen.
        seconds: how long it took.
    """

    promise: Promise
    passed: bool
    seen: str
    seconds: float


def show(promises: Iterable[Promise], place: Place) -> Generator[Shown]:
    """Look at promises one after the other; one that is broken does not end the tour."""
    for promise in promises:
        began = time.monotonic()
        try:
            passed, seen = True, promise.check(place)
        except BrokenError as error:
            passed, seen = False, str(error)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, the promise is not kept, and the rest is shown
            passed, seen = False, f"{type(error).__name__}: {error}"
        yield Shown(promise, passed, seen, time.monotonic() - began)


def require(holds: object, otherwise: str) -> None:
    """Break the promise unless something holds.

    Raises:
        BrokenError: it does not.
    """
    if not holds:
        raise BrokenError(otherwise)
