"""What the shop does, with a cache and without: the same requests, the same answers."""

from __future__ import annotations

import contextlib
import runpy
import threading
from collections.abc import Generator
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.examples.database_cache.conftest import DRAINS, SHOP, Shop, running

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet

pytestmark = pytest.mark.engine

# What `make example-database-cache` shows.
SHOW: dict[str, Any] = runpy.run_path(str(SHOP / "show.py"), run_name="show")
PAGES, LOAD = 5, 100


def product(shop: Shop, **change: Any) -> dict[str, Any]:
    """Sell a product more."""
    return shop.post("/products", {"category_id": 1, "name": "Rye", "price_cents": 350, "on_hand": 10, **change})


def customer(shop: Shop, name: str) -> int:
    """Make a customer known."""
    return shop.post("/customers", {"name": name, "email": f"{name}@example.com"})["id"]


def line(product_id: int, quantity: int = 1) -> dict[str, int]:
    """Want so many of a product."""
    return {"product_id": product_id, "quantity": quantity}


def test_it_is_alive(shop: Shop) -> None:
    """A load balancer is told without a question to the database."""
    before = shop.statements()
    assert shop.get("/health") == {"status": "alive"}
    assert shop.statements() == before


def test_a_second_read(plain: Shop, cached: Shop) -> None:
    """It costs the database two statements, or with a cache none."""
    assert (plain.asked("/products/7"), cached.asked("/products/7")) == (2, 0)


def test_a_category_shows_its_products(shop: Shop) -> None:
    """In the order of their names; a new one, a new price and a removal are seen with the next read."""
    before = shop.get("/categories/3")
    assert (before["name"], len(before["products"])) == ("Coffee", 50)
    added = product(shop, category_id=3, name="A first one")
    assert shop.get("/categories/3")["products"] == [
        {"id": added["id"], "name": "A first one", "price_cents": 350},
        *before["products"],
    ]
    shop.http.patch(f"/products/{added['id']}", json={"price_cents": 1}).raise_for_status()
    assert shop.get("/categories/3")["products"][0]["price_cents"] == 1
    shop.http.delete(f"/products/{added['id']}").raise_for_status()
    assert shop.get("/categories/3") == before


def test_a_product_changes(shop: Shop) -> None:
    """What is left out stays, and the next read has the rest."""
    made = product(shop, description="Dark.")
    path = f"/products/{made['id']}"
    assert shop.get(path) == made
    assert shop.http.patch(path, json={"price_cents": 399}).json() == {**made, "price_cents": 399}
    assert shop.get(path) == {**made, "price_cents": 399}


def test_a_number_that_nobody_had_yet(shop: Shop) -> None:
    """That there was nothing is not remembered when there is something."""
    following = product(shop)["id"] + 1
    assert shop.http.get(f"/products/{following}").status_code == 404
    assert shop.http.get(f"/products/{following}/stock").status_code == 404
    assert product(shop)["id"] == following
    assert shop.get(f"/products/{following}")["name"] == "Rye"
    assert shop.get(f"/products/{following}/stock") == 10


def test_a_removed_product_is_gone(shop: Shop) -> None:
    """Page and stock; one that was ordered stays, because the order shows it."""
    made = product(shop)["id"]
    assert shop.get(f"/products/{made}/stock") == 10
    assert shop.http.delete(f"/products/{made}").status_code == 204
    assert shop.http.get(f"/products/{made}").status_code == 404
    assert shop.http.get(f"/products/{made}/stock").status_code == 404
    ordered = product(shop)["id"]
    shop.post("/orders", {"customer_id": 1, "lines": [line(ordered)]})
    refused = shop.http.delete(f"/products/{ordered}")
    assert (refused.status_code, refused.json()) == (409, {"detail": f"product {ordered} is part of an order"})
    assert shop.get(f"/products/{ordered}")["id"] == ordered


def test_reviews_are_counted(shop: Shop) -> None:
    """The page of the product shows their mean at once."""
    made = product(shop)
    assert (made["stars"], made["reviews"]) == (None, 0)
    for stars in (5, 4, 4):
        shown = shop.post(f"/products/{made['id']}/reviews", {"customer_id": 1, "stars": stars})
    assert shown == shop.get(f"/products/{made['id']}") == {**made, "stars": 4.33, "reviews": 3}


def test_a_customer_changes(shop: Shop) -> None:
    """An address that another one has is refused, and nothing changes."""
    first, second = customer(shop, "ada"), customer(shop, "bob")
    path = f"/customers/{first}"
    assert shop.get(path) == {"id": first, "name": "ada", "email": "ada@example.com"}
    assert shop.http.patch(path, json={"name": "Ada"}).json()["name"] == shop.get(path)["name"] == "Ada"
    refused = shop.http.patch(path, json={"email": "bob@example.com"})
    assert (refused.status_code, refused.json()) == (409, {"detail": "bob@example.com is known already"})
    assert shop.http.post("/customers", json={"name": "x", "email": "bob@example.com"}).status_code == 409
    assert shop.get(path)["email"] == "ada@example.com"
    assert shop.get(f"/customers/{second}")["name"] == "bob"


def test_an_order_takes_from_the_stock(shop: Shop) -> None:
    """At the price of that moment; a cancellation puts it back, once."""
    buyer, rye, wheat = customer(shop, "cid"), product(shop), product(shop, name="Wheat", price_cents=200)
    stocks = [f"/products/{made['id']}/stock" for made in (rye, wheat)]
    assert [shop.get(path) for path in stocks] == [10, 10]
    wanted = [line(wheat["id"], 2), line(rye["id"]), line(wheat["id"])]
    placed = shop.post("/orders", {"customer_id": buyer, "lines": wanted})
    shop.http.patch(f"/products/{rye['id']}", json={"price_cents": 1}).raise_for_status()

    assert shop.get(f"/orders/{placed['id']}") == placed
    assert placed["lines"] == [
        {"product_id": rye["id"], "quantity": 1, "price_cents": 350},
        {"product_id": wheat["id"], "quantity": 3, "price_cents": 200},
    ]
    assert (placed["status"], placed["total_cents"]) == ("placed", 950)
    assert [shop.get(path) for path in stocks] == [9, 7]
    assert shop.get(f"/customers/{buyer}/orders") == [placed["id"]]

    path = f"/orders/{placed['id']}/cancellation"
    assert shop.post(path)["status"] == shop.get(f"/orders/{placed['id']}")["status"] == "cancelled"
    assert shop.http.post(path).status_code == 409
    assert [shop.get(path) for path in stocks] == [10, 10]


def test_an_order_is_all_or_nothing(shop: Shop) -> None:
    """One line too many, and the stock of the others is as it was."""
    rye, wheat = product(shop)["id"], product(shop, name="Wheat")["id"]
    assert shop.get(f"/products/{rye}/stock") == 10
    refused = shop.http.post("/orders", json={"customer_id": 1, "lines": [line(rye), line(wheat, 11)]})
    assert (refused.status_code, refused.json()) == (409, {"detail": "of Wheat 10 are left"})
    assert shop.get(f"/products/{rye}/stock") == 10


def test_the_last_ones_are_sold_once(shop: Shop) -> None:
    """Twelve buyers at the same time, ten pieces."""
    rye, answers = product(shop)["id"], list[int]()

    def buy() -> None:
        answers.append(shop.http.post("/orders", json={"customer_id": 1, "lines": [line(rye)]}).status_code)

    buyers = [threading.Thread(target=buy) for _ in range(12)]
    for buyer in buyers:
        buyer.start()
    for buyer in buyers:
        buyer.join()
    assert sorted(answers) == [201] * 10 + [409] * 2
    assert shop.get(f"/products/{rye}/stock") == 0
    assert shop.post(f"/products/{rye}/deliveries", {"quantity": 5}) == shop.get(f"/products/{rye}/stock") == 5


def test_a_search(shop: Shop) -> None:
    """By part of the name, in which nothing has a meaning."""
    made = product(shop, name="100% rye")
    assert shop.get("/products?words=0% RYE") == [{"id": made["id"], "name": "100% rye", "price_cents": 350}]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/products/99999", None, 404),
        ("GET", "/categories/99999", None, 404),
        ("GET", "/orders/99999", None, 404),
        ("GET", "/customers/99999", None, 404),
        ("GET", "/products/0", None, 422),
        ("GET", "/products/2147483648", None, 422),
        ("PATCH", "/products/99999", {"price_cents": 1}, 404),
        ("PATCH", "/products/1", {"price_cents": -1}, 422),
        ("PATCH", "/customers/99999", {"name": "x"}, 404),
        ("DELETE", "/products/99999", None, 404),
        ("POST", "/products", {"category_id": 99999, "name": "x", "price_cents": 1}, 404),
        ("POST", "/products/99999/deliveries", {"quantity": 1}, 404),
        ("POST", "/products/99999/reviews", {"customer_id": 1, "stars": 5}, 404),
        ("POST", "/products/1/reviews", {"customer_id": 99999, "stars": 5}, 404),
        ("POST", "/products/1/reviews", {"customer_id": 1, "stars": 6}, 422),
        ("POST", "/orders", {"customer_id": 1, "lines": []}, 422),
        ("POST", "/orders", {"customer_id": 99999, "lines": [line(1)]}, 404),
        ("POST", "/orders", {"customer_id": 1, "lines": [line(99999)]}, 404),
        ("POST", "/orders/99999/cancellation", None, 404),
    ],
)
def test_a_mistake_is_told(shop: Shop, method: str, path: str, body: object, status: int) -> None:
    """With what is wrong, and never with an error of the server."""
    answer = shop.http.request(method, path, json=body)
    assert answer.status_code == status
    assert answer.json()["detail"]


@contextlib.contextmanager
def held(engines: Fleet) -> Generator[None]:
    """Freeze the cache."""
    engine = engines.group("standalone").node("standalone-0001").engine
    engine.hold()
    try:
        yield
    finally:
        engine.release()


def scene(cached: Shop, plain: Shop, engines: Fleet) -> Any:
    """Return what is shown, with a shop in the place of the one that has a cache."""
    return SHOW["Scene"](cached.http, plain.http, cached.sql, partial(held, engines), pages=PAGES, load=LOAD)


def test_each_promise_of_the_show_is_kept(cached: Shop, plain: Shop, engines: Fleet) -> None:
    """And says what it was held against."""
    with running(cached.environ, "elasticache_kit.cache.outbox", "run", "--prefix", "shop", says=DRAINS):
        shown = scene(cached, plain, engines)
        SHOW["settle"](shown)
        said = {name: promise(shown) for name, promise in SHOW["PROMISES"].items()}
    assert said["reads"] == "5 pages read twice: 10 statements the first time, 0 the second time"
    assert said["statements saved"].startswith("100 reads: ")
    assert len(said) == 5


@pytest.mark.parametrize(
    ("name", "broken"), [("reads", "was asked 10 times, and then 10 times"), ("statements saved", "with the cache")]
)
def test_a_shop_without_a_cache_breaks_it(plain: Shop, engines: Fleet, name: str, broken: str) -> None:
    """The negative control: a shop that asks its database each time."""
    with pytest.raises(SHOW["PromiseBrokenError"], match=broken):
        SHOW["PROMISES"][name](scene(plain, plain, engines))
