"""dogpile.cache over leases: an application's decorators stay as they are."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from dogpile.cache import make_region
from dogpile.cache.api import NO_VALUE

from elasticache_kit.cache import Breaker, Counts, Event, LeasedCache, Policy
from elasticache_kit.errors import ValidationError

pytestmark = pytest.mark.engine

Make = Callable[..., Any]


@pytest.fixture
def cache(client: Any) -> LeasedCache:
    """An empty cache of each shape."""
    return LeasedCache(client, Policy(prefix="d"))


@pytest.fixture
def make(cache: LeasedCache) -> Make:
    """Give what makes a region, found by its name as an installed plugin."""

    def make(**options: Any) -> Any:
        return make_region().configure("elasticache_kit.leased", arguments={"cache": cache}, **options)

    return make


def counted(cache: LeasedCache, event: Event) -> int:
    """Return a count."""
    assert isinstance(cache.metrics, Counts)
    return cache.metrics[event]


def test_one_decorator_and_one_call(make: Make, cache: LeasedCache) -> None:
    """A read is cached until its arguments are invalidated."""
    rows = {7: "old"}

    @make().cache_on_arguments()
    def order(number: int) -> str:
        return rows[number]

    assert order(7) == "old"
    rows[7] = "new"
    assert order(7) == "old"
    order.invalidate(7)
    assert order(7) == "new"
    assert [counted(cache, event) for event in (Event.MISS, Event.HIT, Event.FILL)] == [2, 1, 2]


def test_many_keys_lie_on_many_nodes(make: Make) -> None:
    """Several keys at once, also where they are of different slots."""
    region, keys = make(), [f"k{number}" for number in range(20)]
    created: list[tuple[str, ...]] = []

    def create(*asked: str) -> list[str]:
        created.append(asked)
        return list(asked)

    assert region.get_or_create_multi(keys, create) == keys
    assert region.get_or_create_multi(keys, create) == keys
    assert len(created) == 1
    assert region.get_multi(keys) == keys
    region.delete_multi(keys)
    assert region.get_multi(keys) == [NO_VALUE] * 20


def test_one_refreshes_what_dogpile_finds_expired(make: Make, cache: LeasedCache) -> None:
    """By the region's own time, which is a soft one: others read on."""
    region = make(expiration_time=0.001)
    region.get_or_create("k", lambda: "old")
    time.sleep(0.01)  # the region's time is over
    assert region.get_or_create("k", lambda: region.get_or_create("k", pytest.fail) and "new") == "new"
    assert region.get("k", ignore_expiration=True) == "new"
    assert counted(cache, Event.REFRESH) == 1


def test_a_region_that_was_invalidated_is_filled_anew(make: Make) -> None:
    """What was there is replaced, and not asked for each time from then on."""
    region, created = make(), list[int]()
    region.get_or_create("k", lambda: "old")
    time.sleep(0.002)  # dogpile compares times
    region.invalidate(hard=True)
    time.sleep(0.002)
    for _ in range(3):
        assert region.get_or_create("k", lambda: created.append(1) or "new") == "new"
    assert created == [1]


def test_a_set_outside_of_a_creation_removes_the_key(make: Make) -> None:
    """Nobody can tell whether it is still current."""
    region = make()
    region.get_or_create("k", lambda: "cached")
    region.set("k", "of whenever")
    assert region.get("k") is NO_VALUE
    assert region.get_or_create("k", lambda: "loaded") == "loaded"


def test_what_shall_not_be_cached_is_not(make: Make) -> None:
    """And holds nobody up; nor does a creator that fails."""
    region = make()

    def is_good(value: str) -> bool:
        return value != "a"

    assert region.get_or_create("k", lambda: "a", should_cache_fn=is_good) == "a"
    with pytest.raises(ZeroDivisionError):
        region.get_or_create("k", lambda: 1 // 0)
    assert region.get_or_create("k", lambda: "b") == "b"
    assert region.get_or_create("nothing", lambda: None) is None
    assert region.get("nothing") is None


def test_one_creates_for_many_threads(make: Make) -> None:
    """The others wait for it."""
    region, created, found = make(), list[int](), list[str]()

    def create() -> str:
        created.append(1)
        time.sleep(0.05)
        return "value"

    threads = [threading.Thread(target=lambda: found.append(region.get_or_create("k", create))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["value"] * 20
    assert created == [1]


def test_a_cache_that_is_gone_is_a_miss() -> None:
    """The creator is asked, and the turns to ask it are given back."""

    def connect() -> Any:
        raise ConnectionRefusedError

    cache = LeasedCache(connect, Policy(prefix="d", fallback_limit=1), breaker=Breaker(failures=2, pause=60))
    region: Any = make_region().configure("elasticache_kit.leased", arguments={"cache": cache})
    assert [region.get_or_create("k", lambda number=number: number) for number in range(10)] == list(range(10))
    region.delete("k")
    assert counted(cache, Event.FALLBACK) == 10


def test_a_value_that_cannot_be_stored_is_said(make: Make) -> None:
    """With its key, and the next creator may begin at once."""
    region = make()
    with pytest.raises(ValidationError, match="pickle cannot write"):
        region.get_or_create("k", threading.Lock)
    assert region.get_or_create("k", lambda: "good") == "good"
