"""Sessions in a cache: a hash of each, whatever the client library."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elasticache_kit.cache import Patience, connect, connect_async
from elasticache_kit.cache.session.record import LARGEST, decoded, encoded, is_id, new_id
from elasticache_kit.cache.session.store import AsyncSessions, Sessions
from elasticache_kit.errors import ConnectionFailedError, ValidationError

pytestmark = pytest.mark.engine

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("library", ["valkey", "glide", "redis"])
def test_changes_of_two_requests_are_both_kept(environ: dict[str, str], library: Any) -> None:
    """Each writes what it has changed and removes what it has removed."""
    client = connect(environ=environ, library=library)
    sessions, session_id = Sessions(client), new_id()
    assert sessions.load(session_id) is None
    assert sessions.create(session_id, encoded({"cart": [1], "old": True}), 60)
    assert not sessions.create(session_id, encoded({}), 60)
    first = second = sessions.load(session_id) or {}
    assert sessions.save(session_id, first, encoded({"cart": [1, 2], "old": True, "a": "ü"}), 60)
    assert sessions.save(session_id, second, encoded({"cart": [1]}), 60)
    assert decoded(sessions.load(session_id) or {}) == {"cart": [1, 2], "a": "ü"}
    assert sessions.exists(session_id)
    sessions.delete(session_id)
    assert not sessions.exists(session_id)
    client.close()


@pytest.mark.parametrize("library", ["valkey", "glide", "redis"])
def test_asyncio_does_the_same(environ: dict[str, str], library: Any) -> None:
    """Over each library."""

    async def use() -> None:
        client = await connect_async(environ=environ, library=library)
        sessions, session_id = AsyncSessions(client), new_id()
        assert await sessions.create(session_id, encoded({}), 60)
        before = await sessions.load(session_id)
        assert before is not None
        assert before == {}
        assert await sessions.save(session_id, before, encoded({"a": 1}), 60)
        assert decoded(await sessions.load(session_id) or {}) == {"a": 1}
        await sessions.delete(session_id)
        assert await sessions.load(session_id) is None
        await (client.close() if library == "glide" else client.aclose())

    asyncio.run(use())


def test_a_session_that_is_gone_does_not_come_back(standalone: Any) -> None:
    """A request that was under way when somebody signed out writes nothing."""
    sessions, session_id = Sessions(standalone), new_id()
    sessions.create(session_id, encoded({"user_id": 7}), 60)
    before = sessions.load(session_id) or {}
    sessions.delete(session_id)
    assert not sessions.save(session_id, before, encoded({"user_id": 7, "late": 1}), 60)
    assert standalone.keys() == []


def test_each_save_lets_it_live_anew(standalone: Any) -> None:
    """Also one that changes nothing."""
    sessions, session_id = Sessions(standalone), new_id()
    sessions.create(session_id, encoded({"a": 1}), 10)
    name = sessions.name(session_id)
    assert 9_000 < standalone.pttl(name) <= 10_000
    assert sessions.save(session_id, encoded({"a": 1}), encoded({"a": 1}), 100)
    assert 99_000 < standalone.pttl(name) <= 100_000


def test_names_and_values_give_no_session_away(standalone: Any) -> None:
    """Whoever lists the keys cannot take one over; and what is there is JSON, never a pickle."""
    sessions, session_id = Sessions(standalone), new_id()
    sessions.create(session_id, encoded({"a": {"b": [1]}}), 60)
    (name,) = standalone.keys()
    assert session_id.encode() not in name
    assert standalone.hgetall(name)[b"a"] == b'{"b":[1]}'


@pytest.mark.parametrize("session_id", ["", "short", "x" * 300, "a b" * 10, "../" * 10, "ä" * 20])
def test_what_is_no_id_is_sent_nowhere(session_id: str) -> None:
    """A cookie can hold anything."""

    def connect() -> Any:
        pytest.fail("it was sent")

    sessions = Sessions(connect)
    assert sessions.load(session_id) is None
    assert not sessions.exists(session_id)
    sessions.delete(session_id)
    assert not is_id(session_id)
    assert is_id(new_id())


@settings(max_examples=30)
@given(st.dictionaries(st.text(min_size=1, max_size=5), JSON_VALUES, max_size=5))
def test_what_json_has_comes_back(values: dict[str, Any]) -> None:
    """As it was."""
    assert decoded(encoded(values)) == values


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"when": {1}}, r"session\['when'\] is set, which JSON cannot write"),
        ({"n": float("nan")}, r"session\['n'\] is float"),
        ({1: "a"}, r"session\[1\]: the names in a session are texts"),
        ({"": "a"}, r"session\[''\]"),
        ({"big": "x" * LARGEST}, f"{LARGEST} are allowed"),
    ],
)
def test_what_cannot_be_kept_is_said(values: dict[Any, Any], says: str) -> None:
    """With the name of what it is."""
    with pytest.raises(ValidationError, match=says):
        encoded(values)


def test_it_fails_closed() -> None:
    """A cache that does not answer is an error, not a session that is not there."""
    environ = {"ELASTICACHE_KIT_ENDPOINT": "127.0.0.1", "ELASTICACHE_KIT_PORT": "9", "ELASTICACHE_KIT_TLS": "false"}
    once = Patience(connect_timeout=0.5, timeout=0.5, retries=0)
    client = connect(environ=environ, patience=once, check=False)
    with pytest.raises(ConnectionFailedError, match="nobody is taken for signed out"):
        Sessions(client).load(new_id())
    with pytest.raises(ValidationError, match="ELASTICACHE_KIT_ENDPOINT is not set"):
        Sessions.from_env(environ={})
