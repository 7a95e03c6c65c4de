"""The schedule of the load: an open loop, in which everything has its moment whatever became of what came before."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable

from elasticache_kit.drills.timer import Timer


async def pace(rate: float, stopping: asyncio.Event) -> AsyncIterator[float]:
    """Yield each moment at which something is due; late ones all at once, with the moment at which they were due.

    All that have one rate are due at the same moments. For what need not be exact: it wakes when the event loop does.

    Args:
        rate: how often a second.
        stopping: ends it.
    """
    start, count = _start(rate), 0
    while not stopping.is_set():
        due = start + count / rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        yield due
        count += 1


async def beat(rate: float, work: Callable[[float], None], stopping: asyncio.Event) -> None:
    """Call something exactly at each moment at which it is due, as `pace` yields them, and for less than a task costs.

    Args:
        rate: how often a second.
        work: takes the moment at which it was due; what it raises ends the beat.
        stopping: ends it.
    """
    over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    start, count = _start(rate), 0

    def strike(times: int) -> None:
        nonlocal count
        try:
            for _ in range(times):
                if stopping.is_set() or over.done():
                    break
                work(start + count / rate)
                count += 1
        except Exception as error:  # noqa: BLE001 - raised again where the beat is waited for
            over.set_exception(error)
        if stopping.is_set() and not over.done():
            over.set_result(None)

    timer = Timer(strike, start, 1 / rate)
    try:
        await over
    finally:
        timer.cancel()


def _start(rate: float) -> float:
    return math.ceil(time.monotonic() * rate) / rate
