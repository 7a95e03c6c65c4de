"""The open-loop schedule."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from elasticache_kit.drills.schedule import beat, pace

HELD_UP_SECONDS = 0.05
RATE = 200.0

Schedule = Callable[[Callable[[float], None], asyncio.Event], Awaitable[None]]


async def paced(work: Callable[[float], None], stopping: asyncio.Event) -> None:
    """Work at the moments that a pace yields."""
    async for moment in pace(RATE, stopping):
        work(moment)


async def beaten(work: Callable[[float], None], stopping: asyncio.Event) -> None:
    """Work at each beat."""
    await beat(RATE, work, stopping)


@pytest.mark.parametrize("schedule", [paced, beaten])
def test_late_moments_come_all_at_once_with_the_moments_at_which_they_were_due(schedule: Schedule) -> None:
    """Whoever was held up has not skipped anything, and does not pretend that it was in time."""

    async def scenario() -> list[float]:
        stopping, due = asyncio.Event(), list[float]()

        def work(moment: float) -> None:
            due.append(moment)
            while time.monotonic() < due[0] + HELD_UP_SECONDS:
                """Nobody else gets a turn."""
            if moment >= due[0] + HELD_UP_SECONDS:
                stopping.set()

        await schedule(work, stopping)
        return due

    due = asyncio.run(scenario())

    assert [moment - due[0] for moment in due] == pytest.approx([n / RATE for n in range(len(due))])
    assert len(due) == pytest.approx(HELD_UP_SECONDS * RATE + 1, abs=1)


@pytest.mark.parametrize("schedule", [paced, beaten])
def test_all_of_one_rate_are_due_at_the_same_moments(schedule: Schedule) -> None:
    """Whenever they began: so the process wakes once for all."""

    async def first(delay: float) -> float:
        await asyncio.sleep(delay)
        stopping, due = asyncio.Event(), list[float]()

        def work(moment: float) -> None:
            due.append(moment)
            stopping.set()

        await schedule(work, stopping)
        return due[0]

    async def scenario() -> list[float]:
        return await asyncio.gather(*(first(delay) for delay in (0.0, 0.007, 0.013)))

    steps = [moment * RATE for moment in asyncio.run(scenario())]
    assert steps == pytest.approx([round(step) for step in steps], abs=1e-3)


def test_a_beat_ends_with_what_its_work_raises() -> None:
    """A load that crashed must not pass for one that nobody answered."""

    def work(_: float) -> None:
        raise RuntimeError("crashed")

    with pytest.raises(RuntimeError, match="crashed"):
        asyncio.run(beat(RATE, work, asyncio.Event()))


def test_a_beat_that_is_cancelled_works_no_more() -> None:
    """Its timer goes with it."""

    async def scenario() -> tuple[int, int]:
        worked, clock = list[float](), pace(RATE, asyncio.Event())
        task = asyncio.create_task(beat(RATE, worked.append, asyncio.Event()))
        while not worked:
            await anext(clock)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        before = len(worked)
        for _ in range(2):
            await anext(clock)
        return before, len(worked)

    before, after = asyncio.run(scenario())
    assert before == after
