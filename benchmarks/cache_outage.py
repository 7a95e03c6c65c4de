"""What the cache saves, and what it costs when it is away: a Zipf load without it, with it, and with it harmed.

    .venv/bin/python benchmarks/cache_outage.py                 a table
    .venv/bin/python benchmarks/cache_outage.py --output json   for machines

One engine and one PostgreSQL, in processes of their own. Readers, threads or tasks, want a few rows most, and a query
takes three milliseconds. The cache has the timeouts and the breaker that `from_env` gives it. What counts is the p99
beside that without a cache in the same run.
"""

# ruff: noqa: INP001 - a file to run, not a package

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import secrets
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import click
import psycopg

from elasticache_kit.cache import AsyncLeasedCache, LeasedCache, Policy
from elasticache_kit.emulator.fleet import Fleet, GroupPlan, NodeGroupPlan, NodePlan
from elasticache_kit.emulator.fleet.postgresql.plan import PostgreSQLPlan
from elasticache_kit.model.environment import CacheEnvironment

KEY, NODE = "benchmark", "benchmark-001"
KEYS, ZIPF, READERS, SLOW_QUERY_SECONDS = 1000, 1.1, 8, 0.003
QUERY = "SELECT note, pg_sleep(%s) FROM item WHERE id = %s"
WITHOUT = "without the cache"
AGAIN = f"{WITHOUT}, again"
WEIGHTS = list(itertools.accumulate(1 / (number + 1) ** ZIPF for number in range(KEYS)))


@dataclass(frozen=True, slots=True)
class Load:
    """Reads of many rows, of which a few are wanted most.

    Args:
        flavour: `threads` or `tasks`.
        name: what was done to the cache.
        reads: how many.
        database_reads: how many of them asked the database.
        p50_milliseconds: half of them took no longer.
        p99_milliseconds: 99 of 100 took no longer.
        ratio: that of the p99 to the one without a cache.
    """

    flavour: str
    name: str
    reads: int
    database_reads: int
    p50_milliseconds: float
    p99_milliseconds: float
    ratio: float


@contextmanager
def place() -> Generator[tuple[Fleet, str]]:
    """Run one node and a PostgreSQL with the rows, and give what psycopg connects to; both end with this process."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as directory:
        fleet = Fleet(Path(directory) / "fleet")
        try:
            node_group = NodeGroupPlan(node_group_id="0001", nodes=(NodePlan(cache_cluster_id=NODE),))
            fleet.start_group(GroupPlan(key=KEY, node_groups=(node_group,), cluster_mode=False, tls=False))
            password = secrets.token_hex(16)
            server = fleet.postgresql.start(PostgreSQLPlan(key=KEY, master=KEY, password=password, database=KEY))
            # Past the front, which is no part of what is measured.
            url = f"postgresql://{KEY}:{password}@{server.address}:{server.inner_port}/{KEY}"
            with psycopg.connect(url, autocommit=True) as sql:
                sql.execute("CREATE TABLE item (id int PRIMARY KEY, note text)")
                sql.execute("INSERT INTO item SELECT n, repeat('x', 800) FROM generate_series(0, %s) n", (KEYS - 1,))
            yield fleet, url
        finally:
            fleet.stop()


def harms(fleet: Fleet) -> dict[str, tuple[Callable[[], object], Callable[[], object]]]:
    """Return what is done to the cache, and how it is undone."""

    def tell(*words: str) -> None:
        with fleet.group(KEY).node(NODE).engine.admin() as admin:
            admin.command(*words)

    def renew() -> None:
        fleet.kill(KEY, NODE)
        fleet.group(KEY).recover(NODE)

    def fill() -> None:
        tell("FLUSHALL")
        tell("CONFIG", "SET", "maxmemory-policy", "noeviction")
        tell("CONFIG", "SET", "maxmemory", "1")

    return {
        WITHOUT: (lambda: None, lambda: None),
        "with the cache": (lambda: None, lambda: None),
        "frozen": (lambda: fleet.hold(KEY, NODE), lambda: fleet.release(KEY, NODE)),
        "refused": (lambda: fleet.kill(KEY, NODE), lambda: fleet.group(KEY).recover(NODE)),
        "slow": (lambda: tell("CLIENT", "PAUSE", "600000", "ALL"), renew),
        "full": (fill, lambda: tell("CONFIG", "SET", "maxmemory", "0")),
        "well again": (lambda: None, lambda: None),
        AGAIN: (lambda: None, lambda: None),
    }


def loads(fleet: Fleet, database: str, reads: int) -> list[Load]:
    """Read in threads and in tasks, with each harm."""
    environ = CacheEnvironment(endpoint=fleet.primary_endpoint(KEY) or "", tls=False).to_env()
    found: list[Load] = []
    for flavour in ("threads", "tasks"):
        runner = asyncio.Runner()
        cache: Any = _opened(flavour, environ, runner)
        own: list[Load] = []
        for name, (harm, heal) in harms(fleet).items():
            harm()
            took, asked = _read(flavour, None if name.startswith(WITHOUT) else cache, database, reads, runner)
            heal()
            took.sort()
            p50, p99 = took[len(took) // 2], took[len(took) * 99 // 100]
            own.append(Load(flavour, name, len(took), asked, 1e3 * p50, 1e3 * p99, 1.0))
        # Measured first and last, and the better one counts: the machine may have been busy with other things.
        base = min(load.p99_milliseconds for load in own if load.name.startswith(WITHOUT))
        found += [replace(load, ratio=load.p99_milliseconds / base) for load in own]
        if flavour == "threads":
            cache.close()
        else:
            runner.run(cache.close())
        runner.close()
    return found


def _opened(flavour: str, environ: dict[str, str], runner: asyncio.Runner) -> Any:
    policy = Policy(prefix=flavour)
    if flavour == "threads":
        return LeasedCache.from_env(policy, environ=environ)

    async def opened() -> AsyncLeasedCache:
        return AsyncLeasedCache.from_env(policy, environ=environ)

    return runner.run(opened())


def _wanted(seed: int, reads: int) -> list[int]:
    chance = random.Random(seed)  # noqa: S311 - the same reads each time
    return chance.choices(range(KEYS), cum_weights=WEIGHTS, k=reads // READERS)


def _read(flavour: str, cache: Any, database: str, reads: int, runner: asyncio.Runner) -> tuple[list[float], int]:
    took: list[float] = []
    asked: list[int] = []
    if flavour == "threads":
        threads = [
            threading.Thread(target=_read_on, args=(cache, database, _wanted(seed, reads), took, asked))
            for seed in range(READERS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    else:
        runner.run(_read_in_loop(cache, database, reads, took, asked))
    return took, len(asked)


def _read_on(cache: LeasedCache | None, database: str, wanted: list[int], took: list[float], asked: list[int]) -> None:
    with psycopg.connect(database, autocommit=True) as sql:
        for number in wanted:

            def load(number: int = number) -> object:
                asked.append(number)
                return sql.execute(QUERY, (SLOW_QUERY_SECONDS, number)).fetchone()

            begin = time.perf_counter()
            load() if cache is None else cache.read(f"item:{number}", load)
            took.append(time.perf_counter() - begin)


async def _read_in_loop(
    cache: AsyncLeasedCache | None, database: str, reads: int, took: list[float], asked: list[int]
) -> None:
    async def read_on(wanted: list[int]) -> None:
        async with await psycopg.AsyncConnection.connect(database, autocommit=True) as sql:
            for number in wanted:

                async def load(number: int = number) -> object:
                    asked.append(number)
                    return await (await sql.execute(QUERY, (SLOW_QUERY_SECONDS, number))).fetchone()

                begin = time.perf_counter()
                reading: Awaitable[object] = load() if cache is None else cache.read(f"item:{number}", load)
                await reading
                took.append(time.perf_counter() - begin)

    await asyncio.gather(*(read_on(_wanted(seed, reads)) for seed in range(READERS)))


def table(found: list[Load]) -> str:
    """Write a report for people."""
    lines = [
        f"{'a Zipf load of':<35} {'reads':>7} {'of the database':>15} {'p50 ms':>8} {'p99 ms':>8} {'to without':>10}",
    ]
    lines += [
        f"{item.flavour:<10} {item.name:<24} {item.reads:7} {item.database_reads:15} {item.p50_milliseconds:8.2f}"
        f" {item.p99_milliseconds:8.2f} {item.ratio:10.2f}"
        for item in found
    ]
    saved = 1 - found[1].database_reads / found[0].database_reads
    return "\n".join([*lines, "", f"{saved:.0%} of the database's reads are saved"])


@click.command(help=(__doc__ or "").splitlines()[0])
@click.option("--reads", type=click.IntRange(min=8), default=8000, show_default=True, help="Reads of each load.")
@click.option("--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def main(reads: int, output: str) -> None:
    """Measure, and print ratios of one run."""
    with place() as (fleet, database):
        found = loads(fleet, database, reads)
    load = os.getloadavg()[0]
    if output == "json":
        click.echo(json.dumps({"loads": [asdict(item) for item in found], "load": load}, indent=2))
    else:
        click.echo(f"{table(found)}\nload average {load:.1f} on {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
