"""The difference between two states of a data file, in lines that people read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import cast

_LONGEST = 100


def differences(old: object, new: object, path: str) -> Iterator[str]:
    """Yield a line for each fact that comes (+), goes (-) or changes (~); lists are one fact."""
    ours, theirs = _members(old), _members(new)
    if ours is not None and theirs is not None:
        for name in dict.fromkeys((*ours, *theirs)):
            place = f"{path} {name}"
            if name not in theirs:
                yield f"- {place}: {_shown(ours[name])}"
            elif name not in ours:
                yield f"+ {place}: {_shown(theirs[name])}"
            else:
                yield from differences(ours[name], theirs[name], place)
    elif old != new:
        yield f"~ {path}: {_shown(old)} -> {_shown(new)}"


def _members(value: object) -> Mapping[str, object] | None:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else None


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
