"""Resolved: a value of a template as far as the template tells it, and its reading as the type that a property has.

CloudFormation takes numbers and booleans that are written as text, and numbers where it asks for text. Each function
returns None where the value is not of the type, and UNKNOWN where only a deployment knows it.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from elasticache_kit.model.unknown import UNKNOWN, Unknown

Resolved: TypeAlias = "bool | int | float | str | list[Resolved] | dict[str, Resolved] | Unknown | None"

_INTEGER = re.compile(r"\s*[+-]?[0-9]{1,18}\s*")
# YAML 1.1 has other words for them, which a template may use.
_TRUTHS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def text(value: Resolved) -> str | Unknown | None:
    """Read a value as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return value if isinstance(value, str | Unknown) else None


def integer(value: Resolved) -> int | Unknown | None:
    """Read a value as a whole number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, str):
        return int(value) if _INTEGER.fullmatch(value) else None
    return value if isinstance(value, int | Unknown) else None


def number(value: Resolved) -> float | Unknown | None:
    """Read a value as a number."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return value if isinstance(value, int | float | Unknown) and not isinstance(value, bool) else None


def boolean(value: Resolved) -> bool | Unknown | None:
    """Read a value as true or false."""
    if isinstance(value, str):
        return _TRUTHS.get(value.lower())
    if isinstance(value, int) and not isinstance(value, bool):
        # Whether CloudFormation takes 0 and 1 is not written anywhere.
        return UNKNOWN
    return value if isinstance(value, bool | Unknown) else None
