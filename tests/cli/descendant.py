"""Processes that descend from a test, wherever they went: they inherit a mark in their environment."""

from __future__ import annotations

import os
import time
from pathlib import Path

MARK = "ELASTICACHE_KIT_TEST_MARK"


def processes_with(mark: str) -> list[int]:
    """All living processes whose environment holds a mark: children inherit it, wherever they went."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if mark.encode() in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def left_of(mark: str, seconds: float = 60) -> list[int]:
    """Give the processes of a mark time to end and return those that did not."""
    deadline = time.monotonic() + seconds
    while (left := processes_with(mark)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left
