"""Readers and writers that race, and the oracle that judges what the readers get.

A write is finished when its transaction is committed and its key is invalidated. A read that starts after that must not
return an older version. The loader is slow at random after it has read the row: that is where caches go wrong.
"""

# ruff: noqa: S311 - chance is only to spread the load

from __future__ import annotations

import asyncio
import itertools
import random
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

import psycopg

KEYS = 4
WRITERS = 2
SLOWEST = 0.004
FEWEST_WRITES = 30


class Cache(Protocol):
    """What races: ours, or the naive one."""

    def read(self, key: str, load: Callable[[], Any]) -> Any:
        """Return a value."""
        ...

    def invalidate(self, key: str) -> Any:
        """Forget a key."""
        ...


@dataclass(slots=True)
class Verdict:
    """What the oracle saw.

    Args:
        reads: reads that were judged.
        stale: those that returned less than was finished when they started.
        loads: how often the database was asked.
        writes: writes that were finished.
    """

    reads: int = 0
    stale: int = 0
    loads: int = 0
    writes: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, reads: int, stale: int) -> None:
        """Add what one reader saw."""
        with self.lock:
            self.reads += reads
            self.stale += stale


def prepare(database: str) -> None:
    """Make the rows."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS race (id int PRIMARY KEY, version bigint NOT NULL)")
        rows = "INSERT INTO race SELECT n, 0 FROM generate_series(0, %s) n ON CONFLICT DO NOTHING"
        connection.execute(rows, (KEYS - 1,))


class NaiveCache:
    """The negative control: cache-aside as it is usually written, delete after commit.

    Args:
        client: a client of valkey-py.
    """

    def __init__(self, client: Any) -> None:
        self.client = client

    def read(self, key: str, load: Callable[[], Any]) -> Any:
        """Get, else load and set."""
        raw = self.client.get(f"naive:{key}")
        if raw is not None:
            return int(raw)
        value = load()
        self.client.set(f"naive:{key}", value, px=60_000)
        return value

    def invalidate(self, key: str) -> None:
        """Delete."""
        self.client.delete(f"naive:{key}")


class AsyncNaiveCache:
    """The same for asyncio."""

    def __init__(self, client: Any) -> None:
        self.client = client

    async def read(self, key: str, load: Callable[[], Awaitable[Any]]) -> Any:
        """Get, else load and set."""
        raw = await self.client.get(f"naive:{key}")
        if raw is not None:
            return int(raw)
        value = await load()
        await self.client.set(f"naive:{key}", value, px=60_000)
        return value

    async def invalidate(self, key: str) -> None:
        """Delete."""
        await self.client.delete(f"naive:{key}")


def race(cache: Cache, database: str, *, reads: int, readers: int = 6) -> Verdict:
    """Let threads read and write until so many reads were judged."""
    prepare(database)
    verdict, done, floor = Verdict(), threading.Event(), [0] * KEYS
    left = itertools.count()
    guard = threading.Lock()

    def read() -> None:
        judged = stale = 0
        with psycopg.connect(database, autocommit=True) as connection:

            def load(number: int) -> int:
                row = connection.execute("SELECT version FROM race WHERE id = %s", (number,)).fetchone()
                assert row is not None
                time.sleep(random.random() * SLOWEST)
                verdict.loads += 1
                return row[0]

            while next(left) < reads or verdict.writes < FEWEST_WRITES:
                number = random.randrange(KEYS)
                finished = floor[number]
                stale += cache.read(f"race:{number}", partial(load, number)) < finished
                judged += 1
        verdict.add(judged, stale)

    def write() -> None:
        with psycopg.connect(database, autocommit=True) as connection:
            while not done.wait(random.random() * SLOWEST):
                number = random.randrange(KEYS)
                row = connection.execute(
                    "UPDATE race SET version = version + 1 WHERE id = %s RETURNING version", (number,)
                ).fetchone()
                assert row is not None
                cache.invalidate(f"race:{number}")
                with guard:
                    floor[number] = max(floor[number], row[0])
                    verdict.writes += 1

    writing = [threading.Thread(target=write) for _ in range(WRITERS)]
    reading = [threading.Thread(target=read) for _ in range(readers)]
    for thread in (*writing, *reading):
        thread.start()
    for thread in reading:
        thread.join()
    done.set()
    for thread in writing:
        thread.join()
    return verdict


async def race_async(cache: Any, database: str, *, reads: int, readers: int = 12) -> Verdict:
    """Let tasks read and write until so many reads were judged."""
    prepare(database)
    verdict, done, floor = Verdict(), asyncio.Event(), [0] * KEYS
    left = itertools.count()

    async def read() -> None:
        judged = stale = 0
        async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:

            async def load(number: int) -> int:
                cursor = await connection.execute("SELECT version FROM race WHERE id = %s", (number,))
                row = await cursor.fetchone()
                assert row is not None
                await asyncio.sleep(random.random() * SLOWEST)
                verdict.loads += 1
                return row[0]

            while next(left) < reads or verdict.writes < FEWEST_WRITES:
                number = random.randrange(KEYS)
                finished = floor[number]
                stale += await cache.read(f"race:{number}", partial(load, number)) < finished
                judged += 1
        verdict.add(judged, stale)

    async def write() -> None:
        async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
            while not done.is_set():
                await asyncio.sleep(random.random() * SLOWEST)
                number = random.randrange(KEYS)
                cursor = await connection.execute(
                    "UPDATE race SET version = version + 1 WHERE id = %s RETURNING version", (number,)
                )
                row = await cursor.fetchone()
                assert row is not None
                await cache.invalidate(f"race:{number}")
                floor[number] = max(floor[number], row[0])
                verdict.writes += 1

    writing = [asyncio.create_task(write()) for _ in range(WRITERS)]
    await asyncio.gather(*(read() for _ in range(readers)))
    done.set()
    await asyncio.gather(*writing)
    return verdict
