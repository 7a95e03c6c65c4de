"""Engines that nobody gets through to for a while: connections stay, and what is sent waits."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Protocol


class Passage(Protocol):
    """A connection that leads to an engine."""

    def stall(self, *, stalled: bool) -> None:
        """Pass nothing on, or go on where it was."""
        ...


class Stalls:
    """Who is stalled, by the address of the engine, and what leads there."""

    def __init__(self) -> None:
        self._ends: dict[str, asyncio.Event] = {}
        self._passages: defaultdict[str, set[Passage]] = defaultdict(set)

    async def passable(self, address: str) -> None:
        """Return when an engine is not stalled."""
        while (end := self._ends.get(address)) is not None:
            await end.wait()

    def enter(self, address: str, passage: Passage) -> None:
        """Note a connection."""
        self._passages[address].add(passage)

    def leave(self, address: str, passage: Passage) -> None:
        """Forget a connection."""
        held = self._passages[address]
        held.discard(passage)
        if not held:
            del self._passages[address]

    def stall(self, address: str) -> None:
        """Let nothing through to an engine, or from it."""
        self._ends.setdefault(address, asyncio.Event())
        self._tell(address, stalled=True)

    def release(self, address: str) -> None:
        """Let everything through again."""
        end = self._ends.pop(address, None)
        if end is not None:
            end.set()
            self._tell(address, stalled=False)

    def _tell(self, address: str, *, stalled: bool) -> None:
        for passage in tuple(self._passages.get(address, ())):
            passage.stall(stalled=stalled)
