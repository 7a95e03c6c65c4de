"""What can be wrong with a request that is well formed."""


class ShopError(Exception):
    """Something that the shop does not do; the message is for the customer."""

    status = 409


class NotThereError(ShopError):
    """What the request names is not there."""

    status = 404


class OutOfStockError(ShopError):
    """There are not so many."""
