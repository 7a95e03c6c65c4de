"""Tokens: what the CDK writes down in place of a value that only a deployment knows.

The CDK itself can tell a token, but its answer comes from another process, and a construct asks for every argument.
Here the marks are read in place; a test compares the answers with those of the CDK.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from typing import cast

# As aws-cdk-lib/core/lib/private/encoding marks texts, and the only item of a list that is a token as a whole.
_TEXT = re.compile(r"[$#]\{Token\[[A-Za-z0-9:._-]+\]\}")
# The first bytes of a number that stands for a token: a negative double near the end of what a double can hold.
_NUMBER = b"\xfb\xff"


def is_token(value: object) -> bool:
    """Tell whether a value is a token, or a text or a list that holds one."""
    if isinstance(value, str):
        return "Token[" in value and _TEXT.search(value) is not None
    if isinstance(value, float):
        return struct.pack(">d", value).startswith(_NUMBER)
    if isinstance(value, Sequence):
        return any(is_token(item) for item in cast("Sequence[object]", value))
    # What the CDK has not written down yet, a SecretValue for example, says of itself how it is resolved.
    return callable(getattr(type(value), "resolve", None))
