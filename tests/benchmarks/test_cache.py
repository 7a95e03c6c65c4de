"""The benchmark of the cache measures what it says; how long things take is not tested."""

from __future__ import annotations

import asyncio

import pytest

from benchmarks.cache import Hit, Load, asyncio_hits, blocking_hits, table
from tests.cache.conftest import EnvironOf, engines, environ_of

__all__ = ["engines", "environ_of"]  # fixtures

pytestmark = pytest.mark.engine


def test_hits_are_hits(environ_of: EnvironOf) -> None:
    """A loader that is asked ends the run; each is held against one that was measured beside it."""
    environ = environ_of("standalone")
    hits = [*blocking_hits(environ, 2, 20), *asyncio.run(asyncio_hits(environ, 2, 20))]
    names = {hit.name for hit in hits}
    assert {"LeasedCache.read", "dogpile get_or_create, leased", "asyncio, AsyncLeasedCache.read"} <= names
    assert {hit.against for hit in hits} <= names
    assert all(hit.ratio > 0 for hit in hits)


def test_the_table() -> None:
    """It says what is held against what, and how many reads the database is spared."""
    shown = table([Hit("a", "b", 50.0, 0.9)], [Load("without", 100, 100, 4, 9), Load("with", 100, 25, 1, 9)])
    assert "0.90  b" in shown
    assert "75% of the database's reads are saved" in shown
