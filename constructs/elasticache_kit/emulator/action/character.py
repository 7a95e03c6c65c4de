"""The characters of a request: an answer is XML, and some cannot stand there in any form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from elasticache_kit.emulator.fault import invalid_value

# See https://www.w3.org/TR/xml/#charsets
_FOREIGN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def judge(request: Mapping[str, Any]) -> None:
    """Refuse a request with a character that no answer could repeat.

    Raises:
        Fault: InvalidParameterValue with the names of the members.
    """
    if found := sorted({member for member, text in _texts(request, "") if _FOREIGN.search(text)}):
        raise invalid_value(f"{', '.join(found)}: a control character cannot stand in an answer, which is XML.")


def _texts(value: Any, member: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield member, value
    elif isinstance(value, Mapping):
        for name, item in cast("Mapping[str, Any]", value).items():
            yield from _texts(item, name)
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from _texts(item, member)
