"""The routes: what is asked for over HTTP, and the function of the store that does it."""

from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Path, Query, Request

from shop.database import statements
from shop.error import NotThereError
from shop.page import CategoryPage, CustomerPage, Offer, OrderPage, ProductPage
from shop.request import (
    LARGEST,
    CustomerChange,
    Delivery,
    NewCustomer,
    NewOrder,
    NewProduct,
    NewReview,
    ProductChange,
)
from shop.store import Store

router = APIRouter()
T = TypeVar("T")


async def _store(request: Request) -> Store:
    return request.app.state.store


Opened = Annotated[Store, Depends(_store)]
Number = Annotated[int, Path(ge=1, le=LARGEST)]
Words = Annotated[str, Query(min_length=1, max_length=100)]


def _there(found: T | None, what: str) -> T:
    if found is None:
        raise NotThereError(f"there is no {what}")
    return found


@router.get("/health")
def health() -> dict[str, str]:
    """Say that this process lives, and ask nobody: where the database is down, another task is no better than this."""
    return {"status": "alive"}


@router.get("/statistics")
def statistics() -> dict[str, dict[str, int]]:
    """Count what this process has asked the database since it started."""
    return {"statements": dict(statements)}


@router.get("/categories/{number}")
def category(store: Opened, number: Number) -> CategoryPage:
    """Show a category with its products."""
    return _there(store.category(number), f"category {number}")


@router.get("/products")
def search(store: Opened, words: Words) -> list[Offer]:
    """Find products by a part of their name."""
    return store.search(words)


@router.post("/products", status_code=201)
def add_product(store: Opened, new: NewProduct) -> ProductPage:
    """Sell a product more."""
    number = store.add_product(new)
    return _there(store.product(number), f"product {number}")


@router.get("/products/{number}")
def product(store: Opened, number: Number) -> ProductPage:
    """Show a product."""
    return _there(store.product(number), f"product {number}")


@router.patch("/products/{number}")
def change_product(store: Opened, number: Number, change: ProductChange) -> ProductPage:
    """Change a product."""
    store.change_product(number, change)
    return _there(store.product(number), f"product {number}")


@router.delete("/products/{number}", status_code=204)
def remove_product(store: Opened, number: Number) -> None:
    """Sell a product no more."""
    store.remove_product(number)


@router.get("/products/{number}/stock")
def on_hand(store: Opened, number: Number) -> int:
    """Say how many there are."""
    return _there(store.on_hand(number), f"product {number}")


@router.post("/products/{number}/deliveries", status_code=201)
def deliver(store: Opened, number: Number, delivery: Delivery) -> int:
    """Put more on the shelf, and say how many there are then."""
    store.deliver(number, delivery.quantity)
    return _there(store.on_hand(number), f"product {number}")


@router.post("/products/{number}/reviews", status_code=201)
def review(store: Opened, number: Number, new: NewReview) -> ProductPage:
    """Review a product, and show it."""
    store.review(number, new)
    return _there(store.product(number), f"product {number}")


@router.post("/customers", status_code=201)
def add_customer(store: Opened, new: NewCustomer) -> CustomerPage:
    """Become a customer."""
    number = store.add_customer(new)
    return _there(store.customer(number), f"customer {number}")


@router.get("/customers/{number}")
def customer(store: Opened, number: Number) -> CustomerPage:
    """Show a customer."""
    return _there(store.customer(number), f"customer {number}")


@router.patch("/customers/{number}")
def change_customer(store: Opened, number: Number, change: CustomerChange) -> CustomerPage:
    """Change a customer."""
    store.change_customer(number, change)
    return _there(store.customer(number), f"customer {number}")


@router.get("/customers/{number}/orders")
def orders_of(store: Opened, number: Number) -> list[int]:
    """List the orders of a customer, the newest first."""
    return store.orders_of(number)


@router.post("/orders", status_code=201)
def place_order(store: Opened, new: NewOrder) -> OrderPage:
    """Order, all of it or nothing."""
    number = store.place_order(new)
    return _there(store.order(number), f"order {number}")


@router.get("/orders/{number}")
def order(store: Opened, number: Number) -> OrderPage:
    """Show an order."""
    return _there(store.order(number), f"order {number}")


@router.post("/orders/{number}/cancellation", status_code=201)
def cancel_order(store: Opened, number: Number) -> OrderPage:
    """Take an order back."""
    store.cancel_order(number)
    return _there(store.order(number), f"order {number}")
