"""The schedule of the load: an open loop, in which everything has its moment whatever became of what came before."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable


async def pace(rate: float, stopping: asyncio.Event) -> AsyncIterator[float]:
    """Yield each moment at which something is due; late ones all at once, with the moment at which they were due.

    All that have one rate are due at the same moments.

    Args:
        rate: how often a second.
        stopping: ends it.
    """
    loop = asyncio.get_running_loop()
    start, count = _start(loop, rate), 0
    while not stopping.is_set():
        due = start + count / rate
        await asyncio.sleep(max(0.0, due - loop.time()))
        yield due
        count += 1


async def beat(rate: float, work: Callable[[float], None], stopping: asyncio.Event) -> None:
    """Call something at each moment at which it is due, as `pace` yields them, for less than a task that waits costs.

    Args:
        rate: how often a second.
        work: takes the moment at which it was due; what it raises ends the beat.
        stopping: ends it.
    """
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()
    start, count = _start(loop, rate), 0

    def strike() -> None:
        nonlocal count, timer
        try:
            if stopping.is_set():
                over.set_result(None)
                return
            work(start + count / rate)
        except Exception as error:  # noqa: BLE001 - raised again where the beat is waited for
            over.set_exception(error)
            return
        count += 1
        timer = loop.call_at(start + count / rate, strike)

    timer = loop.call_at(start, strike)
    try:
        await over
    finally:
        timer.cancel()


def _start(loop: asyncio.AbstractEventLoop, rate: float) -> float:
    return math.ceil(loop.time() * rate) / rate
