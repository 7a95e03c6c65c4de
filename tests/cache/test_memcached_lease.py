"""The leased cache over Memcached: the same protocol by `add` and `cas`, with the same race and the same control."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.cache import AsyncLeasedCache, Breaker, Event, LeasedCache, Patience, Policy
from elasticache_kit.cache.memcached import connect, connect_async
from elasticache_kit.cache.memcached_store import LONGEST_KEY, LONGEST_SECONDS, key_of
from elasticache_kit.emulator.fleet import Fleet, MemcachedPlan
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.environment import CacheEnvironment
from tests.cache.conftest import PATIENT
from tests.cache.flavour import FLAVOURS, Blocking, Either, InLoop
from tests.cache.naive_cache import AsyncMemcachedNaiveCache, MemcachedNaiveCache
from tests.cache.oracle import FEWEST_WRITES
from tests.cache.race import race, race_async

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.memcached.cluster import MemcachedCluster

# Both libraries leave connections to the garbage collector.
pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")]
POLICY = Policy(prefix="t")
HASTE = Patience(connect_timeout=0.1, timeout=0.1, retries=1)
READS = 2_000


@pytest.fixture(scope="module")
def cluster(memcached: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MemcachedCluster]:
    """Two nodes."""
    assert memcached
    fleet = Fleet(tmp_path_factory.mktemp("fleet"))
    yield fleet.start_memcached(MemcachedPlan(key="leases", nodes=("0001", "0002"), threads=1))
    fleet.stop()


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Let what the libraries leave go here, and not in another test, which would be told of it."""
    yield
    gc.collect()


@pytest.fixture
def environ(cluster: MemcachedCluster) -> dict[str, str]:
    """What an application is told, of nodes that are well."""
    for name, alive in cluster.alive.items():
        if not alive:
            cluster.reboot(name)
    place = cluster.configuration_endpoint
    return CacheEnvironment(endpoint=place, port=11211, engine="memcached", tls=False).to_env()


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> str:
    """Each flavour."""
    return request.param


def open_cache(flavour: str, environ: dict[str, str], policy: Policy = POLICY, patience: Patience = PATIENT) -> Either:
    """Return a cache over both nodes, whose breaker does not open: it would leave both alone where one is lost."""
    breaker = Breaker(failures=10**6)
    if flavour == "blocking":
        return Blocking(LeasedCache(partial(connect, environ=environ, patience=patience), policy, breaker=breaker))
    client = partial(connect_async, environ=environ, patience=patience)
    return InLoop(lambda: AsyncLeasedCache(client, policy, breaker=breaker))


@pytest.fixture
def cache(flavour: str, environ: dict[str, str], request: pytest.FixtureRequest) -> Iterator[Either]:
    """A cache of each flavour, with keys of its own."""
    prefix = "".join(letter for letter in request.node.name if letter.isalnum())
    cache = open_cache(flavour, environ, replace(POLICY, prefix=prefix, refresh_after=30))
    yield cache
    cache.close()


@pytest.mark.parametrize("kind", ["leased", "naive"])
def test_threads_race(environ: dict[str, str], database: str, kind: str) -> None:
    """Ours is never stale, and the naive one is, or the oracle sees nothing."""
    client = connect(environ=environ, patience=PATIENT)
    cache = LeasedCache(client, Policy(prefix="race")) if kind == "leased" else MemcachedNaiveCache(client)
    verdict = race(cache, database, reads=READS)
    client.close()
    assert verdict.reads >= READS
    assert verdict.writes >= FEWEST_WRITES
    assert (verdict.stale > 0) == (kind == "naive"), verdict


@pytest.mark.parametrize("kind", ["leased", "naive"])
def test_tasks_race(environ: dict[str, str], database: str, kind: str) -> None:
    """The same in an event loop, over emcache."""

    async def run() -> Any:
        client = await connect_async(environ=environ, patience=PATIENT)
        cache = (
            AsyncLeasedCache(client, Policy(prefix="tasks")) if kind == "leased" else AsyncMemcachedNaiveCache(client)
        )
        verdict = await race_async(cache, database, reads=READS)
        await client.close()
        return verdict

    verdict = asyncio.run(run())
    assert verdict.reads >= READS
    assert (verdict.stale > 0) == (kind == "naive"), verdict


def test_a_value_is_loaded_once_and_kept(cache: Either) -> None:
    """The environment alone says that it is Memcached; after an invalidation it is loaded anew."""
    assert cache.read("k", lambda: {"a": (1, 2)}) == {"a": (1, 2)}
    assert cache.read("k", lambda: pytest.fail("it is there")) == {"a": (1, 2)}
    assert cache.invalidate("k")
    assert cache.invalidate("k")
    assert cache.read("k", lambda: 3) == 3
    assert cache.read("nothing", lambda: None) is None
    assert cache.read("nothing", lambda: pytest.fail("it is known")) is None
    assert [cache.counted(event) for event in (Event.HIT, Event.NEGATIVE_HIT, Event.MISS)] == [1, 1, 3]
    assert cache.counted(Event.UNAVAILABLE) == 0


def test_a_fill_that_comes_too_late_is_fenced(flavour: str, environ: dict[str, str]) -> None:
    """Somebody invalidates, or invalidates and loads, while a reader has the old row."""
    mine, other = open_cache(flavour, environ), open_cache("blocking", environ)

    def slowly(key: str, *, other_loads: bool) -> str:
        other.invalidate(key)
        if other_loads:
            other.read(key, lambda: "new")
        return "old"

    for key, other_loads in (("gone", False), ("theirs", True)):
        mine.invalidate(key)
        assert mine.read(key, lambda key=key, loads=other_loads: slowly(key, other_loads=loads)) == "old"
        assert mine.read(key, lambda: "new") == "new"
    assert mine.counted(Event.FENCED) == 2
    mine.close()
    other.close()


def test_writing_through(flavour: str, environ: dict[str, str]) -> None:
    """The next read needs no database, and whoever wrote meanwhile wins."""
    mine, other = open_cache(flavour, environ), open_cache("blocking", environ)
    assert mine.write("through", lambda: "new") == "new"
    assert mine.read("through", lambda: pytest.fail("it is there")) == "new"
    assert mine.write("through", lambda: other.invalidate("through") and "mine") == "mine"
    assert mine.read("through", lambda: "theirs") == "theirs"
    mine.close()
    other.close()


def test_one_refreshes_while_others_read(flavour: str, environ: dict[str, str]) -> None:
    """Memcached cannot keep the time of what is there; the mark lives no longer than that would have."""
    mine, other = (open_cache(kind, environ, replace(POLICY, refresh_after=0.001)) for kind in (flavour, "blocking"))
    mine.invalidate("soft")
    assert mine.read("soft", lambda: "old") == "old"
    time.sleep(0.005)  # the time to refresh has come
    assert mine.read("soft", lambda: other.read("soft", pytest.fail) and "new") == "new"
    assert other.counted(Event.HIT) == 1
    assert mine.counted(Event.REFRESH) == 1
    mine.close()
    other.close()


def test_a_loader_that_fails_holds_nobody_up(cache: Either) -> None:
    """Its lease is given back."""
    with pytest.raises(ZeroDivisionError):
        cache.read("k", lambda: 1 // 0)
    assert cache.read("k", lambda: "at once") == "at once"
    assert cache.counted(Event.WAIT) == 0


def test_a_node_that_is_lost_is_a_miss(flavour: str, environ: dict[str, str], cluster: MemcachedCluster) -> None:
    """Its keys are loaded past it and stay its keys; those of the other node are hits; nothing old comes back."""
    # emcache waits for its whole time where nobody listens.
    cache = open_cache(flavour, environ, replace(POLICY, prefix=f"lost-{flavour}"), HASTE)
    keys = [f"k{number}" for number in range(8)]
    for key in keys:
        cache.read(key, lambda: "old")
    cluster.kill("0002")
    before = cache.counted(Event.HIT)
    found = [cache.read(key, lambda: "new") for key in keys]
    assert set(found) == {"old", "new"}
    lost = [key for key in keys if not cache.invalidate(key)]
    assert 0 < len(lost) < len(keys)
    assert cache.counted(Event.HIT) > before
    cluster.reboot("0002")
    deadline = time.monotonic() + 120
    while cache.owed:
        assert time.monotonic() < deadline
        cache.read("recovered", lambda: 1)
    assert {cache.read(key, lambda: "newest") for key in keys} == {"newest"}
    cache.close()


@pytest.mark.parametrize("key", ["with a space", "\u00fcber", "x" * (LONGEST_KEY + 1)])
def test_a_key_that_memcached_cannot_have(cache: Either, key: str) -> None:
    """It is kept under its digest."""
    assert cache.read(key, lambda: "kept") == "kept"
    assert cache.read(key, lambda: pytest.fail("it is there")) == "kept"
    assert cache.invalidate(key)
    assert cache.read(key, lambda: "new") == "new"


def test_keys_of_other_names_differ() -> None:
    """A plain name is its own key, and no plain name is the digest of another one."""
    assert key_of("shop:1:order:7") == "shop:1:order:7"
    assert len({key_of(name) for name in ("a:1:x y", "a:1:x  y", "a:1:xy")}) == 3
    assert key_of("a:1:x y").startswith("#")


def test_a_value_that_is_too_large_for_a_node(cache: Either) -> None:
    """Its reader gets it, and nobody waits for its lease."""
    large = b"x" * (1024 * 1024 - 60)
    for _ in range(2):
        assert cache.read("k", lambda: large) == large
    assert cache.counted(Event.WAIT) == 0
    assert cache.counted(Event.UNAVAILABLE) == 2


def test_a_long_time_is_not_read_as_a_date(flavour: str, environ: dict[str, str]) -> None:
    """More than thirty days are."""
    cache = open_cache(flavour, environ, replace(POLICY, ttl=2 * LONGEST_SECONDS))
    cache.invalidate("long")
    assert cache.read("long", lambda: "kept") == "kept"
    assert cache.read("long", lambda: pytest.fail("it is there")) == "kept"
    cache.close()


@pytest.mark.parametrize("kind", [LeasedCache, AsyncLeasedCache])
def test_the_environment_says_that_it_is_memcached(environ: dict[str, str], kind: Any) -> None:
    """The same line that serves Valkey."""
    cache = kind.from_env(POLICY, environ=environ)

    async def load() -> str:
        return "kept"

    async def use() -> str:
        found = await cache.read("same line", load)
        await cache.close()
        return found

    if kind is AsyncLeasedCache:
        assert asyncio.run(use()) == "kept"
    else:
        assert cache.read("same line", lambda: "kept") == "kept"
        cache.close()
    assert cache.metrics[Event.UNAVAILABLE] == 0
    assert cache.metrics[Event.FILL] + cache.metrics[Event.HIT] == 1


@pytest.mark.parametrize("kind", [LeasedCache, AsyncLeasedCache])
def test_times_that_memcached_cannot_keep(environ: dict[str, str], kind: Any) -> None:
    """It counts in whole seconds: all of them are said when the application starts."""
    with pytest.raises(ValidationError, match=r"ttl = 0\.5, negative_ttl = 0\.1: Memcached counts in whole seconds"):
        kind.from_env(Policy(prefix="t", ttl=0.5, negative_ttl=0.1), environ=environ)
