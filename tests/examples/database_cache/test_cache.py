"""What the cache adds to the shop: reads that ask no database, and are current all the same."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.cache import connect
from elasticache_kit.cache.outbox import row_key
from tests.examples.database_cache.conftest import DRAINS, LIMIT_SECONDS, SHOP, Shop, migrated, running

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet

pytestmark = pytest.mark.engine

# Each read that is cached, its path, and a change behind the back of the shop: of the row, or of what is shown with it.
READS = {
    "categories": ("/categories/5", "UPDATE products SET name = name || '!' WHERE category_id = 5"),
    "products": ("/products/7", "INSERT INTO reviews (product_id, customer_id, stars) VALUES (7, 1, 1)"),
    "stock": ("/products/7/stock", "UPDATE stock SET on_hand = on_hand + 1 WHERE product_id = 7"),
    "customers": ("/customers/7", "UPDATE customers SET name = name || '!' WHERE id = 7"),
    "orders": ("/orders/{order}", "UPDATE order_lines SET quantity = quantity + 1 WHERE order_id = {order}"),
}


@pytest.fixture
def order(cached: Shop) -> int:
    """An order of the shop with a cache."""
    return cached.post("/orders", {"customer_id": 1, "lines": [{"product_id": 1, "quantity": 1}]})["id"]


@pytest.fixture
def listening(cached: Shop) -> Any:
    """The outbox listener, as its container runs it."""
    return running(cached.environ, "elasticache_kit.cache.outbox", "run", "--prefix", "shop", says=DRAINS)


def waiting(shop: Shop) -> int:
    """Return how many changes nobody has drained."""
    row: Any = shop.sql.execute("SELECT count(*) FROM elasticache_kit_outbox").fetchone()
    return row[0]


@pytest.mark.parametrize("table", READS)
def test_a_second_read_asks_no_database(cached: Shop, order: int, table: str) -> None:
    """Of each read that is cached; the key is the one that the outbox invalidates."""
    path = READS[table][0].format(order=order)
    assert cached.asked(path) == 0
    with connect(environ=cached.environ) as client:
        number = path.strip("/").split("/")[1]
        assert client.exists(f"shop:1:{row_key(table, int(number))}")


def test_a_change_behind_its_back(cached: Shop, order: int, listening: Any) -> None:
    """An UPDATE of somebody who knows no cache is seen through the outbox; without a listener it is not."""
    reads = {table: (path.format(order=order), sql.format(order=order)) for table, (path, sql) in READS.items()}
    before = {table: cached.get(path) for table, (path, _) in reads.items()}
    for _, sql in reads.values():
        cached.sql.execute(sql.encode())
    assert {table: cached.get(path) for table, (path, _) in reads.items()} == before
    assert waiting(cached)

    with listening:
        deadline = time.monotonic() + LIMIT_SECONDS
        while waiting(cached):
            assert time.monotonic() < deadline
            time.sleep(0.01)

    after = {table: cached.get(path) for table, (path, _) in reads.items()}
    assert all(after[table] != before[table] for table in reads)
    assert after["products"]["reviews"] == before["products"]["reviews"] + 1
    assert after["stock"] == before["stock"] + 1
    assert after["orders"]["lines"][0]["quantity"] == 2


def race(shop: Shop, number: int, write: Callable[[int], object]) -> tuple[int, int]:
    """Let readers read the price of a product while it rises; return their reads, and those of what was overwritten."""
    path = f"/products/{number}"
    acknowledged = shop.get(path)["price_cents"]
    done, judged = threading.Event(), list[bool]()

    def read() -> None:
        last = False
        while not last:
            # One more when the last price is acknowledged.
            last, known = done.is_set(), acknowledged
            judged.append(shop.get(path)["price_cents"] < known)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        for price in range(acknowledged + 1, acknowledged + 101):
            write(price)
            acknowledged = price
    finally:
        done.set()
        for reader in readers:
            reader.join()
    return len(judged), sum(judged)


def test_no_read_is_older_than_what_was_acknowledged(cached: Shop) -> None:
    """Readers race with a writer of the shop; the lines that invalidate are where they must be."""

    def write(price: int) -> None:
        cached.http.patch("/products/9", json={"price_cents": price}).raise_for_status()

    reads, stale = race(cached, 9, write)
    assert (reads > 50, stale) == (True, 0)


def test_a_writer_that_invalidates_nothing_is_found_out(cached: Shop) -> None:
    """The negative control: the same race, written behind the back of the shop."""

    def write(price: int) -> None:
        cached.sql.execute("UPDATE products SET price_cents = %s WHERE id = 10", (price,))

    reads, stale = race(cached, 10, write)
    assert 0 < stale <= reads


def test_a_frozen_cache_is_a_miss(cached: Shop, engines: Fleet) -> None:
    """Answers go on and are current, and when the cache goes on they come from there again."""
    assert cached.asked("/products/8") == 0
    engine = engines.group("standalone").node("standalone-0001").engine
    engine.hold()
    try:
        before = cached.statements()
        assert cached.http.patch("/products/8", json={"price_cents": 77}).json()["price_cents"] == 77
        assert cached.get("/products/8")["price_cents"] == 77
        assert cached.statements() > before
    finally:
        engine.release()
    deadline = time.monotonic() + LIMIT_SECONDS
    while cached.asked("/products/8"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert cached.get("/products/8")["price_cents"] == 77


def test_the_migrations_run_once(cached: Shop) -> None:
    """A second time nothing is done, and a shop that is not empty is not filled."""
    count = "SELECT count(*) FROM products"
    before = cached.sql.execute(count).fetchone()
    assert migrated(cached.environ, "--seed").stdout == "migrations: nothing to do\n"
    assert cached.sql.execute(count).fetchone() == before


def test_the_migration_of_the_outbox_is_the_generated_one(cached: Shop) -> None:
    """For the tables whose rows are cached."""
    command = [sys.executable, "-m", "elasticache_kit.cache.outbox", "sql", *READS]
    done = subprocess.run(command, env=cached.environ, capture_output=True, text=True, check=True)
    assert done.stdout == (SHOP / "shop/migrations/0002_outbox.sql").read_text()


@pytest.mark.parametrize(
    ("word", "change", "code", "says"),
    [
        ("serve", {"ELASTICACHE_KIT_ENDPOINT": ""}, 2, "ELASTICACHE_KIT_ENDPOINT is not set"),
        ("migrate", {"PGHOST": ""}, 2, "set PGHOST to its writer endpoint"),
        ("migrate", {"PGHOST": "/nowhere"}, 4, 'connection to server on socket "/nowhere'),
    ],
)
def test_wrong_settings_are_told(cached: Shop, word: str, change: dict[str, str], code: int, says: str) -> None:
    """In a sentence, when it starts."""
    environ = {**cached.environ, **change}
    command = [sys.executable, "-m", "shop", word]
    done = subprocess.run(command, env=environ, cwd=SHOP, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert says in done.stderr
    assert "Traceback" not in done.stderr
