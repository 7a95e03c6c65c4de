"""LeasedCache and its sibling for asyncio over real engines: what is kept, for how long, and who loads."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from elasticache_kit.cache import (
    AsyncLeasedCache,
    Counts,
    Event,
    LeasedCache,
    Policy,
    connect,
    connect_async,
)
from elasticache_kit.cache.command import Dialect

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[2]
Make = Callable[..., LeasedCache]


@pytest.fixture
def make(standalone: Any) -> Make:
    """Give what makes a cache over an empty node."""

    def make(**options: Any) -> LeasedCache:
        return LeasedCache(standalone, policy(**options))

    return make


def counted(cache: LeasedCache | AsyncLeasedCache, event: Event) -> int:
    """Return a count."""
    assert isinstance(cache.metrics, Counts)
    return cache.metrics[event]


def policy(**options: Any) -> Policy:
    """Return a policy of these tests."""
    return Policy(**({"prefix": "t"} | options))  # pyright: ignore[reportArgumentType] # each is what its field asks for


def never() -> Any:
    """Be a loader that must not be called."""
    pytest.fail("the database was asked")


@pytest.mark.parametrize("library", ["valkey", "glide", "redis"])
def test_a_value_is_loaded_once_and_kept(environ: dict[str, str], library: Any) -> None:
    """Each library, each shape: the second read needs no database, and after an invalidation the third one does."""
    client = connect(environ=environ, library=library)
    cache = LeasedCache(client, Policy(prefix=f"kept-{library}"))
    cache.invalidate("k")
    assert cache.read("k", lambda: {"a": (1, 2)}) == {"a": (1, 2)}
    assert cache.read("k", never) == {"a": (1, 2)}
    assert cache.invalidate("k")
    assert cache.read("k", lambda: 3) == 3
    assert [counted(cache, event) for event in (Event.HIT, Event.MISS, Event.FILL)] == [1, 2, 2]
    client.close()


@pytest.mark.parametrize("library", ["valkey", "glide", "redis"])
def test_asyncio_does_the_same(environ: dict[str, str], library: Any) -> None:
    """Each library, each shape."""

    async def use() -> None:
        client = await connect_async(environ=environ, library=library)
        cache = AsyncLeasedCache(client, Policy(prefix=f"async-{library}", refresh_after=0.001))
        loaded: list[str] = []

        def key(number: int) -> str:
            return f"k:{number}"

        @cache.cached(key)
        async def load(number: int) -> int:
            loaded.append(str(number))
            return number

        await load.invalidate(7)
        assert [await load(7), await load(8)] == [7, 8]
        await asyncio.sleep(0.01)
        assert await load(7) == 7
        assert loaded == ["7", "8", "7"]
        assert counted(cache, Event.REFRESH) == 1
        assert await cache.write("k:7", lambda: asyncio.sleep(0, 9)) == 9
        with pytest.raises(ZeroDivisionError):
            await cache.read("other", failing)
        assert await cache.read("other", lambda: asyncio.sleep(0, "at once")) == "at once"
        await (client.close() if library == "glide" else client.aclose())

    async def failing() -> int:
        return 1 // 0

    asyncio.run(use())


@pytest.mark.parametrize("dialect", [Dialect.NATIVE, Dialect.SCRIPT])
def test_both_dialects_take_and_fill(client: Any, dialect: Dialect) -> None:
    """A script of one key does what IFEQ does: fills, fences, refreshes and gives back."""
    cache = LeasedCache(client, Policy(prefix="d", refresh_after=0.001))
    cache.ledger.dialect = dialect
    assert cache.read("k", lambda: "first") == "first"
    time.sleep(0.005)  # the time to refresh has come
    assert cache.read("k", lambda: "second") == "second"
    cache.invalidate("k")
    assert cache.read("k", lambda: cache.invalidate("k") and "fenced") == "fenced"
    with pytest.raises(ZeroDivisionError):
        cache.read("k", lambda: 1 // 0)
    assert cache.read("k", lambda: "third") == "third"
    counts = [counted(cache, event) for event in (Event.FILL, Event.FENCED, Event.REFRESH, Event.WAIT)]
    assert counts == [3, 1, 1, 0]


def test_an_engine_that_does_not_know_ifeq_gets_a_script(standalone: Any) -> None:
    """Its syntax error is not an error of the caller, and is asked for once."""

    class OldEngine:
        """Passes commands on to a real engine, which takes IFEQ for the syntax error that it is to an old one."""

        asked = 0

        @staticmethod
        def get_encoder() -> Any:
            return standalone.get_encoder()

        @staticmethod
        def get(name: str) -> Any:
            return standalone.get(name)

        def execute_command(self, *words: Any, **options: Any) -> Any:
            self.asked += "IFEQ" in words
            return standalone.execute_command(*("IFOLD" if word == "IFEQ" else word for word in words), **options)

    engine = OldEngine()
    cache = LeasedCache(engine, Policy(prefix="old"))
    assert cache.read("k", lambda: 1) == 1
    assert cache.read("k", never) == 1
    cache.invalidate("k")
    assert cache.read("k", lambda: 2) == 2
    assert engine.asked == 1
    assert cache.ledger.dialect is Dialect.SCRIPT


def test_entries_live_as_long_as_they_were_told_to(make: Make, standalone: Any) -> None:
    """Between nine tenths of the TTL and the whole, each another time; what is not there, shorter."""
    cache = make(ttl=100, negative_ttl=10)
    for number in range(30):
        cache.read(f"k{number}", lambda: 1)
    lives = [standalone.pttl(f"t:1:k{number}") for number in range(30)]
    assert all(89_000 < life <= 100_000 for life in lives)
    assert len(set(lives)) > 10
    assert cache.read("nothing", lambda: None) is None
    assert cache.read("nothing", never) is None
    assert 8_900 < standalone.pttl("t:1:nothing") <= 10_000
    assert counted(cache, Event.NEGATIVE_HIT) == 1


def test_nothing_may_be_forgotten_at_once(make: Make) -> None:
    """Without a negative TTL the loader is asked each time, and nobody waits for a lease that nobody needs."""
    cache = make(negative_ttl=None)
    asked: list[None] = []
    for _ in range(3):
        cache.read("k", lambda: asked.append(None))
    assert len(asked) == 3
    assert counted(cache, Event.WAIT) == 0


def test_another_schema_does_not_see_it(make: Make) -> None:
    """Nor does another prefix."""
    make().read("k", lambda: "old")
    assert make(schema=2).read("k", lambda: "new") == "new"
    assert make(prefix="u").read("k", lambda: "theirs") == "theirs"
    assert make().read("k", never) == "old"


def test_one_refreshes_while_others_read(make: Make) -> None:
    """And where that one fails, what is there is kept."""
    cache = make(refresh_after=0.001, ttl=60)
    cache.read("k", lambda: "old")
    time.sleep(0.005)  # the time to refresh has come

    def refresh() -> str:
        assert cache.read("k", never) == "old"
        return "new"

    assert cache.read("k", refresh) == "new"
    time.sleep(0.005)
    assert cache.read("k", lambda: 1 // 0) == "new"
    assert cache.read("k", never) == "new"
    assert counted(cache, Event.REFRESH_FAILED) == 1


def test_an_invalidation_beats_a_refresh(make: Make) -> None:
    """What was loaded before the commit does not come back."""
    cache = make(refresh_after=0.001, ttl=60)
    cache.read("k", lambda: "old")
    time.sleep(0.005)  # the time to refresh has come
    assert cache.read("k", lambda: cache.invalidate("k") and "older") == "older"
    assert cache.read("k", lambda: "new") == "new"


def test_a_loader_that_fails_holds_nobody_up(make: Make) -> None:
    """Its error reaches its caller, and the next reader loads at once."""
    cache = make(lease=60)
    with pytest.raises(ZeroDivisionError):
        cache.read("k", lambda: 1 // 0)
    assert cache.read("k", lambda: "value") == "value"


def test_a_loader_that_is_slower_than_its_lease_is_fenced(make: Make) -> None:
    """Its caller gets the value, the cache has what the next one loaded."""
    cache, other = make(lease=0.02), make()

    def slow() -> str:
        time.sleep(0.05)
        assert other.read("k", lambda: "quick") == "quick"
        return "slow"

    assert cache.read("k", slow) == "slow"
    assert counted(cache, Event.FENCED) == 1
    assert cache.read("k", never) == "quick"


def test_a_reader_does_not_wait_for_ever(make: Make) -> None:
    """It loads by itself, and leaves the cache alone."""
    cache = make(lease=60, wait=0.01)
    assert cache.read("k", lambda: cache.read("k", lambda: "impatient")) == "impatient"
    assert counted(cache, Event.FALLBACK) == 1


def test_a_decorated_function(make: Make) -> None:
    """One decorator for reads, one call for writes; the name and the words stay."""
    cache = make()
    rows = {7: "old"}

    def key(number: int, *, shop: str = "a") -> str:
        return f"{shop}:{number}"

    @cache.cached(key)
    def order(number: int, *, shop: str = "a") -> str:
        """Load an order."""
        return f"{shop} {rows[number]}"

    assert order(7) == "a old"
    rows[7] = "new"
    assert (order(7), order(7, shop="b")) == ("a old", "b new")
    order.invalidate(7)
    assert order(7) == "a new"
    assert order.__doc__ == "Load an order."
