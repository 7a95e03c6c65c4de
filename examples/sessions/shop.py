"""A small shop: sign in, fill a basket, sign out. All that it remembers of a visitor is in the session.

    uvicorn --factory examples.sessions.shop:create

The environment that `SessionStore.attach` writes says where the sessions are. Nothing here knows of another instance.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import secrets
import socket
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from elasticache_kit.cache.session.starlette import use_sessions
from elasticache_kit.errors import ConnectionFailedError
from examples.sessions import page

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "session"
# Who may sign in, with a password that is in the README. A real application has both in its database.
USERS = ("ada", "grace")
SALT, HASH = b"the sessions example", "fdb8828d81b097059e5339ee1cbd642f48d78ee07245df15609d1f635a378427"
LONGEST_FORM = 4096


def create() -> Starlette:
    """Make the application.

    Raises:
        ValidationError: the environment does not say where the sessions are.
    """
    routes = [
        Route("/", show),
        Route("/login", log_in, methods=["POST"]),
        Route("/basket", add, methods=["POST"]),
        Route("/logout", log_out, methods=["POST"]),
        Route("/health", health),
    ]
    app = Starlette(routes=routes)
    use_sessions(app, cookie=COOKIE)
    # The one that is added last is called first.
    app.add_middleware(Unreachable)
    return app


async def show(request: Request) -> Response:
    """Show who is signed in, and the basket."""
    return HTMLResponse(_page(request), headers=page.HEADERS)


async def log_in(request: Request) -> Response:
    """Sign in. Because `user_id` changes, the session gets another id: the one from before is worth nothing."""
    form = await _form(request)
    if form is None:
        return _refused(request)
    user = form.get("user", "")
    if not await asyncio.to_thread(_is_password_of, user, form.get("password", "")):
        return HTMLResponse(_page(request, "The name or the password is wrong."), 401, page.HEADERS)
    request.session["user_id"] = user
    request.session["token"] = secrets.token_urlsafe()
    return _home()


async def add(request: Request) -> Response:
    """Put something into the basket: each thing is a field of its own, so that two tabs at once keep both."""
    form = await _form(request)
    if form is None or "user_id" not in request.session:
        return _refused(request)
    thing = form.get("thing")
    if thing in page.THINGS:
        request.session[f"thing:{thing}"] = request.session.get(f"thing:{thing}", 0) + 1
    return _home()


async def log_out(request: Request) -> Response:
    """Remove the session."""
    if await _form(request) is None:
        return _refused(request)
    request.session.clear()
    return _home()


async def health(_: Request) -> Response:
    """Say that this instance is there, for the load balancer; the cache is not asked."""
    return PlainTextResponse("ok")


class Unreachable:
    """Answers 503 where the cache does not: nobody is taken for signed out because of that."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ConnectionFailedError:
            if begun:
                raise
            text = "Your session cannot be read right now. You are still signed in: try again in a moment.\n"
            await PlainTextResponse(text, 503, {"Retry-After": "1"})(scope, receive, send)


def _page(request: Request, message: str = "") -> str:
    # A form is good for the session that it was made for, so that no other site can send it.
    token: str = request.session.setdefault("token", secrets.token_urlsafe())
    return page.render(
        instance=os.environ.get("INSTANCE") or socket.gethostname(),
        session_id=request.cookies.get(COOKIE, ""),
        user=request.session.get("user_id"),
        basket={thing: request.session.get(f"thing:{thing}", 0) for thing in page.THINGS},
        token=token,
        message=message,
    )


async def _form(request: Request) -> dict[str, str] | None:
    """Return what was sent with a form of this session; None where it is no such form."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_FORM:
            return None
    form = dict(parse_qsl(body.decode(errors="replace")))
    known: str = request.session.get("token", "")
    return form if known and hmac.compare_digest(form.get("token", "").encode(), known.encode()) else None


def _refused(request: Request) -> Response:
    return HTMLResponse(_page(request, "That form is not good any more: try again."), 403, page.HEADERS)


def _home() -> Response:
    return RedirectResponse("/", 303)


def _is_password_of(user: str, password: str) -> bool:
    # An unknown name takes as long as a wrong password.
    given = hashlib.scrypt(password.encode(), salt=SALT, n=2**14, r=8, p=1, dklen=32).hex()
    return hmac.compare_digest(given, HASH) and user in USERS
