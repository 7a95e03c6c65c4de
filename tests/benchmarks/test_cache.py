"""The benchmark of the cache measures what it says; how long things take is not tested."""

from __future__ import annotations

import asyncio
import gc

import pytest

from benchmarks.cache import Hit, asyncio_hits, blocking_hits, table
from tests.cache.conftest import EnvironOf, engines, environ_of

__all__ = ["engines", "environ_of"]  # fixtures

pytestmark = pytest.mark.engine


@pytest.mark.filterwarnings("ignore:Call to deprecated close:DeprecationWarning")  # by cashews
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # Django and Flask-Caching leave connections
def test_hits_are_hits(environ_of: EnvironOf) -> None:
    """A loader that is asked ends the run; each is held against one that was measured beside it."""
    environ = environ_of("standalone")
    hits = [*blocking_hits(environ, 2, 20), *asyncio.run(asyncio_hits(environ, 2, 20))]
    names = {hit.name for hit in hits}
    others = {"django-valkey ValkeyCache.get", "Flask-Caching RedisCache.get", "asyncio, cashews get"}
    assert others <= names
    assert {"LeasedCache.read", "dogpile get_or_create, leased", "asyncio, AsyncLeasedCache.read"} <= names
    assert {hit.against for hit in hits} <= names
    assert all(hit.ratio > 0 for hit in hits)
    gc.collect()


def test_the_table() -> None:
    """It says what is held against what."""
    assert "0.90  b" in table([Hit("a", "b", 50.0, 0.9)])
