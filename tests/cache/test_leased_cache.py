"""LeasedCache and its sibling for asyncio over real engines: what is kept, for how long, and who loads."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from elasticache_kit.cache import (
    JSON,
    AsyncLeasedCache,
    Counts,
    Event,
    LeasedCache,
    OpenTelemetryMetrics,
    Policy,
    PrometheusMetrics,
    connect,
    connect_async,
)
from elasticache_kit.cache.command import Dialect
from elasticache_kit.errors import ValidationError

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[2]
Make = Callable[..., LeasedCache]


class Gone:
    """Pickled under a name that nobody finds again."""


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


@pytest.mark.parametrize("dialect", Dialect)
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


@contextlib.contextmanager
def reader(environ: dict[str, str], *words: str) -> Generator[subprocess.Popen[str]]:
    """Run the program and wait until it is ready."""
    command = [sys.executable, "-m", "tests.cache.reader", *words]
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environ}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process


def test_one_loads_for_a_hundred_in_four_processes(environ_of: Any, standalone: Any) -> None:
    """All get what that one loaded."""
    with contextlib.ExitStack() as stack:
        processes = [stack.enter_context(reader(environ_of("standalone"), "25", "0.1", "5")) for _ in range(4)]
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        said = [process.communicate()[0] for process in processes]
    assert "".join(said).replace("loading", "").split() == ["1"] * 100
    assert standalone.get("loads") == b"1"


def test_a_loader_that_is_killed_is_replaced(environ_of: Any, standalone: Any) -> None:
    """When its lease runs out another reader loads."""
    with reader(environ_of("standalone"), "1", "600", "0.2") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "loading\n"
        process.send_signal(signal.SIGKILL)
    cache = LeasedCache(standalone, Policy(prefix="stampede", wait=10))
    assert cache.read("k", lambda: "after it") == "after it"
    assert counted(cache, Event.FILL) == 1
    assert counted(cache, Event.FALLBACK) == 0


@pytest.mark.parametrize("key", ["", "a\nb", "a\x00", "\x7f"])
def test_a_key_that_is_none(make: Make, key: str) -> None:
    """Refused before anything is sent."""
    for refused in (lambda: make().read(key, never), lambda: make().invalidate(key), lambda: make().write(key, never)):
        with pytest.raises(ValidationError, match="is no key of a cache"):
            refused()


@pytest.mark.parametrize(
    ("options", "value", "says"),
    [
        ({}, threading.Lock(), "is lock, which pickle cannot write"),
        ({"largest_value": 100}, b"x" * 100, "bytes, and largest_value is 100"),
    ],
)
def test_a_value_that_cannot_be_stored(make: Make, options: dict[str, Any], value: object, says: str) -> None:
    """An error that names the key and the setting, and nobody waits for its lease."""
    cache = make(**options)
    with pytest.raises(ValidationError, match=says) as raised:
        cache.read("order:7", lambda: value)
    assert "'order:7'" in str(raised.value)
    assert cache.read("order:7", lambda: "good") == "good"
    with pytest.raises(ValidationError, match=says):
        cache.write("order:7", lambda: value)
    assert cache.read("order:7", lambda: "committed") == "committed"


def test_json_refuses_what_it_would_change(standalone: Any) -> None:
    """A cache with JSON keeps what JSON has."""
    cache = LeasedCache(standalone, Policy(prefix="json"), serializer=JSON)
    assert cache.read("k", lambda: {"a": [1, "ü"]}) == {"a": [1, "ü"]}
    assert cache.read("k", never) == {"a": [1, "ü"]}
    for value in ({1, 2}, float("nan"), b"bytes"):
        with pytest.raises(ValidationError, match="which JSON cannot write"):
            cache.read("other", lambda value=value: value)


@pytest.mark.parametrize("raw", [b"", b"Vshort", b"somebody else's", b"L" * 40, b"V" + bytes(32) + b"no pickle"])
def test_what_somebody_else_wrote_is_a_miss(make: Make, standalone: Any, raw: bytes) -> None:
    """It is replaced, and read by nobody."""
    standalone.set("t:1:k", raw)
    cache = make()
    assert cache.read("k", lambda: "ours") == "ours"
    assert cache.read("k", lambda: "ours") == "ours"
    assert cache.read("k", never) == "ours"


def test_a_value_of_a_class_that_is_gone_is_a_miss(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a release that renamed it."""
    cache = make()
    cache.read("k", Gone)
    monkeypatch.delattr(sys.modules[Gone.__module__], "Gone")
    assert cache.read("k", lambda: "new") == "new"
    assert counted(cache, Event.UNREADABLE) == 1


def test_a_client_that_decodes_is_refused(environ_of: Any) -> None:
    """Its text is not what was stored."""
    client = connect(environ=environ_of("standalone"), decode_responses=True)
    with pytest.raises(ValidationError, match="decode_responses"):
        LeasedCache(client, Policy(prefix="t")).read("k", lambda: 1)
    client.close()


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


def test_prometheus_gets_the_counts(standalone: Any) -> None:
    """By event, and the state of the breaker."""
    from prometheus_client import CollectorRegistry  # noqa: PLC0415 - of this test only

    registry = CollectorRegistry()
    metrics = PrometheusMetrics("orders", registry)
    cache = LeasedCache(standalone, Policy(prefix="t"), metrics=metrics)
    cache.read("k", lambda: 1)
    cache.read("k", never)
    metrics.breaker(is_open=True)

    def value(event: str) -> float | None:
        labels = {"cache": "orders", "event": event}
        return registry.get_sample_value("elasticache_kit_cache_events_total", labels)

    assert (value("hit"), value("miss"), value("load"), value("fenced")) == (1, 1, 1, 0)
    assert registry.get_sample_value("elasticache_kit_cache_breaker_open", {"cache": "orders"}) == 1


def test_open_telemetry_gets_them_too(standalone: Any) -> None:
    """The same numbers."""
    from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415 - of this test only
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader  # noqa: PLC0415 - see above

    exporter = InMemoryMetricReader()
    metrics = OpenTelemetryMetrics("orders", MeterProvider([exporter]).get_meter("test"))
    cache = LeasedCache(standalone, Policy(prefix="t"), metrics=metrics)
    cache.read("k", lambda: 1)
    cache.read("k", never)
    for is_open in (True, True, False, True):
        metrics.breaker(is_open=is_open)
    data: Any = exporter.get_metrics_data()
    found = {metric.name: metric.data.data_points for metric in data.resource_metrics[0].scope_metrics[0].metrics}
    events = {point.attributes["event"]: point.value for point in found["elasticache_kit.cache.events"]}
    assert events == {"miss": 1, "load": 1, "fill": 1, "hit": 1}
    assert [point.value for point in found["elasticache_kit.cache.breaker_open"]] == [1]
