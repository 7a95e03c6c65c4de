"""UNKNOWN: a value that a deployment will know and we don't."""

from __future__ import annotations

import re
from enum import Enum
from typing import TypeVar

T = TypeVar("T")

# As aws-cdk-lib/core/lib/private/encoding marks texts, and the only item of a list that is a token as a whole.
_TOKEN = re.compile(r"[$#]\{Token\[[A-Za-z0-9:._-]+\]\}")


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


def is_deferred(text: str) -> bool:
    """Tell whether a text is, or holds, what the CDK writes in place of a value that only a deployment knows."""
    return "Token[" in text and _TOKEN.search(text) is not None
