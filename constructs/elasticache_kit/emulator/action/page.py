"""Pages of a long answer: MaxRecords and Marker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from elasticache_kit.emulator.fault import invalid_value

Item = TypeVar("Item")
LEAST, MOST = 20, 100


def cut_by_token(
    items: Sequence[Item], request: Mapping[str, Any], key: Callable[[Item], str], *, most: int
) -> tuple[list[Item], str | None]:
    """Return the page that a request asks for with MaxResults and NextToken, as the newer operations do; see `cut`."""
    return cut(items, request, key, least=1, most=most, size_member="MaxResults", marker_member="NextToken")


def cut(
    items: Sequence[Item],
    request: Mapping[str, Any],
    key: Callable[[Item], str],
    *,
    least: int = LEAST,
    most: int = MOST,
    size_member: str = "MaxRecords",
    marker_member: str = "Marker",
) -> tuple[list[Item], str | None]:
    """Return the page that a request asks for, and the Marker of the next one, if there is one.

    Args:
        items: everything, in a fixed order.
        request: MaxRecords and Marker.
        key: names an item; the Marker is the name of the first item of the next page.
        least: the smallest MaxRecords; 20 when omitted.
        most: the largest MaxRecords, which holds where a request has none; 100 when omitted.
        size_member: what MaxRecords is called.
        marker_member: what Marker is called.

    Raises:
        Fault: InvalidParameterValue for a number outside its range or a Marker that was never given out.
    """
    size = int(request.get(size_member) or most)
    if not least <= size <= most:
        raise invalid_value(f"Value {size} for {size_member} is invalid: it must be from {least} to {most}.")
    start = 0
    if marker := request.get(marker_member):
        names = [key(item) for item in items]
        if marker not in names:
            raise invalid_value(f"{marker_member} {marker} is invalid.")
        start = names.index(marker)
    rest = items[start + size : start + size + 1]
    return list(items[start : start + size]), key(rest[0]) if rest else None
