"""What the shop is asked to do."""

from typing import Annotated

from pydantic import BaseModel, Field

LARGEST = 2**31 - 1
Number = Annotated[int, Field(ge=1, le=LARGEST)]
Cents = Annotated[int, Field(ge=0, le=LARGEST)]
Quantity = Annotated[int, Field(ge=1, le=10_000)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Words = Annotated[str, Field(max_length=10_000)]
Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=200)]


class NewProduct(BaseModel):
    """A product that is to be sold, with what is there of it."""

    category_id: Number
    name: Name
    description: Words = ""
    price_cents: Cents
    on_hand: Annotated[int, Field(ge=0, le=LARGEST)] = 0


class ProductChange(BaseModel):
    """What is to be another of a product; what is left out stays."""

    name: Name | None = None
    description: Words | None = None
    price_cents: Cents | None = None


class Delivery(BaseModel):
    """More of a product."""

    quantity: Quantity


class NewReview(BaseModel):
    """What a customer thinks."""

    customer_id: Number
    stars: Annotated[int, Field(ge=1, le=5)]
    words: Words = ""


class NewCustomer(BaseModel):
    """Somebody who wants to buy."""

    name: Name
    email: Email


class CustomerChange(BaseModel):
    """What is to be another of a customer; what is left out stays."""

    name: Name | None = None
    email: Email | None = None


class NewLine(BaseModel):
    """So many of a product."""

    product_id: Number
    quantity: Quantity


class NewOrder(BaseModel):
    """What a customer wants."""

    customer_id: Number
    lines: Annotated[list[NewLine], Field(min_length=1, max_length=100)]
