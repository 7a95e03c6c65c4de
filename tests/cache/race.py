"""Readers and writers that race.

A write is finished when its transaction is committed and its key is invalidated. A read that starts after that must not
return an older version. The loader is slow at random after it has read the row: that is where caches go wrong. What
disturbs the cache meanwhile, a failover or moving slots, is told how the race goes.
"""

# ruff: noqa: S311 - chance is only to spread the load

from __future__ import annotations

import asyncio
import itertools
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import psycopg

from tests.cache.oracle import KEYS, Oracle, Verdict

WRITERS = 2
SLOWEST = 0.004
SELECT = "SELECT version FROM race WHERE id = %s"
UPDATE = "UPDATE race SET version = version + 1 WHERE id = %s RETURNING version"


class Cache(Protocol):
    """What races: ours, or the naive one."""

    def read(self, key: str, load: Callable[[], Any]) -> Any:
        """Return a value."""
        ...

    def invalidate(self, key: str) -> Any:
        """Forget a key."""
        ...


@dataclass(frozen=True, slots=True)
class Course:
    """What somebody who disturbs a race knows of it.

    Args:
        enough: is set when there were some writes.
        rest: writers rest while it is set.
        write_all: writes every row once more, and returns when that is finished.
    """

    enough: threading.Event
    rest: threading.Event
    write_all: Callable[[], None]


Disturbance = Callable[[Course], None]


def undisturbed(course: Course) -> None:
    """Do nothing."""
    del course


def race(cache: Cache, database: str, *, reads: int, readers: int = 6, disturb: Disturbance = undisturbed) -> Verdict:
    """Let threads read and write until so many reads were judged and the disturbance is over."""
    return ThreadRace(cache, database).run(reads, readers, disturb)


async def race_async(
    cache: Any, database: str, *, reads: int, readers: int = 12, disturb: Disturbance = undisturbed
) -> Verdict:
    """Let tasks read and write until so many reads were judged and the disturbance is over."""
    return await TaskRace(cache, database).run(reads, readers, disturb)


def prepare(database: str) -> None:
    """Make the rows."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS race (id int PRIMARY KEY, version bigint NOT NULL)")
        rows = "INSERT INTO race SELECT n, 0 FROM generate_series(0, %s) n ON CONFLICT DO NOTHING"
        connection.execute(rows, (KEYS - 1,))


class Race:
    """What threads and tasks share.

    Args:
        cache: what they read.
        database: what psycopg connects to.
    """

    def __init__(self, cache: Any, database: str) -> None:
        self.cache, self.database = cache, database
        self.oracle = Oracle()
        self.rest, self.over, self.done = threading.Event(), threading.Event(), threading.Event()
        self.left = itertools.count()
        prepare(database)

    def goes_on(self, reads: int) -> bool:
        """Say whether there is more to read."""
        return next(self.left) < reads or not (self.oracle.enough.is_set() and self.over.is_set())


class ThreadRace(Race):
    """A race of threads."""

    def run(self, reads: int, readers: int, disturb: Disturbance) -> Verdict:
        """Race."""
        writing = [threading.Thread(target=self.write_on) for _ in range(WRITERS)]
        reading = [threading.Thread(target=self.read_on, args=(reads,)) for _ in range(readers)]
        for thread in (*writing, *reading):
            thread.start()
        try:
            disturb(Course(self.oracle.enough, self.rest, self.write_all))
        finally:
            self.over.set()
            for thread in reading:
                thread.join()
            self.done.set()
            for thread in writing:
                thread.join()
        return self.oracle.verdict

    def read_on(self, reads: int) -> None:
        """Read."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            while self.goes_on(reads):
                number = random.randrange(KEYS)
                floor, begin = self.oracle.floor(number), time.monotonic()
                version = self.cache.read(f"race:{number}", partial(self.load, connection, number))
                self.oracle.judge(number, floor, begin, version)

    def load(self, connection: psycopg.Connection[Any], number: int) -> int:
        """Ask the database, and take a while."""
        row = connection.execute(SELECT, (number,)).fetchone()
        assert row is not None
        time.sleep(random.random() * SLOWEST)
        self.oracle.verdict.loads += 1
        return row[0]

    def write_on(self) -> None:
        """Write."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            while not self.done.wait(random.random() * SLOWEST):
                if not self.rest.is_set():
                    self.write(connection, random.randrange(KEYS))

    def write_all(self) -> None:
        """Write every row."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            for number in range(KEYS):
                self.write(connection, number)

    def write(self, connection: psycopg.Connection[Any], number: int) -> None:
        """Commit, and invalidate."""
        row = connection.execute(UPDATE, (number,)).fetchone()
        assert row is not None
        self.cache.invalidate(f"race:{number}")
        self.oracle.finish(number, row[0])


class TaskRace(Race):
    """A race of tasks in one event loop."""

    async def run(self, reads: int, readers: int, disturb: Disturbance) -> Verdict:
        """Race."""
        writing = [asyncio.create_task(self.write_on()) for _ in range(WRITERS)]
        await asyncio.gather(self.disturbed(disturb), *(self.read_on(reads) for _ in range(readers)))
        self.done.set()
        await asyncio.gather(*writing)
        return self.oracle.verdict

    async def disturbed(self, disturb: Disturbance) -> None:
        """Disturb, in a thread beside the loop."""
        loop = asyncio.get_running_loop()

        def write_all() -> None:
            asyncio.run_coroutine_threadsafe(self.write_all(), loop).result()

        try:
            await asyncio.to_thread(disturb, Course(self.oracle.enough, self.rest, write_all))
        finally:
            self.over.set()

    async def read_on(self, reads: int) -> None:
        """Read."""
        async with await psycopg.AsyncConnection.connect(self.database, autocommit=True) as connection:
            while self.goes_on(reads):
                number = random.randrange(KEYS)
                floor, begin = self.oracle.floor(number), time.monotonic()
                version = await self.cache.read(f"race:{number}", partial(self.load, connection, number))
                self.oracle.judge(number, floor, begin, version)

    async def load(self, connection: psycopg.AsyncConnection[Any], number: int) -> int:
        """Ask the database, and take a while."""
        row = await (await connection.execute(SELECT, (number,))).fetchone()
        assert row is not None
        await asyncio.sleep(random.random() * SLOWEST)
        self.oracle.verdict.loads += 1
        return row[0]

    async def write_on(self) -> None:
        """Write."""
        async with await psycopg.AsyncConnection.connect(self.database, autocommit=True) as connection:
            while not self.done.is_set():
                await asyncio.sleep(random.random() * SLOWEST)
                if not self.rest.is_set():
                    await self.write(connection, random.randrange(KEYS))

    async def write_all(self) -> None:
        """Write every row."""
        async with await psycopg.AsyncConnection.connect(self.database, autocommit=True) as connection:
            for number in range(KEYS):
                await self.write(connection, number)

    async def write(self, connection: psycopg.AsyncConnection[Any], number: int) -> None:
        """Commit, and invalidate."""
        row = await (await connection.execute(UPDATE, (number,))).fetchone()
        assert row is not None
        await self.cache.invalidate(f"race:{number}")
        self.oracle.finish(number, row[0])
