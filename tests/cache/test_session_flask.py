"""Flask's sessions in a cache: requests of one session at the same time, logins, logouts."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.cookies import SimpleCookie
from typing import Any

import pytest
from cachelib import ValkeyCache
from flask import Flask, session
from flask_session import Session

from elasticache_kit.cache import connect
from elasticache_kit.cache.session.flask import use_sessions
from elasticache_kit.cache.session.store import Sessions
from elasticache_kit.errors import ConnectionFailedError, ValidationError

pytestmark = pytest.mark.engine

AT_ONCE, ROUNDS = 20, 10


def application(sessions: Sessions, **options: Any) -> Flask:
    """Make an application with a few ways to change a session."""
    app = Flask("shop")
    app.testing = True
    use_sessions(app, sessions, **options)
    return with_routes(app)


def with_routes(app: Flask, barrier: threading.Barrier | None = None) -> Flask:
    """Add the routes; with a barrier all requests have read before one writes."""

    @app.get("/set/<name>/<value>")
    def set_value(name: str, value: str) -> dict[str, Any]:
        _ = session.get(name)
        if barrier is not None:
            barrier.wait(20)
        session[name] = value
        return dict(session)

    @app.get("/show")
    def show() -> dict[str, Any]:
        return dict(session)

    @app.get("/append/<value>")
    def append(value: str) -> dict[str, Any]:
        session["list"].append(value)
        return dict(session)

    @app.get("/clear")
    def clear() -> dict[str, Any]:
        session.clear()
        return {}

    @app.get("/bad")
    def bad() -> dict[str, Any]:
        session["bad"] = {1}
        return {}

    @app.get("/list")
    def make_list() -> dict[str, Any]:
        session["list"] = []
        return {}

    return app


def get(app: Flask, path: str, cookie: str | None = None) -> tuple[dict[str, Any], str | None, str]:
    """Send a request of a browser with this session; return what it has then, its id, and the cookie."""
    client = app.test_client(use_cookies=False)
    answer: Any = client.get(path, headers={"Cookie": f"session={cookie}"} if cookie else {})
    assert answer.status_code == 200, answer.text
    header = answer.headers.get("Set-Cookie", "")
    found = SimpleCookie(header).get("session")
    shown: dict[str, Any] = answer.json or {}
    shown.pop("_permanent", None)
    return shown, cookie if found is None else found.value, header


@pytest.fixture
def app(client: Any) -> Flask:
    """An application over each shape of a cache."""
    return application(Sessions(client))


def lost(app: Flask) -> int:
    """Send many requests of one session, many at a time, each with a change of its own; count what is not there."""
    _, cookie, _ = get(app, "/list")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for turn in range(ROUNDS):
            paths = [f"/set/{turn}-{number}/x" for number in range(AT_ONCE)]
            list(pool.map(partial(get, app, cookie=cookie), paths))
    shown, _, _ = get(app, "/show", cookie)
    return AT_ONCE * ROUNDS + 1 - len(shown)


def test_two_hundred_requests_of_one_session_lose_nothing(client: Any) -> None:
    """Twenty at a time, each with a change of its own."""
    app = Flask("shop")
    use_sessions(app, Sessions(client))
    assert lost(with_barrier(app)) == 0


def test_the_stock_library_loses_most_of_them(standalone: Any) -> None:
    """The negative control: Flask-Session writes the whole session."""
    app = Flask("shop")
    app.config |= {"SESSION_TYPE": "cachelib", "SESSION_CACHELIB": ValkeyCache(host=standalone)}
    Session(app)
    assert lost(with_barrier(app)) >= AT_ONCE * ROUNDS / 2


def with_barrier(app: Flask) -> Flask:
    """Let all that come at a time read before one writes."""
    return with_routes(app, threading.Barrier(AT_ONCE))


def test_a_session_is_there_in_the_next_request(app: Flask) -> None:
    """Also what was changed deep inside; and in another instance of the application."""
    _, cookie, header = get(app, "/list")
    assert all(part in header for part in ("HttpOnly", "Secure", "SameSite=Lax", "Expires"))
    get(app, "/append/a", cookie)
    ours: Any = app.session_interface
    other = application(ours._sessions)
    get(other, "/append/b", cookie)
    assert get(app, "/show", cookie)[0] == {"list": ["a", "b"]}


def test_a_login_changes_the_id(app: Flask) -> None:
    """The one that was known before it is worth nothing, and what was in the cart is still there."""
    _, before, _ = get(app, "/set/cart/book")
    _, after, _ = get(app, "/set/_user_id/7", before)
    assert after != before
    assert get(app, "/show", after)[0] == {"cart": "book", "_user_id": "7"}
    assert get(app, "/show", before)[0] == {}
    _, again, _ = get(app, "/set/cart/lamp", after)
    assert again == after


def test_an_id_that_somebody_chose_is_not_taken(app: Flask) -> None:
    """Session fixation: whoever brings an id gets another one."""
    chosen = "c" * 43
    _, cookie, _ = get(app, "/set/a/1", chosen)
    assert cookie != chosen
    assert get(app, "/show", chosen)[0] == {}


def test_a_logout_stays_one(client: Any) -> None:
    """A request that was under way brings nothing back, and its cookie goes."""
    sessions = Sessions(client)
    app = application(sessions)
    known: list[str] = []

    @app.get("/meanwhile")
    def meanwhile() -> dict[str, Any]:
        session["late"] = 1
        get(app, "/clear", known[0])
        return {}

    _, cookie, _ = get(app, "/set/a/1")
    assert cookie is not None
    known.append(cookie)
    _, _, header = get(app, "/meanwhile", cookie)
    assert "session=;" in header
    assert get(app, "/show", cookie)[0] == {}
    assert not sessions.exists(cookie)


def test_nothing_is_kept_of_whoever_sets_nothing(app: Flask, client: Any) -> None:
    """No cookie, no key."""
    assert get(app, "/show")[1:] == (None, "")
    assert not client.keys("session:*")


def test_a_value_that_is_not_json(app: Flask) -> None:
    """Is said with its name."""
    with pytest.raises(ValidationError, match=r"session\['bad'\] is set"):
        get(app, "/bad")


def test_it_fails_closed() -> None:
    """With a cache that does not answer nobody is taken for signed out."""
    environ = {"ELASTICACHE_KIT_ENDPOINT": "127.0.0.1", "ELASTICACHE_KIT_PORT": "9", "ELASTICACHE_KIT_TLS": "false"}
    app = application(Sessions(connect(environ=environ, check=False, retry=None)))
    with pytest.raises(ConnectionFailedError):
        get(app, "/show", "c" * 43)


def test_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]) -> None:
    """Where no sessions are given; a wrong one is said when the application starts."""
    monkeypatch.delenv("ELASTICACHE_KIT_ENDPOINT", raising=False)
    with pytest.raises(ValidationError, match="ELASTICACHE_KIT_ENDPOINT is not set"):
        use_sessions(Flask("shop"))
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    app = with_routes(Flask("shop"))
    use_sessions(app, secure=False, identity="user")
    _, cookie, header = get(app, "/set/a/1")
    assert "Secure" not in header
    assert get(app, "/set/user/7", cookie)[1] != cookie


def test_an_application_may_change_the_id_itself(app: Flask) -> None:
    """With Flask-Session's own call."""

    @app.get("/regenerate")
    def regenerate() -> dict[str, Any]:
        ours: Any = app.session_interface
        ours.regenerate(session)
        return {}

    _, before, _ = get(app, "/set/a/1")
    _, after, _ = get(app, "/regenerate", before)
    assert after != before
    assert get(app, "/show", after)[0] == {"a": "1"}
    assert get(app, "/show", before)[0] == {}
