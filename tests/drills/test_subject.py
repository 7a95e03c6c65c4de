"""The load of a client under test, and how it tells a machine that leaves no time from a library that takes it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any, cast

import pytest

from elasticache_kit.drills import client
from elasticache_kit.drills.access import Access
from elasticache_kit.drills.key import key_space
from elasticache_kit.drills.subject import Load, Order
from tests.drills.forged import replication_group

BLOCKED_SECONDS = 0.3


@dataclass
class Blocking:
    """A client that holds up its event loop once, at its tenth write.

    Args:
        computes: whether it takes the processor's time, or lets another program have it.
    """

    computes: bool
    writes: int = 0
    held_seconds: float = 0.0

    async def set(self, *_: object, **__: object) -> None:
        """Write nothing."""
        self.writes += 1
        if self.writes == 10:
            began, used = time.monotonic(), time.thread_time()
            if not self.computes:
                time.sleep(BLOCKED_SECONDS)  # noqa: ASYNC251 - what is under test
            while self.computes and time.thread_time() - used < BLOCKED_SECONDS:
                pass
            self.held_seconds = time.monotonic() - began

    async def get(self, _: str) -> None:
        """Read nothing."""

    async def delete(self, _: object) -> None:
        """Remove nothing."""


@pytest.mark.calm
@pytest.mark.parametrize("computes", [False, True])
def test_a_loop_that_stands_still_without_computing_was_left_no_time(computes: bool) -> None:
    """What a library computes itself is its own; the rest of the time somebody else had the processor."""
    made = Blocking(computes)
    order = Order(
        name="blocking",
        target=client.target(replication_group(), Access()),
        keys={"0001": key_space("run", "0001", None)},
        rate=100,
        time_to_live_seconds=60,
    )

    async def scenario() -> float:
        stopping = asyncio.Event()
        asyncio.get_running_loop().call_later(0.5, stopping.set)
        load = Load(order, cast("Any", made), {})
        await load.run(stopping)
        return load.starved_seconds

    starved = asyncio.run(scenario())

    own = BLOCKED_SECONDS if computes else 0.0
    assert starved == pytest.approx(made.held_seconds - own, abs=0.1)
    assert made.held_seconds >= BLOCKED_SECONDS
