"""The event loop of the instrument."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

import pytest

from elasticache_kit.drills import event_loop
from elasticache_kit.drills.access import Access
from elasticache_kit.drills.connection import Connection
from tests.drills.impostor import impostor, plain

# How often it is tried whether a timer comes in time; on a busy machine most do not.
TRIES = 500


def soonest(make: Callable[[], asyncio.AbstractEventLoop], enough: float) -> float:
    """Return the shortest sleep of those that were asked to last a tenth of a millisecond."""

    async def scenario() -> float:
        now, least = asyncio.get_running_loop().time, float("inf")
        for _ in range(TRIES):
            began = now()
            await asyncio.sleep(0.0001)
            least = min(least, now() - began)
            if least < enough:
                break
        return least

    with asyncio.Runner(loop_factory=make) as loop:
        return loop.run(scenario())


@pytest.mark.skipif(sys.platform != "linux", reason="only epoll has whole milliseconds")
def test_a_timer_does_not_wait_for_the_next_millisecond() -> None:
    """One in hundreds is enough to tell; asyncio's own loop, the control, has none on Linux."""
    assert soonest(event_loop.exact, enough=0.0008) < 0.0008
    assert soonest(asyncio.new_event_loop, enough=0.0008) >= 0.001


def test_what_comes_in_while_a_timer_runs_is_not_kept_waiting() -> None:
    """A reply ends the wait; and what is scheduled from another thread does."""

    async def scenario() -> list[object]:
        timer = asyncio.get_running_loop().call_later(3600, lambda: None)
        async with impostor(plain) as (endpoint, _):
            connection = await Connection.open(endpoint, Access())
            seen: list[object] = [connection.node, await asyncio.to_thread(lambda: "a thread")]
            await connection.close()
        timer.cancel()
        return seen

    with asyncio.Runner(loop_factory=event_loop.exact) as loop:
        assert loop.run(scenario()) == ["abc", "a thread"]
