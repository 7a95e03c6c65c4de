"""What the shop shows: plain data, which JSON can hold and a cache can keep."""

from decimal import Decimal

# Pydantic asks for this one before Python 3.12.
from typing_extensions import TypedDict

from shop import model


class Offer(TypedDict):
    """A product in a list."""

    id: int
    name: str
    price_cents: int


class CategoryPage(TypedDict):
    """A category with its products."""

    id: int
    name: str
    products: list[Offer]


class ProductPage(TypedDict):
    """A product and what its customers think: `stars` is their mean, None where nobody has said anything."""

    id: int
    category_id: int
    name: str
    description: str
    price_cents: int
    stars: float | None
    reviews: int


class CustomerPage(TypedDict):
    """A customer."""

    id: int
    name: str
    email: str


class LineOfOrder(TypedDict):
    """One product of an order."""

    product_id: int
    quantity: int
    price_cents: int


class OrderPage(TypedDict):
    """An order with its lines."""

    id: int
    customer_id: int
    status: str
    lines: list[LineOfOrder]
    total_cents: int


def offer(product: model.Product) -> Offer:
    """Show a product in a list."""
    return {"id": product.id, "name": product.name, "price_cents": product.price_cents}


def category_page(category: model.Category) -> CategoryPage:
    """Show a category."""
    return {"id": category.id, "name": category.name, "products": [offer(product) for product in category.products]}


def product_page(product: model.Product, stars: Decimal | None, reviews: int) -> ProductPage:
    """Show a product."""
    return {
        **offer(product),
        "category_id": product.category_id,
        "description": product.description,
        "stars": None if stars is None else round(float(stars), 2),
        "reviews": reviews,
    }


def customer_page(customer: model.Customer) -> CustomerPage:
    """Show a customer."""
    return {"id": customer.id, "name": customer.name, "email": customer.email}


def order_page(order: model.Order) -> OrderPage:
    """Show an order."""
    lines: list[LineOfOrder] = [
        {"product_id": line.product_id, "quantity": line.quantity, "price_cents": line.price_cents}
        for line in order.lines
    ]
    return {
        "id": order.id,
        "customer_id": order.customer_id,
        "status": order.status,
        "lines": lines,
        "total_cents": sum(line["quantity"] * line["price_cents"] for line in lines),
    }
