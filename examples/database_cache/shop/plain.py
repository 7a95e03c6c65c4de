"""What the shop reads and writes, without a cache."""

from collections import Counter

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from shop.database import Session
from shop.error import NotThereError, OutOfStockError, ShopError
from shop.model import Category, Customer, Order, OrderLine, Product, Review, Stock
from shop.page import (
    CategoryPage,
    CustomerPage,
    Offer,
    OrderPage,
    ProductPage,
    category_page,
    customer_page,
    offer,
    order_page,
    product_page,
)
from shop.request import CustomerChange, NewCustomer, NewOrder, NewProduct, NewReview, ProductChange


def category(number: int) -> CategoryPage | None:
    """Return a category with its products."""
    with Session() as session:
        found = session.get(Category, number, options=[selectinload(Category.products)])
        return None if found is None else category_page(found)


def product(number: int) -> ProductPage | None:
    """Return a product, and what its customers think."""
    with Session() as session:
        found = session.get(Product, number)
        if found is None:
            return None
        said = select(func.avg(Review.stars), func.count()).where(Review.product_id == number)
        stars, reviews = session.execute(said).one()
        return product_page(found, stars, reviews)


def on_hand(number: int) -> int | None:
    """Return how many of a product are there."""
    with Session() as session:
        return session.scalar(select(Stock.on_hand).where(Stock.product_id == number))


def customer(number: int) -> CustomerPage | None:
    """Return a customer."""
    with Session() as session:
        found = session.get(Customer, number)
        return None if found is None else customer_page(found)


def order(number: int) -> OrderPage | None:
    """Return an order with its lines."""
    with Session() as session:
        found = session.get(Order, number, options=[selectinload(Order.lines)])
        return None if found is None else order_page(found)


def search(words: str) -> list[Offer]:
    """Return the first products whose name has these words."""
    query = select(Product).where(Product.name.icontains(words, autoescape=True)).order_by(Product.id).limit(20)
    with Session() as session:
        return [offer(found) for found in session.scalars(query)]


def orders_of(number: int) -> list[int]:
    """Return the orders of a customer, the newest first."""
    with Session() as session:
        return list(session.scalars(select(Order.id).where(Order.customer_id == number).order_by(Order.id.desc())))


def add_product(new: NewProduct) -> int:
    """Sell a product more, and return its number."""
    with Session.begin() as session:
        if session.get(Category, new.category_id) is None:
            raise NotThereError(f"there is no category {new.category_id}")
        added = Product(**new.model_dump(exclude={"on_hand"}))
        session.add(added)
        session.flush()
        session.add(Stock(product_id=added.id, on_hand=new.on_hand))
    return added.id


def change_product(number: int, change: ProductChange) -> None:
    """Change what is said of a product."""
    with Session.begin() as session:
        found = _product(session.get(Product, number), number)
        for name, value in change.model_dump(exclude_none=True).items():
            setattr(found, name, value)


def remove_product(number: int) -> None:
    """Sell a product no more; what was ordered once stays."""
    try:
        with Session.begin() as session:
            found = _product(session.get(Product, number), number)
            session.delete(found)
    except IntegrityError as error:
        raise ShopError(f"product {number} is part of an order") from error


def deliver(number: int, quantity: int) -> None:
    """Put more of a product on the shelf."""
    with Session.begin() as session:
        found = session.get(Stock, number, with_for_update=True)
        if found is None:
            raise NotThereError(f"there is no product {number}")
        found.on_hand += quantity


def review(number: int, new: NewReview) -> None:
    """Note what a customer thinks of a product."""
    with Session.begin() as session:
        _product(session.get(Product, number), number)
        _customer(session.get(Customer, new.customer_id), new.customer_id)
        session.add(Review(product_id=number, **new.model_dump()))


def add_customer(new: NewCustomer) -> int:
    """Note a customer, and return the number."""
    added = Customer(**new.model_dump())
    try:
        with Session.begin() as session:
            session.add(added)
    except IntegrityError as error:
        raise ShopError(f"{new.email} is known already") from error
    return added.id


def change_customer(number: int, change: CustomerChange) -> None:
    """Change what is known of a customer."""
    try:
        with Session.begin() as session:
            found = _customer(session.get(Customer, number), number)
            for name, value in change.model_dump(exclude_none=True).items():
                setattr(found, name, value)
    except IntegrityError as error:
        raise ShopError(f"{change.email} is known already") from error


def place_order(new: NewOrder) -> int:
    """Sell what is wanted, all of it or nothing, and return the number of the order."""
    wanted: Counter[int] = Counter()
    for line in new.lines:
        wanted[line.product_id] += line.quantity
    with Session.begin() as session:
        _customer(session.get(Customer, new.customer_id), new.customer_id)
        # A decision rests on what is locked, never on what was shown; in one order, so that two orders do not wait for
        # each other.
        there = select(Stock, Product).join(Product).where(Stock.product_id.in_(wanted)).order_by(Stock.product_id)
        found = session.execute(there.with_for_update(of=Stock)).tuples().all()
        if missing := wanted.keys() - {stock.product_id for stock, _ in found}:
            raise NotThereError(f"there is no product {min(missing)}")
        lines: list[OrderLine] = []
        for place, (stock, bought) in enumerate(found, 1):
            quantity = wanted[bought.id]
            if stock.on_hand < quantity:
                raise OutOfStockError(f"of {bought.name} {stock.on_hand} are left")
            stock.on_hand -= quantity
            lines.append(
                OrderLine(number=place, product_id=bought.id, quantity=quantity, price_cents=bought.price_cents)
            )
        placed = Order(customer_id=new.customer_id, status="placed", lines=lines)
        session.add(placed)
    return placed.id


def cancel_order(number: int) -> None:
    """Take an order back, and put what was in it on the shelf again."""
    with Session.begin() as session:
        found = session.get(Order, number, with_for_update=True)
        if found is None:
            raise NotThereError(f"there is no order {number}")
        if found.status == "cancelled":
            raise ShopError(f"order {number} is cancelled already")
        found.status = "cancelled"
        # The lines are in the order of the products, as in place_order.
        for line in found.lines:
            session.get_one(Stock, line.product_id, with_for_update=True).on_hand += line.quantity


def _product(found: Product | None, number: int) -> Product:
    if found is None:
        raise NotThereError(f"there is no product {number}")
    return found


def _customer(found: Customer | None, number: int) -> Customer:
    if found is None:
        raise NotThereError(f"there is no customer {number}")
    return found
