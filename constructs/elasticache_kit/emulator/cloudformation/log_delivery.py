"""LogDeliveryConfigurations of a cache that changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PROPERTY = "LogDeliveryConfigurations"


def removed(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return the member that brings log delivery from the old properties to the new ones, nothing where none changes.

    A kind of log that has left the template is turned off by name: the API leaves alone what a request does not name.
    """
    before: list[dict[str, Any]] = old.get(PROPERTY) or []
    after: list[dict[str, Any]] = new.get(PROPERTY) or []
    if before == after:
        return {}
    kept = {item["LogType"] for item in after}
    off = [{"LogType": item["LogType"], "Enabled": False} for item in before if item["LogType"] not in kept]
    return {PROPERTY: [*after, *off]}
