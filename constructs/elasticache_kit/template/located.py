"""Located: what a text in JSON or YAML says, and on which line it says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

# Plain data: what JSON can say.
Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"
# Where a value stands in its document: keys, and indexes of lists.
Path: TypeAlias = "tuple[str | int, ...]"


@dataclass(frozen=True, slots=True)
class Located:
    """A document.

    Args:
        value: what it says.
        lines: the line of every value inside it, counted from 1: that of its key, or of the entry of a list.
    """

    value: Value
    lines: Mapping[Path, int]
