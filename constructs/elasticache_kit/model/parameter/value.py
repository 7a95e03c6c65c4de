"""Values of parameters: which one a parameter takes, in the notation that the API uses for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.parameter.family import Parameter

_RENAME = "rename-commands"
_LONGEST_COMMAND = 20
_INTEGER = re.compile(r"-?\d+")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_RANGE = re.compile(r"(-?\d+)-(-?\d*)")


def type_problem(parameter: Parameter, given: object) -> str | None:
    """Return what is wrong with the type of a value, None where nothing is."""
    if not isinstance(given, str):
        return f"values are written as text, not as {type(given).__name__}"
    match parameter.type:
        case "integer" if not _INTEGER.fullmatch(given):
            return "it is not an integer"
        case "number" | "float" if not _NUMBER.fullmatch(given):
            return "it is not a number"
        case _:
            return None


def problems(parameter: Parameter, given: str) -> Iterator[str]:
    """Yield what is wrong with a value of the right type."""
    if parameter.allowed is None:
        return
    if parameter.name == _RENAME:
        yield from _rename_problems(parameter.allowed.split(","), given)
    elif not any(_fits(given, part) for part in parameter.allowed.split(",")):
        yield "this value is not allowed"


def spoken(parameter: Parameter) -> str:
    """Say which values a parameter takes: `1 to 64`, `yes or no`, `0, or 20 or more`."""
    if parameter.allowed is None:
        return f"a value of the type {parameter.type}"
    if parameter.name == _RENAME:
        return "pairs of a command and its new name, or of a command and 'blocked', separated by spaces"
    parts = [_spoken_part(part) for part in parameter.allowed.split(",")]
    if len(parts) == 1:
        return parts[0]
    return f"{', '.join(parts[:-1])}{', or ' if ' ' in parts[-1] else ' or '}{parts[-1]}"


def _fits(given: str, part: str) -> bool:
    if part == "-":
        return True
    found = _RANGE.fullmatch(part)
    if found is None:
        return given == part
    if not _NUMBER.fullmatch(given):
        return False
    number = float(given)
    return int(found[1]) <= number and (not found[2] or number <= int(found[2]))


def _spoken_part(part: str) -> str:
    if part == "-":
        return "any integer"
    found = _RANGE.fullmatch(part)
    if found is None:
        return part
    return f"{found[1]} to {found[2]}" if found[2] else f"{found[1]} or more"


def _rename_problems(commands: list[str], given: str) -> Iterator[str]:
    words = given.split()
    if len(words) % 2:
        yield "a command is without its new name"
    for command, name in zip(words[::2], words[1::2], strict=False):
        if command.upper() not in commands:
            yield f"the command {command} cannot be renamed"
        if not re.fullmatch(rf"[A-Za-z0-9]{{1,{_LONGEST_COMMAND}}}", name):
            yield f"the new name {name} is not 1 to {_LONGEST_COMMAND} letters and digits"
