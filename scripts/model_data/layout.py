"""How a file of `model/data` is laid out: one fact on each line, so that a difference shows the fact that changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

_INDENT = "  "
# Facts that are too long for one line, and are spread over a line for each of their members.
_SPREAD = ("types",)


def text(document: Mapping[str, object]) -> str:
    """Return a document as the text of its file."""
    members = [f"{_INDENT}{json.dumps(name)}: {_member(name, value)}" for name, value in document.items()]
    return "{\n" + ",\n".join(members) + "\n}\n"


def _member(name: str, value: object) -> str:
    if name in _SPREAD:
        facts = cast("Mapping[str, Mapping[str, object]]", value)
        return _block([f"{json.dumps(key)}: {_lines(fact, 2)}" for key, fact in facts.items()], "{}", 1)
    if name != "about" and value and isinstance(value, dict | list):
        return _lines(cast("Mapping[str, object] | list[object]", value), 1)
    return _line(value)


def _lines(value: Mapping[str, object] | list[object], depth: int) -> str:
    if isinstance(value, list):
        return _block([_line(item) for item in value], "[]", depth)
    return _block([f"{json.dumps(name)}: {_line(item)}" for name, item in value.items()], "{}", depth)


def _block(items: list[str], brackets: str, depth: int) -> str:
    inside, outside = _INDENT * (depth + 1), _INDENT * depth
    body = ",\n".join(inside + item for item in items)
    return f"{brackets[0]}\n{body}\n{outside}{brackets[1]}"


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
