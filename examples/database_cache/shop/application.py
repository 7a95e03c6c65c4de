"""The application, over a store."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from shop.error import ShopError
from shop.route import router
from shop.store import Store


def application(store: Store) -> FastAPI:
    """Return the application."""
    app = FastAPI(title="Shop")
    app.state.store = store
    app.include_router(router)
    app.add_exception_handler(ShopError, _refuse)
    return app


def _refuse(_: Request, error: Exception) -> JSONResponse:
    status = error.status if isinstance(error, ShopError) else 500
    return JSONResponse({"detail": str(error)}, status)
