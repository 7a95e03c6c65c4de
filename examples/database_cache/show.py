"""What the shop shows of its cache: each promise once, with what it was held against."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx
    import psycopg

LIMIT_SECONDS = 30
# An error would be seen long before; what is waited for here are other processes.
PAUSE_SECONDS = 0.005


class PromiseBrokenError(Exception):
    """Something did not happen as it was promised."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What runs.

    Args:
        cached: asks the shop with a cache.
        plain: asks the same shop without.
        sql: the database, by somebody who knows no cache.
        frozen: holds the cache while a block goes on.
        pages: how many products are shown. Default: 100.
        load: how many reads are compared. Default: 2000.
    """

    cached: httpx.Client
    plain: httpx.Client
    sql: psycopg.Connection[Any]
    frozen: Callable[[], AbstractContextManager[object]]
    pages: int = 100
    load: int = 2000


def read(shop: httpx.Client, path: str) -> Any:
    """Return what a shop answers."""
    answer = shop.get(path)
    _hold(answer.is_success, f"{path} was answered with {answer.status_code}")
    return answer.json()


def statements(shop: httpx.Client) -> int:
    """Return how many statements a shop has sent to the database."""
    return sum(read(shop, "/statistics")["statements"].values())


def settle(scene: Scene) -> None:
    """Wait until the listener has drained what the seed has left."""
    _await(lambda: not _one(scene, "SELECT count(*) FROM elasticache_kit_outbox"), "the outbox is not drained")


def reads(scene: Scene) -> str:
    """A second read comes from the cache."""
    paths, counts = [f"/products/{number}" for number in range(1, scene.pages + 1)], [statements(scene.cached)]
    for _ in range(2):
        for path in paths:
            read(scene.cached, path)
        counts.append(statements(scene.cached))
    first, second = counts[1] - counts[0], counts[2] - counts[1]
    _hold(first > 0 and second == 0, f"the database was asked {first} times, and then {second} times")
    return f"{scene.pages} pages read twice: {first} statements the first time, {second} the second time"


def write(scene: Scene) -> str:
    """A write of the shop is seen at once."""
    before = read(scene.cached, "/products/1")["price_cents"]
    for price in range(before + 1, before + scene.pages + 1):
        scene.cached.patch("/products/1", json={"price_cents": price}).raise_for_status()
        found = read(scene.cached, "/products/1")["price_cents"]
        _hold(found == price, f"the price was {found} after it was set to {price}")
    return f"{scene.pages} new prices, each read back by the next request"


def behind_its_back(scene: Scene) -> str:
    """An UPDATE that knows no cache is seen through the outbox."""
    name = read(scene.cached, "/products/2")["name"]
    scene.sql.execute("UPDATE products SET name = name || ', fresh' WHERE id = 2")
    began = time.monotonic()
    _await(lambda: read(scene.cached, "/products/2")["name"] == f"{name}, fresh", "the UPDATE is not seen")
    seen = time.monotonic() - began
    names = [item["name"] for item in read(scene.cached, "/categories/1")["products"]]
    _hold(f"{name}, fresh" in names, "the category shows the old name")
    return f"an UPDATE by somebody else was seen after {1000 * seen:.0f} ms, in the page of its category too"


def frozen(scene: Scene) -> str:
    """While the cache does not answer the shop does, with what is current; then the cache is used again by itself."""
    paths = [f"/products/{number}" for number in range(1, scene.pages + 1)]
    for path in paths:
        read(scene.cached, path)
    slowest = 0.0
    with scene.frozen():
        for path in paths:
            began = time.monotonic()
            read(scene.cached, path)
            slowest = max(slowest, time.monotonic() - began)
        scene.cached.patch("/products/3", json={"price_cents": 1}).raise_for_status()
        found = read(scene.cached, "/products/3")["price_cents"]
        _hold(found == 1, f"the price was {found} after it was set to 1")
    _await(lambda: _asked(scene.cached, "/products/4") == 0, "the cache is not used again")
    found = read(scene.cached, "/products/3")["price_cents"]
    _hold(found == 1, f"the cache came back with the old price, {found}")
    return f"{scene.pages} reads and a write while it was frozen: no error, the slowest took {1000 * slowest:.0f} ms"


def saved(scene: Scene) -> str:
    """The same load on the shop with a cache and without."""
    # Few products are read often and many seldom, as in a shop; one request in a hundred is a write.
    chance = random.Random(7)  # noqa: S311 - the same load each time
    weights = [1 / place for place in range(1, 501)]
    load = chance.choices(range(1, 501), weights, k=scene.load)
    sent: list[int] = []
    for shop in (scene.plain, scene.cached):
        before = statements(shop)
        for place, number in enumerate(load):
            if place % 100 == 0:
                shop.patch(f"/products/{number}", json={"price_cents": place}).raise_for_status()
            read(shop, f"/products/{number}")
        sent.append(statements(shop) - before)
    without, having = sent
    _hold(having < without, f"{having} statements with the cache, {without} without")
    return (
        f"{scene.load} reads: {without} statements without a cache, {having} with it, {1 - having / without:.0%} less"
    )


PROMISES: dict[str, Callable[[Scene], str]] = {
    "reads": reads,
    "a write": write,
    "an UPDATE behind its back": behind_its_back,
    "a frozen cache": frozen,
    "statements saved": saved,
}


def _asked(shop: httpx.Client, path: str) -> int:
    read(shop, path)
    before = statements(shop)
    read(shop, path)
    return statements(shop) - before


def _one(scene: Scene, query: str) -> int:
    row: Any = scene.sql.execute(query.encode()).fetchone()
    return row[0]


def _await(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while not condition():
        _hold(time.monotonic() < deadline, f"{what} after {LIMIT_SECONDS} s")
        time.sleep(PAUSE_SECONDS)


def _hold(promised: bool, otherwise: str) -> None:
    if not promised:
        raise PromiseBrokenError(otherwise)
