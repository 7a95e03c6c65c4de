"""Django's sessions in a cache: requests of one session at the same time, logins, logouts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any

import django
import pytest
from django.conf import settings
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpResponse
from django.test import RequestFactory, override_settings

from elasticache_kit.cache import connect
from elasticache_kit.cache.session.store import Sessions
from elasticache_kit.errors import ConnectionFailedError, ValidationError

pytestmark = pytest.mark.engine

ENGINE, STOCK = "elasticache_kit.cache.session.django", "django.contrib.sessions.backends.cache"
AT_ONCE, ROUNDS = 20, 10

if not settings.configured:
    untyped: Any = settings
    untyped.configure(USE_TZ=True, SESSION_ENGINE=ENGINE, SESSION_SAVE_EVERY_REQUEST=True)
    django.setup()

View = Callable[[Any], Any]


@pytest.fixture
def sessions(client: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sessions]:
    """The sessions of the engine, in each shape of a cache."""
    sessions = Sessions(client)
    engine = import_module(ENGINE)
    monkeypatch.setattr(engine, "sessions", lambda: sessions)
    with override_settings(SESSION_ENGINE=ENGINE, SESSION_SAVE_EVERY_REQUEST=True):
        yield sessions


def send(view: View, cookie: str | None = None) -> tuple[Any, str | None]:
    """Send a request of a browser with this session; return what the view returned, and the id of the session then."""
    got: list[Any] = []

    def respond(request: Any) -> HttpResponse:
        got.append(view(request.session))
        return HttpResponse()

    factory: Any = RequestFactory()
    request: Any = factory.get("/")
    if cookie is not None:
        request.COOKIES[settings.SESSION_COOKIE_NAME] = cookie
    middleware: Any = SessionMiddleware(respond)
    response: Any = middleware(request)
    found: Any = response.cookies.get(settings.SESSION_COOKIE_NAME)
    return got[0], cookie if found is None else found.value or None


def put(**values: Any) -> View:
    """Be a view that changes the session."""
    return lambda session: session.update(values)


def lost() -> int:
    """Send many requests of one session, many at a time, each with a change of its own; count what is not there."""
    _, cookie = send(put(begin=True))
    barrier = threading.Barrier(AT_ONCE)

    def change(name: str) -> None:
        def view(session: Any) -> None:
            session.get(name)
            barrier.wait(20)
            session[name] = 1

        send(view, cookie)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for turn in range(ROUNDS):
            list(pool.map(change, [f"{turn}-{number}" for number in range(AT_ONCE)]))
    kept, _ = send(lambda session: len(session.keys()), cookie)
    return AT_ONCE * ROUNDS + 1 - kept


@pytest.mark.usefixtures("sessions")
def test_two_hundred_requests_of_one_session_lose_nothing() -> None:
    """Twenty at a time, each with a change of its own."""
    assert lost() == 0


def test_the_stock_engine_loses_most_of_them() -> None:
    """The negative control: Django writes the whole session."""
    with override_settings(SESSION_ENGINE=STOCK, SESSION_SAVE_EVERY_REQUEST=True):
        assert lost() >= AT_ONCE * ROUNDS / 2


@pytest.mark.usefixtures("sessions")
def test_a_session_is_there_in_the_next_request() -> None:
    """Also what was changed deep inside, and what was removed."""
    _, cookie = send(put(cart=[1], old=True))
    send(lambda session: session["cart"].append(2), cookie)
    send(lambda session: session.pop("old"), cookie)
    assert send(lambda session: dict(session.items()), cookie)[0] == {"cart": [1, 2]}


@pytest.mark.usefixtures("sessions")
def test_a_login_changes_the_id() -> None:
    """`cycle_key`, which django.contrib.auth.login calls: the old id is worth nothing, the cart is still there."""
    _, before = send(put(cart="book"))
    _, after = send(lambda session: session.cycle_key(), before)
    assert after != before
    assert send(lambda session: session.get("cart"), after)[0] == "book"
    assert send(lambda session: session.get("cart"), before)[0] is None


@pytest.mark.usefixtures("sessions")
def test_an_id_that_somebody_chose_is_not_taken() -> None:
    """Whoever brings an id gets another one."""
    chosen = "c" * 32
    _, cookie = send(put(a=1), chosen)
    assert cookie not in {None, chosen}


def test_a_logout_stays_one(sessions: Sessions) -> None:
    """A request that was under way is told, and brings nothing back."""
    _, cookie = send(put(user=7))

    def meanwhile(session: Any) -> None:
        session["late"] = 1
        send(lambda other: other.flush(), cookie)

    with pytest.raises(SessionInterrupted):
        send(meanwhile, cookie)
    assert not sessions.exists(cookie or "")


def test_it_lives_as_long_as_django_says(sessions: Sessions, client: Any) -> None:
    """By SESSION_COOKIE_AGE or by its own expiry, from the last request on."""
    _, cookie = send(put(a=1))
    name = sessions.name(cookie or "")
    assert client.pttl(name) > (settings.SESSION_COOKIE_AGE - 60) * 1000
    send(lambda session: session.set_expiry(100), cookie)
    assert 90_000 < client.pttl(name) <= 100_000
    client.pexpire(name, 5_000)
    send(lambda session: session.get("a"), cookie)
    assert client.pttl(name) > 90_000


def test_asyncio_is_served_too(sessions: Sessions) -> None:
    """By Django's own bridge."""
    import asyncio  # noqa: PLC0415 - of this test only

    store = import_module(ENGINE).SessionStore

    async def use() -> Any:
        session = store()
        await session.aset("a", 1)
        await session.asave()
        return await store(session.session_key).aget("a")

    assert asyncio.run(use()) == 1
    assert sessions


@pytest.mark.usefixtures("sessions")
def test_a_value_that_is_not_json() -> None:
    """Is said with its name."""
    with pytest.raises(ValidationError, match=r"session\['bad'\] is set"):
        send(put(bad={1}))


def test_it_fails_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a cache that does not answer nobody is taken for signed out."""
    environ = {"ELASTICACHE_KIT_ENDPOINT": "127.0.0.1", "ELASTICACHE_KIT_PORT": "9", "ELASTICACHE_KIT_TLS": "false"}
    down = Sessions(connect(environ=environ, check=False, retry=None))
    monkeypatch.setattr(import_module(ENGINE), "sessions", lambda: down)
    with override_settings(SESSION_ENGINE=ENGINE), pytest.raises(ConnectionFailedError):
        send(lambda session: session.get("a"), "c" * 32)


def test_the_setting_names_the_variables(monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]) -> None:
    """A cache of their own has a prefix of its own."""
    for name, value in environ.items():
        monkeypatch.setenv(name.replace("ELASTICACHE_KIT_", "SESSIONS_"), value)
    engine = import_module(ENGINE)
    engine.sessions.cache_clear()
    with override_settings(ELASTICACHE_KIT_SESSIONS={"environment_prefix": "SESSIONS_", "prefix": "shop"}):
        made = engine.sessions()
    engine.sessions.cache_clear()
    assert made.prefix == "shop"
    assert made.load("c" * 32) is None
    made.close()
    monkeypatch.delenv("ELASTICACHE_KIT_ENDPOINT", raising=False)
    with pytest.raises(ValidationError, match="ELASTICACHE_KIT_ENDPOINT is not set"):
        engine.sessions()
