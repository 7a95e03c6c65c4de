"""The schedule of the load: an open loop, in which everything has its moment whatever became of what came before."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator


async def pace(rate: float, stopping: asyncio.Event) -> AsyncIterator[float]:
    """Yield each moment at which something is due; late ones all at once, with the moment at which they were due.

    All that have one rate are due at the same moments.

    Args:
        rate: how often a second.
        stopping: ends it.
    """
    loop = asyncio.get_running_loop()
    start, count = math.ceil(loop.time() * rate) / rate, 0
    while not stopping.is_set():
        due = start + count / rate
        await asyncio.sleep(max(0.0, due - loop.time()))
        yield due
        count += 1
