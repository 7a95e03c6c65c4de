"""The open-loop schedule."""

from __future__ import annotations

import asyncio

import pytest

from elasticache_kit.drills.schedule import pace


def test_late_moments_come_all_at_once_with_the_moments_at_which_they_were_due() -> None:
    """Whoever was held up has not skipped anything, and does not pretend that it was in time."""

    async def scenario() -> tuple[list[float], float]:
        stopping, due = asyncio.Event(), list[float]()
        loop = asyncio.get_running_loop()
        held_up_until = 0.0
        async for moment in pace(200, stopping):
            due.append(moment)
            if len(due) == 1:
                held_up_until = moment + 0.05
                while loop.time() < held_up_until:
                    pass
            if moment >= held_up_until:
                stopping.set()
        return due, held_up_until

    due, held_up_until = asyncio.run(scenario())

    assert [later - due[0] for later in due] == pytest.approx([n / 200 for n in range(len(due))])
    assert sum(moment < held_up_until for moment in due) == pytest.approx(10, abs=1)


def test_all_of_one_rate_are_due_at_the_same_moments() -> None:
    """Whenever they began: so the process wakes once for all."""

    async def first(delay: float) -> float:
        await asyncio.sleep(delay)
        return await anext(pace(50, asyncio.Event()))

    async def scenario() -> list[float]:
        return await asyncio.gather(*(first(delay) for delay in (0.0, 0.007, 0.031)))

    steps = [moment * 50 for moment in asyncio.run(scenario())]
    assert steps == pytest.approx([round(step) for step in steps], abs=1e-3)
