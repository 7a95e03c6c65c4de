"""Starlette's sessions in a cache: requests of one session at the same time, logins, logouts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starsessions import SessionAutoloadMiddleware, SessionMiddleware, regenerate_session_id
from starsessions.stores.redis import RedisStore

from elasticache_kit.cache import Patience, connect_async
from elasticache_kit.cache.session.starlette import use_sessions
from elasticache_kit.cache.session.store import AsyncSessions
from elasticache_kit.errors import ConnectionFailedError, ValidationError

pytestmark = pytest.mark.engine

AT_ONCE, ROUNDS, LIMIT_SECONDS = 40, 5, 60
View = Callable[[Request], Any]
Test = Callable[[Any], Awaitable[None]]


class Browser:
    """Sends requests to an application, each with a view of its own.

    Args:
        set_up: gives the application its sessions.
    """

    def __init__(self, set_up: Callable[[Starlette], None]) -> None:
        self.view: View = lambda _: None
        self.header = ""
        self.app = Starlette(routes=[Route("/", self._respond)])
        set_up(self.app)

    async def send(self, view: View, cookie: str | None = None) -> tuple[Any, str | None]:
        """Send a request with this session; return what the view returned, and the id of the session then."""
        sent: list[Any] = []
        scope: dict[str, Any] = {
            "type": "http", "method": "GET", "path": "/", "raw_path": b"/", "query_string": b"", "root_path": "",
            "headers": [(b"cookie", f"session={cookie}".encode())] if cookie else [], "scheme": "https",
            "server": ("shop", 443), "client": ("browser", 1), "http_version": "1.1", "state": {}, "view": view,
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b""}

        async def answer(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, answer)
        headers = dict(sent[0]["headers"])
        self.header = headers.get(b"set-cookie", b"").decode()
        found = SimpleCookie(self.header).get("session")
        return json.loads(sent[1]["body"]), cookie if found is None else found.value or None

    async def _respond(self, request: Request) -> JSONResponse:
        answer = request.scope["view"](request)
        return JSONResponse(await answer if isinstance(answer, Awaitable) else answer)


def put(**values: Any) -> View:
    """Be a view that changes the session."""
    return lambda request: request.session.update(values)


def show(request: Request) -> dict[str, Any]:
    """Be a view that shows the session."""
    return dict(request.session)


@pytest.fixture
def run(environ: dict[str, str], client: Any) -> Callable[[Test], None]:
    """Give what runs a test in an event loop with a client of each shape of a cache, which is empty."""
    assert client.ping()

    def run(test: Test) -> None:
        async def use() -> None:
            connected = await connect_async(environ=environ)
            await test(connected)
            await connected.aclose()

        asyncio.run(asyncio.wait_for(use(), LIMIT_SECONDS))

    return run


def ours(client: Any, **options: Any) -> Browser:
    """Make an application with our sessions."""
    return Browser(lambda app: use_sessions(app, AsyncSessions(client), **options))


def stock(client: Any) -> Browser:
    """Make one with those of starsessions."""

    def set_up(app: Starlette) -> None:
        app.add_middleware(SessionAutoloadMiddleware)
        app.add_middleware(SessionMiddleware, store=RedisStore(connection=client), lifetime=60, rolling=True)

    return Browser(set_up)


async def lost(browser: Browser) -> int:
    """Send many requests of one session, many at a time, each with a change of its own; count what is not there."""
    _, cookie = await browser.send(put(begin=True))
    barrier = asyncio.Barrier(AT_ONCE)

    async def change(name: str) -> None:
        async def view(request: Request) -> None:
            await barrier.wait()
            request.session[name] = 1

        await browser.send(view, cookie)

    for turn in range(ROUNDS):
        await asyncio.gather(*(change(f"{turn}-{number}") for number in range(AT_ONCE)))
    kept, _ = await browser.send(show, cookie)
    return AT_ONCE * ROUNDS + 1 - len(kept)


def test_two_hundred_requests_of_one_session_lose_nothing(run: Callable[[Test], None]) -> None:
    """Forty at a time, each with a change of its own."""

    async def test(client: Any) -> None:
        assert await lost(ours(client)) == 0

    run(test)


def test_the_stock_library_loses_nearly_all(run: Callable[[Test], None]) -> None:
    """The negative control: starsessions writes the whole session."""

    async def test(client: Any) -> None:
        assert await lost(stock(client)) >= AT_ONCE * ROUNDS / 2

    run(test)


def test_a_session_is_there_in_the_next_request(run: Callable[[Test], None]) -> None:
    """Also what was changed deep inside, and in another instance of the application; nothing of ours is in it."""

    async def test(client: Any) -> None:
        browser = ours(client)
        _, cookie = await browser.send(put(cart=[1], old=True))
        assert all(part in browser.header for part in ("httponly", "secure", "samesite=lax", "max-age=43200"))
        await browser.send(lambda request: request.session["cart"].append(2), cookie)
        await browser.send(lambda request: request.session.pop("old"), cookie)
        shown, same = await ours(client).send(show, cookie)
        assert (shown, same) == ({"cart": [1, 2]}, cookie)

    run(test)


def test_a_login_changes_the_id(run: Callable[[Test], None]) -> None:
    """By itself, or by starsessions' own call: the old id is worth nothing, the cart is still there."""

    async def test(client: Any) -> None:
        browser = ours(client)
        _, first = await browser.send(put(cart="book"))
        _, second = await browser.send(put(user_id=7), first)
        _, third = await browser.send(regenerate_session_id, second)
        assert len({first, second, third}) == 3
        assert (await browser.send(show, third))[0] == {"cart": "book", "user_id": 7}
        for old in (first, second):
            assert (await browser.send(show, old))[0] == {}
        assert (await browser.send(put(cart="lamp"), third))[1] == third

    run(test)


def test_an_id_that_somebody_chose_is_not_taken(run: Callable[[Test], None]) -> None:
    """Whoever brings an id gets another one; starsessions by itself takes it, the negative control."""

    async def test(client: Any) -> None:
        chosen = "c" * 32
        assert (await ours(client).send(put(a=1), chosen))[1] not in {None, chosen}
        assert (await stock(client).send(put(a=1), chosen))[1] == chosen

    run(test)


def test_a_logout_stays_one(run: Callable[[Test], None]) -> None:
    """A request that was under way brings nothing back."""

    async def test(client: Any) -> None:
        browser, sessions = ours(client), AsyncSessions(client)
        _, cookie = await browser.send(put(user_id=7))

        async def meanwhile(request: Request) -> None:
            request.session["late"] = 1
            await browser.send(lambda other: other.session.clear(), cookie)

        _, after = await browser.send(meanwhile, cookie)
        assert after != cookie
        for session_id in (cookie, after):
            assert await sessions.load(session_id or "") is None

    run(test)


def test_each_request_lets_it_live_anew(run: Callable[[Test], None]) -> None:
    """From the last one on, for as long as was asked."""

    async def test(client: Any) -> None:
        browser, sessions = ours(client, lifetime=timedelta(seconds=100)), AsyncSessions(client)
        _, cookie = await browser.send(put(a=1))
        name = sessions.name(cookie or "")
        await client.pexpire(name, 5_000)
        await browser.send(show, cookie)
        assert 90_000 < await client.pttl(name) <= 100_000

    run(test)


def test_nothing_is_kept_of_whoever_sets_nothing(run: Callable[[Test], None]) -> None:
    """No cookie; and what is not JSON is said."""

    async def test(client: Any) -> None:
        browser = ours(client)
        assert (await browser.send(show))[1] is None
        with pytest.raises((ValidationError, TypeError), match="set"):
            await browser.send(put(bad={1}))

    run(test)


def test_it_fails_closed() -> None:
    """With a cache that does not answer nobody is taken for signed out."""
    environ = {"ELASTICACHE_KIT_ENDPOINT": "127.0.0.1", "ELASTICACHE_KIT_PORT": "9", "ELASTICACHE_KIT_TLS": "false"}
    once = Patience(connect_timeout=0.5, timeout=0.5, retries=0)

    async def use() -> None:
        browser = ours(await connect_async(environ=environ, patience=once, check=False))
        with pytest.raises(ConnectionFailedError):
            await browser.send(show, "c" * 32)

    asyncio.run(use())


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without a cache."""
    monkeypatch.delenv("ELASTICACHE_KIT_ENDPOINT", raising=False)
    return monkeypatch


def test_the_environment_is_asked(bare: pytest.MonkeyPatch, environ: dict[str, str]) -> None:
    """Where no sessions are given; a wrong one is said when the application starts."""
    with pytest.raises(ValidationError, match="ELASTICACHE_KIT_ENDPOINT is not set"):
        Browser(use_sessions)
    for name, value in environ.items():
        bare.setenv(name, value)

    async def use() -> None:
        sessions = AsyncSessions.from_env()
        browser = Browser(lambda app: use_sessions(app, sessions))
        _, cookie = await browser.send(put(a=1))
        assert (await browser.send(show, cookie))[0] == {"a": 1}
        await sessions.close()

    asyncio.run(use())
