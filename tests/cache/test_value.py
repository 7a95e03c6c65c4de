"""What can be a key and a value of a cache, and what is refused: in both flavours, with the setting to look at."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from elasticache_kit.cache import JSON, Event, LeasedCache, Policy, connect
from elasticache_kit.errors import ValidationError
from tests.cache.flavour import FLAVOURS, Either, open_cache

if TYPE_CHECKING:
    from tests.cache.conftest import EnvironOf

pytestmark = pytest.mark.engine

Make = Callable[..., Either]


class Gone:
    """Pickled under a name that nobody finds again."""


def never() -> Any:
    """Be a loader that must not be called."""
    pytest.fail("the database was asked")


@pytest.fixture(params=FLAVOURS)
def make(request: pytest.FixtureRequest, standalone: Any, environ_of: EnvironOf) -> Iterator[Make]:
    """Give what makes a cache over an empty node, in each flavour."""
    assert standalone.ping()
    made: list[Either] = []

    def make(**options: Any) -> Either:
        # Time enough for a busy machine.
        made.append(open_cache(request.param, environ_of("standalone"), Policy(prefix="t", **options), timeout=5))
        return made[-1]

    yield make
    for cache in made:
        cache.close()


@pytest.mark.parametrize("key", ["", "a\nb", "a\x00", "\x7f"])
def test_a_key_that_is_none(make: Make, key: str) -> None:
    """Refused before anything is sent."""
    for refused in (lambda: make().read(key, never), lambda: make().invalidate(key), lambda: make().write(key, never)):
        with pytest.raises(ValidationError, match="is no key of a cache"):
            refused()


@pytest.mark.parametrize(
    ("options", "value", "says"),
    [
        ({}, threading.Lock(), "is lock, which pickle cannot write"),
        ({"largest_value": 100}, b"x" * 100, "bytes, and largest_value is 100"),
    ],
)
def test_a_value_that_cannot_be_stored(make: Make, options: dict[str, Any], value: object, says: str) -> None:
    """An error that names the key and the setting, and nobody waits for its lease."""
    cache = make(**options)
    with pytest.raises(ValidationError, match=says) as raised:
        cache.read("order:7", lambda: value)
    assert "'order:7'" in str(raised.value)
    assert cache.read("order:7", lambda: "good") == "good"
    with pytest.raises(ValidationError, match=says):
        cache.write("order:7", lambda: value)
    assert cache.read("order:7", lambda: "committed") == "committed"


def test_json_refuses_what_it_would_change(standalone: Any) -> None:
    """A cache with JSON keeps what JSON has."""
    cache = LeasedCache(standalone, Policy(prefix="json"), serializer=JSON)
    assert cache.read("k", lambda: {"a": [1, "ü"]}) == {"a": [1, "ü"]}
    assert cache.read("k", never) == {"a": [1, "ü"]}
    for value in ({1, 2}, float("nan"), b"bytes"):
        with pytest.raises(ValidationError, match="which JSON cannot write"):
            cache.read("other", lambda value=value: value)


@pytest.mark.parametrize("raw", [b"", b"Vshort", b"somebody else's", b"L" * 40, b"V" + bytes(32) + b"no pickle"])
def test_what_somebody_else_wrote_is_a_miss(make: Make, standalone: Any, raw: bytes) -> None:
    """It is replaced, and read by nobody."""
    standalone.set("t:1:k", raw)
    cache = make()
    assert cache.read("k", lambda: "ours") == "ours"
    assert cache.read("k", lambda: "ours") == "ours"
    assert cache.read("k", never) == "ours"


def test_a_value_of_a_class_that_is_gone_is_a_miss(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a release that renamed it."""
    cache = make()
    cache.read("k", Gone)
    monkeypatch.delattr(sys.modules[Gone.__module__], "Gone")
    assert cache.read("k", lambda: "new") == "new"
    assert cache.counted(Event.UNREADABLE) == 1


def test_a_client_that_decodes_is_refused(environ_of: Any) -> None:
    """Its text is not what was stored."""
    client = connect(environ=environ_of("standalone"), decode_responses=True)
    with pytest.raises(ValidationError, match="decode_responses"):
        LeasedCache(client, Policy(prefix="t")).read("k", lambda: 1)
    client.close()
