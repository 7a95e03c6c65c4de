"""What lies before engines that a network no longer leads to: nothing passes, and nothing ends."""

from __future__ import annotations

import asyncio
from typing import Protocol


class Passing(Protocol):
    """What passes bytes on to an engine and back."""

    def stand(self) -> None:
        """Pass nothing on until told otherwise."""
        ...

    def go_on(self) -> None:
        """Pass on what has come meanwhile, and whatever comes."""
        ...


class Barrier:
    """Which engines cannot be reached, by address, and who is on the way to each."""

    def __init__(self) -> None:
        self._closed: dict[str, asyncio.Event] = {}
        self._passing: dict[str, set[Passing]] = {}

    def close(self, address: str) -> None:
        """Let nothing pass."""
        if address not in self._closed:
            self._closed[address] = asyncio.Event()
            for each in self._passing.get(address, ()):
                each.stand()

    def open(self, address: str) -> None:
        """Let everything pass again."""
        opened = self._closed.pop(address, None)
        if opened is not None:
            opened.set()
            for each in self._passing.get(address, ()):
                each.go_on()

    async def passed(self, address: str) -> None:
        """Return when nothing is in the way."""
        while (closed := self._closed.get(address)) is not None:
            await closed.wait()

    def enter(self, address: str, passing: Passing) -> None:
        """Note who is on the way."""
        self._passing.setdefault(address, set()).add(passing)
        if address in self._closed:
            passing.stand()

    def leave(self, address: str, passing: Passing) -> None:
        """Forget who was."""
        there = self._passing.get(address, set())
        there.discard(passing)
        if not there:
            self._passing.pop(address, None)
