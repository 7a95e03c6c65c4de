"""Tokens: what the CDK writes down in place of a value that only a deployment knows.

The CDK itself can tell a token, but its answer comes from another process, and a construct asks for every argument.
Here the marks are read in place; a test compares the answers with those of the CDK.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import cast

from elasticache_kit.model.unknown import is_deferred

# The first bytes of a number that stands for a token: a negative double near the end of what a double can hold.
_NUMBER = b"\xfb\xff"


def is_token(value: object) -> bool:
    """Tell whether a value is a token, or a text or a list that holds one."""
    if isinstance(value, str):
        return is_deferred(value)
    if isinstance(value, float):
        return struct.pack(">d", value).startswith(_NUMBER)
    if isinstance(value, Sequence):
        return any(is_token(item) for item in cast("Sequence[object]", value))
    # What the CDK has not written down yet, a SecretValue for example, says of itself how it is resolved.
    return callable(getattr(type(value), "resolve", None))
