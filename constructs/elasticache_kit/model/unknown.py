"""UNKNOWN: a value that a deployment will know and we don't."""

from __future__ import annotations

from enum import Enum
from typing import TypeVar

T = TypeVar("T")


class Unknown(Enum):
    """The type of UNKNOWN, a value of its own so that None can mean "not given"."""

    UNKNOWN = "UNKNOWN"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown.UNKNOWN


class UndecidedError(Exception):
    """What was asked depends on a value that is UNKNOWN, or that is wrong in a way that another rule reports."""


def known(value: T | Unknown) -> T:
    """Return the value.

    Raises:
        UndecidedError: it is UNKNOWN.
    """
    if isinstance(value, Unknown):
        raise UndecidedError
    return value
