"""Pages of a long answer: MaxRecords and Marker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from elasticache_kit.emulator.fault import invalid_value

Item = TypeVar("Item")
LEAST, MOST = 20, 100


def cut(items: Sequence[Item], request: Mapping[str, Any], key: Callable[[Item], str]) -> tuple[list[Item], str | None]:
    """Return the page that a request asks for, and the Marker of the next one, if there is one.

    Args:
        items: everything, in a fixed order.
        request: MaxRecords (20 to 100; 100 when omitted) and Marker.
        key: names an item; the Marker is the name of the first item of the next page.

    Raises:
        Fault: InvalidParameterValue for a number outside its range or a Marker that was never given out.
    """
    size = int(request.get("MaxRecords") or MOST)
    if not LEAST <= size <= MOST:
        raise invalid_value(f"Value {size} for MaxRecords is invalid: it must be from {LEAST} to {MOST}.")
    start = 0
    if marker := request.get("Marker"):
        names = [key(item) for item in items]
        if marker not in names:
            raise invalid_value(f"Marker {marker} is invalid.")
        start = names.index(marker)
    rest = items[start + size : start + size + 1]
    return list(items[start : start + size]), key(rest[0]) if rest else None
