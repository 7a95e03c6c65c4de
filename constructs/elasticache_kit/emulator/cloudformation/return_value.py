"""What Fn::GetAtt returns: the types that CloudFormation gives to what the API describes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, cast


def answer(value: Any, kind: str) -> Any:
    """Return a value of a description as an attribute of a kind: `string`, `number`, `list` or `json`."""
    if kind == "string":
        return text(value)
    return plain(value)


def text(value: Any) -> str:
    """Write a value as CloudFormation does: every port is text, and so is the time."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, list):
        return f"[{', '.join(map(text, cast('list[Any]', value)))}]"
    return str(value)


def plain(value: Any) -> Any:
    """Return a value of which every part can stand in a template."""
    if isinstance(value, Mapping):
        found = cast("Mapping[str, Any]", value)
        return {key: plain(item) for key, item in found.items() if item is not None}
    if isinstance(value, list):
        return [plain(item) for item in cast("list[Any]", value)]
    return value if isinstance(value, bool | int | float) else text(value)
