"""Requests that change something take turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from elasticache_kit.emulator.region import Region

Action = Callable[[Region, Mapping[str, Any]], dict[str, Any]]


def taking_turns(action: Action) -> Action:
    """Let one request of a region change something at a time: what it has looked at is still so when it acts.

    Two calls of TestFailover at the same moment would both find the group at rest otherwise. Jobs go on meanwhile.
    """

    @wraps(action)
    def wait(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
        with region.lock:
            return action(region, request)

    return wait
