"""How many loads at a time go to the database while the cache is away."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

from elasticache_kit.cache import AsyncLeasedCache, Breaker, Event, LeasedCache, Policy
from tests.cache.flavour import counted

LIMIT, READERS = 3, 30
POLICY = Policy(prefix="t", fallback_limit=LIMIT)


def refused() -> Any:
    """Make no client."""
    raise ConnectionRefusedError


async def refused_in_loop() -> Any:
    """Make none, either."""
    raise ConnectionRefusedError


def test_the_database_gets_no_more_loads_at_a_time_than_it_bears() -> None:
    """Thirty readers, and never more than three loaders."""
    cache = LeasedCache(refused, POLICY, breaker=Breaker(failures=1, pause=60))
    now, most, guard = [0], [0], threading.Lock()

    def load() -> None:
        with guard:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.005)
        with guard:
            now[0] -= 1

    readers = [threading.Thread(target=cache.read, args=(f"k{number}", load)) for number in range(READERS)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert most[0] == LIMIT
    assert counted(cache, Event.FALLBACK) == READERS


def test_nor_does_it_from_an_event_loop() -> None:
    """The same with tasks."""
    now, most = [0], [0]

    async def load() -> None:
        now[0] += 1
        most[0] = max(most[0], now[0])
        await asyncio.sleep(0.005)
        now[0] -= 1

    async def use() -> None:
        cache = AsyncLeasedCache(refused_in_loop, POLICY, breaker=Breaker(failures=1, pause=60))
        await asyncio.gather(*(cache.read(f"k{number}", load) for number in range(READERS)))
        assert counted(cache, Event.FALLBACK) == READERS

    asyncio.run(use())
    assert most[0] == LIMIT
