"""Timers that are as exact as the machine's."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

import pytest

from elasticache_kit.drills import event_loop, timer
from elasticache_kit.drills.timer import Timer

Loop = Callable[[], asyncio.AbstractEventLoop]

# How often it is tried whether a timer comes in time; on a busy machine most do not.
TRIES = 200


def open_files() -> int:
    """Return how many files this process has open, where the system tells."""
    there = Path("/proc/self/fd")
    return len(list(there.iterdir())) if there.is_dir() else 0


def slept(make: Loop, sleep: Callable[[float], Awaitable[None]], enough: float = 0.0) -> list[float]:
    """Return how long sleeps lasted that were asked to last a tenth of a millisecond, until one was short enough."""

    async def scenario() -> list[float]:
        found: list[float] = []
        while len(found) < TRIES and not (found and found[-1] < enough):
            began = time.monotonic()
            await sleep(0.0001)
            found.append(time.monotonic() - began)
        return found

    with asyncio.Runner(loop_factory=make) as loop:
        return loop.run(scenario())


@pytest.mark.parametrize("loop", [event_loop.new, asyncio.new_event_loop])
def test_a_sleep_does_not_wait_for_the_next_millisecond(loop: Loop) -> None:
    """One in hundreds is enough to tell, and none is too short."""
    assert 0.0001 <= min(slept(loop, timer.sleep, enough=0.0008)) < 0.0008


@pytest.mark.skipif(sys.platform != "linux", reason="only epoll has whole milliseconds")
def test_the_event_loops_own_does() -> None:
    """The control: without it there would be no need for timers of our own. One that was held up may find it due."""
    assert median(slept(asyncio.new_event_loop, asyncio.sleep)) >= 0.001


@pytest.mark.parametrize("loop", [event_loop.new, asyncio.new_event_loop])
def test_whoever_was_held_up_hears_how_often_it_was_due(loop: Loop) -> None:
    """Nothing is skipped, and nothing comes too early."""
    every, first = 0.005, time.monotonic() + 0.2

    async def scenario() -> tuple[list[int], float]:
        counts, over = list[int](), asyncio.get_running_loop().create_future()

        def work(times: int) -> None:
            if not counts:
                time.sleep(10 * every)
            counts.append(times)
            if len(counts) == 5:
                over.set_result(time.monotonic())

        ticking = Timer(work, first, every)
        try:
            return counts, await over
        finally:
            ticking.cancel()

    with asyncio.Runner(loop_factory=loop) as runner:
        counts, ended = runner.run(scenario())

    assert counts[1] >= 10
    assert ended >= first + (sum(counts) - counts[0]) * every


def test_one_that_is_cancelled_calls_back_no_more_and_leaves_no_file() -> None:
    """Also when it is cancelled twice, or by its own work."""

    async def scenario() -> tuple[int, int, int]:
        before, calls = open_files(), list[int]()

        def work(times: int) -> None:
            calls.append(times)
            ticking.cancel()

        ticking = Timer(work, time.monotonic(), 0.001)
        await timer.sleep(0.02)
        ticking.cancel()
        return len(calls), before, open_files()

    calls, before, after = asyncio.run(scenario())
    assert (calls, after) == (1, before)
