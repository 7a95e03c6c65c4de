"""A cache that is frozen, refused, slow or full is a miss, and comes back by itself; in both flavours."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.cache import AsyncLeasedCache, Event, LeasedCache, Policy
from elasticache_kit.emulator.fleet import Fleet
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.environment import CacheEnvironment
from tests.cache.conftest import plan
from tests.cache.flavour import FLAVOURS, Either, open_cache

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.engine import Engine

# A busy machine would make a healthy cache one that does not answer in time.
pytestmark = [pytest.mark.engine, pytest.mark.calm]

KEY = "outage"
NODE = f"{KEY}-0001"
POLICY = Policy(prefix="t")
LIMIT_SECONDS = 120

Make = Callable[..., Either]


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
    engine = fleet.group(KEY).node(NODE).engine
    yield engine
    engine.release()
    configure(engine, "maxmemory", "0")
    with engine.admin() as admin:
        admin.command("FLUSHALL")


@pytest.fixture
def environ(fleet: Fleet) -> dict[str, str]:
    """Where it is."""
    return CacheEnvironment(endpoint=fleet.primary_endpoint(KEY) or "", tls=False).to_env()


@pytest.fixture(params=FLAVOURS)
def make(request: pytest.FixtureRequest, environ: dict[str, str]) -> Iterator[Make]:
    """Give what makes a cache that gives up soon, and tries again soon, in each flavour."""
    with ExitStack() as stack:

        def make(policy: Policy = POLICY, **options: Any) -> Either:
            cache = open_cache(request.param, environ, policy, **options)
            stack.callback(cache.close)
            return cache

        yield make


@pytest.fixture
def cache(make: Make) -> Either:
    """One of them."""
    return make()


def configure(engine: Engine, name: str, value: str) -> None:
    """Change a setting of the engine."""
    with engine.admin() as admin:
        admin.command("CONFIG", "SET", name, value)


def recover(cache: Either) -> None:
    """Read until the cache answers again."""
    deadline, before = time.monotonic() + LIMIT_SECONDS, cache.counted(Event.HIT)
    while cache.counted(Event.HIT) == before:
        assert time.monotonic() < deadline
        assert cache.read("recovered", lambda: "value") == "value"


def freeze(fleet: Fleet) -> Callable[[], None]:
    """Stop the process where it is; connections stay. What is returned ends it, here and below."""
    fleet.hold(KEY, NODE)
    return lambda: fleet.release(KEY, NODE)


def refuse(fleet: Fleet) -> Callable[[], None]:
    """Kill the process, so that connections are refused."""
    fleet.kill(KEY, NODE)
    return lambda: fleet.group(KEY).recover(NODE)


def slow(fleet: Fleet) -> Callable[[], None]:
    """Hold every answer back for longer than anybody waits, for a while."""
    with fleet.group(KEY).node(NODE).engine.admin() as admin:
        admin.command("CLIENT", "PAUSE", "1000", "ALL")
    return lambda: None


def fill(fleet: Fleet) -> Callable[[], None]:
    """Leave no memory for another value."""
    engine = fleet.group(KEY).node(NODE).engine
    configure(engine, "maxmemory-policy", "noeviction")
    configure(engine, "maxmemory", "1")
    return lambda: configure(engine, "maxmemory", "0")


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("harm", [freeze, refuse, slow, fill])
def test_a_cache_that_is_harmed_is_a_miss(
    make: Make, fleet: Fleet, harm: Callable[[Fleet], Callable[[], None]]
) -> None:
    """No reader gets an error, no more than one in a hundred waits for it, and it is used again when it is well.

    Who does not wait is as quick as without a cache; so 99 of 100 are.
    """
    cache, reads = make(failures=3, pause=0.3), 500
    recover(cache)
    heal = harm(fleet)
    assert [cache.read(f"k{number}", lambda number=number: number) for number in range(reads)] == list(range(reads))
    if harm is fill:
        # It answers at once that it takes nothing, and what it has is still read.
        assert cache.read("recovered", lambda: pytest.fail("it is there")) == "value"
    else:
        assert 1 <= cache.counted(Event.UNAVAILABLE) <= reads / 100
    assert cache.breaker.is_open == (harm is not fill)
    heal()
    recover(cache)
    assert not cache.breaker.is_open


def test_a_frozen_cache_without_a_breaker_is_waited_for(make: Make, engine: Engine) -> None:
    """The negative control: each reader waits."""
    cache = make(failures=10**6)
    cache.read("k", lambda: "cached")
    engine.hold()
    for number in range(5):
        cache.read("k", lambda number=number: number)
    assert cache.counted(Event.UNAVAILABLE) == 5


def test_what_was_invalidated_meanwhile_is_not_read_afterwards(cache: Either, engine: Engine) -> None:
    """The frozen cache still has the old value; it is deleted before anything is read from it."""
    cache.read("k", lambda: "old")
    engine.hold()
    assert not cache.invalidate("k")
    assert cache.read("k", lambda: "new") == "new"
    engine.release()
    recover(cache)
    assert cache.read("k", lambda: "newer") in {"new", "newer"}
    assert cache.counted(Event.INVALIDATION_OWED) >= 1
    deadline = time.monotonic() + LIMIT_SECONDS
    while cache.owed:
        assert time.monotonic() < deadline
        cache.read("k", lambda: "newest")


def test_a_write_through_while_it_is_frozen(cache: Either, engine: Engine) -> None:
    """It is committed, and the old value is not read afterwards."""
    cache.read("k", lambda: "old")
    engine.hold()
    assert cache.write("k", lambda: "new") == "new"
    engine.release()
    recover(cache)
    assert cache.read("k", lambda: "new") == "new"


@pytest.mark.parametrize("fails", [False, True])
def test_a_lease_that_could_not_be_filled_holds_nobody_up(make: Make, engine: Engine, fails: bool) -> None:
    """The cache freezes while a loader loads, or fails; when it goes on the lease is taken away, and not waited for."""
    cache = make(replace(POLICY, lease=60, wait=1))

    def load() -> str:
        engine.hold()
        if fails:
            raise ZeroDivisionError
        return "loaded"

    if fails:
        with pytest.raises(ZeroDivisionError):
            cache.read("k", load)
    else:
        assert cache.read("k", load) == "loaded"
    engine.release()
    assert cache.read("k", lambda: "at once") == "at once"
    assert (cache.counted(Event.FILL), cache.counted(Event.FALLBACK)) == (1, 0)


def test_a_full_cache_still_invalidates(cache: Either, fleet: Fleet, engine: Engine) -> None:
    """And keeps values again when it has room."""
    assert cache.read("k", lambda: "cached") == "cached"
    heal = fill(fleet)
    assert engine.alive
    assert cache.invalidate("k")
    assert [cache.read("k", lambda: "loaded") for _ in range(5)] == ["loaded"] * 5
    assert cache.counted(Event.UNAVAILABLE) == 5
    heal()
    assert cache.read("k", lambda: "kept") == "kept"
    assert cache.read("k", lambda: pytest.fail("it is there")) == "kept"


@pytest.mark.parametrize("topology", ["cluster-mode-disabled", "cluster-mode-enabled"])
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_nobody_was_ever_there(topology: str, flavour: str) -> None:
    """A cluster client asks for the slots when it is made, and that is no error of a reader either."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        environ = CacheEnvironment(endpoint="127.0.0.1", port=port, tls=False, topology=topology).to_env()
        cache = open_cache(flavour, environ, POLICY)
        assert [cache.read("k", lambda: "loaded") for _ in range(10)] == ["loaded"] * 10
        assert not cache.invalidate("k")
        assert cache.write("k", lambda: "written") == "written"
        cache.close()


def test_too_many_invalidations_to_remember_are_counted(
    cache: Either, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is lost then is bounded by the TTL, and an alarm can see it."""
    monkeypatch.setattr("elasticache_kit.cache.ledger.MOST_OWED", 2)
    engine.hold()
    for number in range(4):
        cache.invalidate(f"k{number}")
    assert (cache.counted(Event.INVALIDATION_OWED), cache.counted(Event.INVALIDATION_LOST)) == (2, 2)


def test_a_mistake_in_the_settings_is_still_said() -> None:
    """A missing variable is no cache that is down."""
    for kind in (LeasedCache, AsyncLeasedCache):
        with pytest.raises(ValidationError, match="ELASTICACHE_KIT_ENDPOINT is not set"):
            kind.from_env(POLICY, environ={})


def test_the_log_says_it_and_not_each_time(cache: Either, engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
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
