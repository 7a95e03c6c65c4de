"""Connections that wait while an engine is stalled."""

from __future__ import annotations

import asyncio

from elasticache_kit.emulator.front.stall import Stalls


class Recorder:
    """A passage that notes what it is told."""

    def __init__(self) -> None:
        self.told: list[bool] = []

    def stall(self, *, stalled: bool) -> None:
        """Note it."""
        self.told.append(stalled)


def test_only_those_that_lead_to_the_engine_are_stalled() -> None:
    """And one that has ended is told nothing."""
    stalls, there, elsewhere, ended = Stalls(), Recorder(), Recorder(), Recorder()
    stalls.enter("127.16.1.1", there)
    stalls.enter("127.16.1.2", elsewhere)
    stalls.enter("127.16.1.1", ended)
    stalls.leave("127.16.1.1", ended)
    stalls.stall("127.16.1.1")
    stalls.release("127.16.1.1")
    stalls.release("127.16.1.1")

    assert (there.told, elsewhere.told, ended.told) == ([True, False], [], [])


def test_who_comes_meanwhile_waits() -> None:
    """Until the engine is released, and not at all for another one."""

    async def both() -> tuple[bool, bool]:
        stalls = Stalls()
        stalls.stall("127.16.1.1")
        await stalls.passable("127.16.1.2")
        waiting = asyncio.create_task(stalls.passable("127.16.1.1"))
        await asyncio.sleep(0)
        before = waiting.done()
        stalls.release("127.16.1.1")
        await waiting
        return before, waiting.done()

    assert asyncio.run(both()) == (False, True)
