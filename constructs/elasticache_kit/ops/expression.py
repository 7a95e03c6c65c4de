"""Python expressions as data, and the text of them, laid out as ruff and black lay it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

WIDTH = 88
_INDENT = "    "


@dataclass(frozen=True, slots=True)
class Name:
    """What is written as it stands: a name, an attribute."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call with its arguments."""

    function: str
    arguments: Sequence[Expression] = ()
    keywords: Mapping[str, Expression] = field(default_factory=lambda: MappingProxyType({}))


Expression = Name | Call | str | bool | int | Sequence["Expression"] | Mapping[str, "Expression"]


def render(expression: Expression, indent: int = 0, used: int = 0) -> str:
    """Return the text of an expression: on one line where it fits, else one part on each line.

    Args:
        expression: what to write.
        indent: how far its line is indented, in steps of four.
        used: how many more characters of the line are taken, by what stands before and behind it.
    """
    line = _line(expression)
    if indent * len(_INDENT) + used + len(line) <= WIDTH or not _parts(expression):
        return line
    opening, closing = _brackets(expression)
    inner = _INDENT * (indent + 1)
    parts = [f"{inner}{prefix}{render(part, indent + 1, len(prefix) + 1)},\n" for prefix, part in _parts(expression)]
    return f"{opening}\n{''.join(parts)}{_INDENT * indent}{closing}"


def text(value: str) -> str:
    """Return a string as Python writes it, in the quotes that need the fewest escapes, double ones by preference."""
    quoted = repr(value)
    if quoted[0] == '"':
        return quoted
    inner = quoted[1:-1].replace("\\'", "'")
    return quoted if value.count('"') > value.count("'") else '"' + inner.replace('"', '\\"') + '"'


def _line(expression: Expression) -> str:
    parts = _parts(expression)
    if parts or not isinstance(expression, Name | str | bool | int):
        opening, closing = _brackets(expression)
        return opening + ", ".join(f"{prefix}{_line(part)}" for prefix, part in parts) + closing
    if isinstance(expression, Name):
        return expression.text
    return text(expression) if isinstance(expression, str) else repr(expression)


def _parts(expression: Expression) -> list[tuple[str, Expression]]:
    """Return what stands between the brackets of an expression, each with what is written before it."""
    if isinstance(expression, Call):
        keywords = [(f"{name}=", value) for name, value in expression.keywords.items()]
        return [*(("", argument) for argument in expression.arguments), *keywords]
    if isinstance(expression, Mapping):
        return [(f"{text(name)}: ", value) for name, value in expression.items()]
    if isinstance(expression, Name | str | bool | int):
        return []
    return [("", item) for item in expression]


def _brackets(expression: Expression) -> tuple[str, str]:
    if isinstance(expression, Call):
        return f"{expression.function}(", ")"
    return ("{", "}") if isinstance(expression, Mapping) else ("[", "]")
