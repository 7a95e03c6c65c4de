"""A cache that is frozen, refused, slow or full is a miss, and comes back by itself."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from elasticache_kit.cache import AsyncLeasedCache, Breaker, Counts, Event, LeasedCache, Patience, Policy, connect
from elasticache_kit.emulator.fleet import Fleet, GroupPlan, NodeGroupPlan, NodePlan
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.environment import CacheEnvironment
from tests.cache.conftest import plan

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.engine import Engine

# A busy machine would make a healthy cache one that does not answer in time.
pytestmark = [pytest.mark.engine, pytest.mark.calm]

KEY = "outage"
PATIENCE = Patience(connect_timeout=0.1, timeout=0.1, retries=0)
POLICY = Policy(prefix="t")
LIMIT_SECONDS = 20


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """A fleet of one node that may be harmed."""
    fleet = Fleet(tmp_path_factory.mktemp("outage"))
    fleet.start_group(plan(KEY))
    yield fleet
    fleet.stop()


@pytest.fixture
def engine(fleet: Fleet) -> Iterator[Engine]:
    """The node, which is well again after the test."""
    engine = fleet.group(KEY).node(f"{KEY}-0001").engine
    yield engine
    engine.release()
    configure(engine, "maxmemory", "0")
    with engine.admin() as admin:
        admin.command("FLUSHALL")


@pytest.fixture
def environ(fleet: Fleet) -> dict[str, str]:
    """Where it is."""
    return CacheEnvironment(endpoint=fleet.primary_endpoint(KEY) or "", tls=False).to_env()


@pytest.fixture
def make(environ: dict[str, str]) -> Iterator[Callable[..., LeasedCache]]:
    """Give what makes a cache that gives up soon, and tries again soon."""
    with ExitStack() as stack:

        def make(policy: Policy = POLICY, *, failures: int = 2, pause: float = 0.05) -> LeasedCache:
            client = partial(connect, environ=environ, patience=PATIENCE, check=False)
            cache = LeasedCache(client, policy, breaker=Breaker(failures=failures, pause=pause))
            stack.callback(cache.close)
            return cache

        yield make


@pytest.fixture
def cache(make: Callable[..., LeasedCache]) -> LeasedCache:
    """One of them."""
    return make()


def configure(engine: Engine, name: str, value: str) -> None:
    """Change a setting of the engine."""
    with engine.admin() as admin:
        admin.command("CONFIG", "SET", name, value)


def counted(cache: LeasedCache | AsyncLeasedCache, event: Event) -> int:
    """Return a count."""
    assert isinstance(cache.metrics, Counts)
    return cache.metrics[event]


def recover(cache: LeasedCache) -> None:
    """Read until the cache answers again."""
    deadline, before = time.monotonic() + LIMIT_SECONDS, counted(cache, Event.HIT)
    while counted(cache, Event.HIT) == before:
        assert time.monotonic() < deadline
        assert cache.read("recovered", lambda: "value") == "value"


def test_a_frozen_cache_is_a_miss(cache: LeasedCache, engine: Engine) -> None:
    """Two readers wait for it, the others do not; when it goes on it is used again."""
    cache.read("k", lambda: "cached")
    engine.hold()
    begin = time.monotonic()
    assert [cache.read("k", lambda number=number: number) for number in range(200)] == list(range(200))
    # 200 timeouts would be twenty seconds; the breaker lets one through in each pause.
    assert time.monotonic() - begin < LIMIT_SECONDS / 2
    assert cache.ledger.breaker.is_open
    assert counted(cache, Event.UNAVAILABLE) < 100
    engine.release()
    recover(cache)
    assert not cache.ledger.breaker.is_open
    assert isinstance(cache.metrics, Counts)
    assert not cache.metrics.breaker_is_open


def test_a_frozen_cache_without_a_breaker_is_waited_for(make: Callable[..., LeasedCache], engine: Engine) -> None:
    """The negative control: each reader waits."""
    cache = make(failures=10**6)
    cache.read("k", lambda: "cached")
    engine.hold()
    for number in range(5):
        cache.read("k", lambda number=number: number)
    assert counted(cache, Event.UNAVAILABLE) == 5


def test_what_was_invalidated_meanwhile_is_not_read_afterwards(cache: LeasedCache, engine: Engine) -> None:
    """The frozen cache still has the old value; it is deleted before anything is read from it."""
    cache.read("k", lambda: "old")
    engine.hold()
    assert not cache.invalidate("k")
    assert cache.read("k", lambda: "new") == "new"
    engine.release()
    recover(cache)
    assert cache.read("k", lambda: "newer") in {"new", "newer"}
    assert counted(cache, Event.INVALIDATION_OWED) >= 1
    assert not cache.ledger.owed


def test_a_write_through_while_it_is_frozen(cache: LeasedCache, engine: Engine) -> None:
    """It is committed, and the old value is not read afterwards."""
    cache.read("k", lambda: "old")
    engine.hold()
    assert cache.write("k", lambda: "new") == "new"
    engine.release()
    recover(cache)
    assert cache.read("k", lambda: "new") == "new"


def test_an_application_starts_while_its_cache_is_refused(fleet: Fleet, cache: LeasedCache) -> None:
    """Nobody listens; the client is made when somebody does."""
    fleet.kill(KEY, f"{KEY}-0001")
    assert [cache.read("k", lambda number=number: number) for number in range(20)] == list(range(20))
    fleet.group(KEY).recover(f"{KEY}-0001")
    recover(cache)


@pytest.mark.parametrize("slots", [(), ("0-16383",)], ids=["standalone", "cluster"])
def test_a_failover_is_no_error(fleet: Fleet, slots: tuple[str, ...]) -> None:
    """Readers go on while the primary is gone, and find the cache again behind the same endpoint."""
    key = f"failover-{len(slots)}"
    nodes = (NodePlan(cache_cluster_id="a"), NodePlan(cache_cluster_id="b"))
    node_group = NodeGroupPlan(node_group_id="0001", slots=slots[0] if slots else None, nodes=nodes)
    fleet.start_group(GroupPlan(key=key, node_groups=(node_group,), cluster_mode=bool(slots), tls=False))
    address = (fleet.configuration_endpoint(key) if slots else fleet.primary_endpoint(key)) or ""
    topology = "cluster-mode-enabled" if slots else "cluster-mode-disabled"
    environ = CacheEnvironment(endpoint=address, tls=False, topology=topology).to_env()
    client = partial(connect, environ=environ, patience=PATIENCE, check=False)
    cache = LeasedCache(client, POLICY, breaker=Breaker(failures=2, pause=0.05))
    assert cache.read("k", lambda: "before") == "before"
    fleet.kill(key, "a")
    assert [cache.read("k", lambda: "while it is gone") for _ in range(20)][-1] == "while it is gone"
    assert not cache.invalidate("k")
    fleet.promote(key, "b")
    recover(cache)
    assert cache.read("k", lambda: "after") == "after"
    cache.close()
    fleet.stop_group(key)


@pytest.mark.parametrize("topology", ["cluster-mode-disabled", "cluster-mode-enabled"])
def test_nobody_was_ever_there(topology: str) -> None:
    """A cluster client asks for the slots when it is made, and that is no error of a reader either."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        environ = CacheEnvironment(endpoint="127.0.0.1", port=port, tls=False, topology=topology).to_env()
        cache = LeasedCache.from_env(POLICY, environ=environ)
        assert [cache.read("k", lambda: "loaded") for _ in range(10)] == ["loaded"] * 10
        assert not cache.invalidate("k")
        assert cache.write("k", lambda: "written") == "written"


def test_a_slow_cache_is_a_miss(cache: LeasedCache, engine: Engine) -> None:
    """It holds every answer back for longer than anybody waits."""
    cache.read("k", lambda: "cached")
    with engine.admin() as admin:
        admin.command("CLIENT", "PAUSE", "300", "ALL")
    assert [cache.read("k", lambda: "loaded") for _ in range(3)][-1] == "loaded"
    recover(cache)


def test_a_full_cache_is_a_miss(cache: LeasedCache, engine: Engine) -> None:
    """It takes no more values, answers at once, and what it has is still read; the breaker stays closed."""
    cache.read("k", lambda: "cached")
    configure(engine, "maxmemory", "1")
    configure(engine, "maxmemory-policy", "noeviction")
    assert [cache.read("other", lambda: "loaded") for _ in range(5)] == ["loaded"] * 5
    assert cache.read("k", lambda: pytest.fail("it is there")) == "cached"
    assert not cache.ledger.breaker.is_open
    assert counted(cache, Event.UNAVAILABLE) == 5
    assert cache.invalidate("k")
    configure(engine, "maxmemory", "0")
    assert cache.read("other", lambda: "kept") == "kept"
    assert cache.read("other", lambda: pytest.fail("it is there")) == "kept"


def test_the_database_gets_no_more_loads_at_a_time_than_it_bears(
    make: Callable[..., LeasedCache], engine: Engine
) -> None:
    """Thirty readers of a frozen cache, and never more than three loaders."""
    cache = make(replace(POLICY, fallback_limit=3), failures=1, pause=60)
    engine.hold()
    now, most, guard = [0], [0], threading.Lock()

    def load() -> None:
        with guard:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.005)
        with guard:
            now[0] -= 1

    readers = [threading.Thread(target=cache.read, args=(f"k{number}", load)) for number in range(30)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert most[0] == 3
    assert counted(cache, Event.FALLBACK) == 30


def test_asyncio_does_the_same(environ: dict[str, str], engine: Engine) -> None:
    """Frozen is a miss, what was invalidated meanwhile is gone, and it comes back."""

    async def use() -> None:
        cache = AsyncLeasedCache.from_env(POLICY, environ=environ, breaker=Breaker(failures=2, pause=0.05))
        value = partial(asyncio.sleep, 0)
        await cache.read("k", lambda: value("old"))
        engine.hold()
        assert not await cache.invalidate("k")
        answers = await asyncio.gather(*(cache.read("k", lambda: value("new")) for _ in range(100)))
        assert answers == ["new"] * 100
        engine.release()
        deadline = time.monotonic() + LIMIT_SECONDS
        while counted(cache, Event.HIT) == 0:
            assert time.monotonic() < deadline
            assert await cache.read("k", lambda: value("new")) == "new"
        assert not cache.ledger.owed
        await cache.close()

    asyncio.run(use())


def test_too_many_invalidations_to_remember_are_counted(
    cache: LeasedCache, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is lost then is bounded by the TTL, and an alarm can see it."""
    monkeypatch.setattr("elasticache_kit.cache.ledger.MOST_OWED", 2)
    engine.hold()
    for number in range(4):
        cache.invalidate(f"k{number}")
    assert (counted(cache, Event.INVALIDATION_OWED), counted(cache, Event.INVALIDATION_LOST)) == (2, 2)


def test_a_mistake_in_the_settings_is_still_said(environ: dict[str, str]) -> None:
    """A missing variable is no cache that is down."""
    with pytest.raises(ValidationError, match="ELASTICACHE_KIT_ENDPOINT is not set"):
        LeasedCache.from_env(POLICY, environ={})
    assert environ


def test_the_log_says_it_and_not_each_time(
    cache: LeasedCache, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """A warning of the first failure, one of the breaker, and one of the recovery."""
    engine.hold()
    for _ in range(20):
        cache.read("k", lambda: 1)
    engine.release()
    recover(cache)
    said: list[str] = [record.getMessage() for record in caplog.records if record.name == "elasticache_kit.cache"]
    checks: list[Callable[[str], bool]] = [
        lambda text: "used as if it were empty" in text,
        lambda text: "is left alone" in text,
        lambda text: "answers again" in text,
    ]
    assert [sum(map(check, said)) for check in checks] == [1, 1, 1]
