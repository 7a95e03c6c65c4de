"""JSON, read with the line of every value, which the standard library does not tell."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from typing import NoReturn, cast

from elasticache_kit.errors import DocumentError
from elasticache_kit.template.located import Located, Path, Value

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


def parse(text: str, name: str) -> Located:
    """Read a JSON text.

    Args:
        text: the text.
        name: what to call it in an error.

    Raises:
        DocumentError: it is not JSON; with the line.
    """
    reader = _Reader(text, name)
    try:
        value, end = reader.value(reader.after_space(0), ())
        if reader.after_space(end) != len(text):
            reader.refuse("more text after the end", reader.after_space(end))
    except json.JSONDecodeError as error:
        reader.refuse(error.msg, error.pos)
    except DocumentError:
        # It is a ValueError too, and says where.
        raise
    except ValueError as error:
        # A number of thousands of digits.
        raise DocumentError(f"{name} is not JSON: {error}") from None
    except RecursionError:
        raise DocumentError(f"{name} is nested too deeply to be read") from None
    return Located(value, reader.lines)


class _Reader:
    """A cursor over a JSON text; scalars are left to the standard library."""

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self.lines: dict[Path, int] = {}
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def value(self, at: int, path: Path) -> tuple[Value, int]:
        """Read the value that begins at a place, and return it with the place after it."""
        self.lines.setdefault(path, bisect_right(self._starts, at))
        match self.text[at : at + 1]:
            case "{":
                return self._mapping(at + 1, path)
            case "[":
                return self._sequence(at + 1, path)
            case _:
                return cast("tuple[Value, int]", _DECODER.raw_decode(self.text, at))

    def after_space(self, at: int) -> int:
        """Return the next place that holds something."""
        found = _SPACE.match(self.text, at)
        return found.end() if found else at

    def refuse(self, what: str, at: int) -> NoReturn:
        """Say where the text is wrong.

        Raises:
            DocumentError: always.
        """
        raise DocumentError(f"{self.name} is not JSON: line {bisect_right(self._starts, at)}: {what}")

    def _mapping(self, at: int, path: Path) -> tuple[Value, int]:
        found: dict[str, Value] = {}
        at = self.after_space(at)
        if self.text[at : at + 1] == "}":
            return found, at + 1
        while True:
            if self.text[at : at + 1] != '"':
                self.refuse("a name in double quotes is missing", at)
            key, end = cast("tuple[str, int]", _DECODER.raw_decode(self.text, at))
            # The line of a member is that of its name; the last of two members of one name counts.
            self.lines[(*path, key)] = bisect_right(self._starts, at)
            end = self.after_space(end)
            if self.text[end : end + 1] != ":":
                self.refuse(f"a colon is missing after {key!r}", end)
            found[key], end = self.value(self.after_space(end + 1), (*path, key))
            at = self.after_space(end)
            if self.text[at : at + 1] == "}":
                return found, at + 1
            at = self._after_comma(at)

    def _sequence(self, at: int, path: Path) -> tuple[Value, int]:
        found: list[Value] = []
        at = self.after_space(at)
        if self.text[at : at + 1] == "]":
            return found, at + 1
        while True:
            item, end = self.value(at, (*path, len(found)))
            found.append(item)
            at = self.after_space(end)
            if self.text[at : at + 1] == "]":
                return found, at + 1
            at = self._after_comma(at)

    def _after_comma(self, at: int) -> int:
        if self.text[at : at + 1] != ",":
            self.refuse("a comma is missing", at)
        return self.after_space(at + 1)
