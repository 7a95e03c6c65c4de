"""What a hit of the cache costs: beside a bare GET, and beside other libraries.

    .venv/bin/python benchmarks/cache.py                 a table
    .venv/bin/python benchmarks/cache.py --output json   for machines

One engine, in a process of its own. Each is held against one other, in turn: call by call, and for asyncio in short
slices, so that whatever else the machine does meets both alike. Of the times of each the tenth fastest of a hundred
counts: a busy machine makes any call longer, and none shorter. A hit is a row of 800 bytes, pickled; each library is
set up as its manual says.
"""

# ruff: noqa: INP001 - a file to run, not a package

from __future__ import annotations

import asyncio
import json
import os
import pickle
import tempfile
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
from cashews import Cache as Cashews
from django.core.cache.backends.redis import RedisCache
from dogpile.cache import make_region

from elasticache_kit.cache import AsyncLeasedCache, LeasedCache, Policy, connect, connect_async
from elasticache_kit.emulator.fleet import Fleet, GroupPlan, NodeGroupPlan, NodePlan
from elasticache_kit.model.environment import CacheEnvironment

ROW = {f"column_{number}": "x" * 60 for number in range(11)}
POLICY = Policy(prefix="benchmark", ttl=3600)
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


@contextmanager
def engine() -> Generator[dict[str, str]]:
    """Run one node and give its environment."""
    with tempfile.TemporaryDirectory() as directory:
        fleet = Fleet(Path(directory) / "fleet")
        node = NodeGroupPlan(node_group_id="0001", nodes=(NodePlan(cache_cluster_id="benchmark-001"),))
        fleet.start_group(GroupPlan(key="benchmark", node_groups=(node,), cluster_mode=False, tls=False))
        yield CacheEnvironment(endpoint=fleet.primary_endpoint("benchmark") or "", tls=False).to_env()
        fleet.stop()


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
    url = f"{place['host']}:{place['port']}"
    django, django_valkey, flask = _others(url)
    client.set("bare", pickle.dumps(ROW, pickle.HIGHEST_PROTOCOL))
    for fill in (
        lambda: cache.read("k", lambda: ROW),
        lambda: leased.get_or_create("region", lambda: ROW),
        lambda: stock.get_or_create("stock", lambda: ROW),
        lambda: django.set("django", ROW),
        lambda: django_valkey.set("django-valkey", ROW),
        lambda: flask.set("flask", ROW),
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
        "django-valkey ValkeyCache.get": (BARE, lambda: django_valkey.get("django-valkey")),
        "Flask-Caching RedisCache.get": (BARE, lambda: flask.get("flask")),
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


def _others(url: str) -> tuple[Any, Any, Any]:
    from django.conf import settings as django_settings  # noqa: PLC0415 - Django wants its settings first

    settings: Any = django_settings
    if not settings.configured:
        settings.configure()
    from django_valkey.cache import ValkeyCache  # noqa: PLC0415 - see above
    from flask_caching.backends import RedisCache as FlaskCache  # noqa: PLC0415 - beside its namesake

    options: dict[str, Any] = {}
    host, port = url.split(":")
    kinds: tuple[Any, Any] = (ValkeyCache, FlaskCache)
    return RedisCache(f"redis://{url}", options), kinds[0](f"valkey://{url}", options), kinds[1](host, int(port))


async def asyncio_hits(environ: dict[str, str], rounds: int, calls: int, tasks: int = 20) -> list[Hit]:
    """Measure tasks of one event loop that read at the same time."""
    client, glide = await connect_async(environ=environ), await connect_async(environ=environ, library="glide")
    caches = [AsyncLeasedCache(client, POLICY), AsyncLeasedCache(glide, POLICY)]
    bare = f"asyncio, {BARE}"

    async def load() -> Any:
        return ROW

    cashews: Any = Cashews()
    # As many connections as the others take; by default its tasks would wait for ten.
    cashews.setup(f"redis://{environ['ELASTICACHE_KIT_ENDPOINT']}:6379", secret=None, max_connections=tasks)
    await client.set("bare", pickle.dumps(ROW, pickle.HIGHEST_PROTOCOL))
    await caches[0].read("k", load)
    await cashews.set("cashews", ROW)
    names: dict[str, tuple[str, Callable[[], Awaitable[object]]]] = {
        bare: (bare, lambda: client.get("bare")),
        "asyncio, AsyncLeasedCache.read": (bare, lambda: caches[0].read("k", load)),
        "asyncio, glide GET": (bare, lambda: glide.get("bare")),
        "asyncio, AsyncLeasedCache over glide": ("asyncio, glide GET", lambda: caches[1].read("k", load)),
        "asyncio, cashews get": (bare, lambda: cashews.get("cashews")),
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
    await cashews.close()
    return hits


def _compared(name: str, other: str, times: tuple[list[float], list[float]]) -> Hit:
    own, reference = (sorted(found)[len(found) // 10] for found in times)
    return Hit(name, other, 1e6 * own, reference / own)


def table(hits: list[Hit]) -> str:
    """Write a report for people."""
    lines = [f"{'a hit':<40} {'us':>8} {'ratio':>6}  to"]
    lines += [f"{hit.name:<40} {hit.microseconds:8.1f} {hit.ratio:6.2f}  {hit.against}" for hit in hits]
    return "\n".join(lines)


@click.command(help=(__doc__ or "").splitlines()[0])
@click.option("--rounds", type=click.IntRange(min=1), default=300, show_default=True, help="Slices of each.")
@click.option("--calls", type=click.IntRange(min=20), default=20, show_default=True, help="Reads of a slice.")
@click.option("--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def main(rounds: int, calls: int, output: str) -> None:
    """Measure, and print ratios of one run."""
    with engine() as environ:
        hits = [*blocking_hits(environ, rounds, calls), *asyncio.run(asyncio_hits(environ, rounds, calls))]
    load = os.getloadavg()[0]
    if output == "json":
        click.echo(json.dumps({"hits": [asdict(hit) for hit in hits], "load": load}, indent=2))
    else:
        click.echo(f"{table(hits)}\nload average {load:.1f} on {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
