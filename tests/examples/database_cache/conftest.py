"""The shop as it runs: a process of each store over a real PostgreSQL and a real engine, asked over HTTP."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.cache.conftest import EnvironOf, database, engines, environ_of

__all__ = ["database", "engines", "environ_of"]  # fixtures

SHOP = Path(__file__).parents[3] / "examples" / "database_cache"
LIMIT_SECONDS = 120
# What the listener says when it is ready.
DRAINS = re.compile("drains the outbox")
_ADDRESS = re.compile(r"running on (http://[\d.]+:\d+)")


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop that runs.

    Args:
        store: `plain` or `cached`.
        http: asks it.
        sql: its database, where it can be changed behind its back.
        environ: what its process was given.
    """

    store: str
    http: httpx.Client
    sql: psycopg.Connection[Any]
    environ: Mapping[str, str]

    def get(self, path: str) -> Any:
        """Return what it answers to a good request."""
        return self.http.get(path).raise_for_status().json()

    def post(self, path: str, body: object = None) -> Any:
        """Return what it answers to a good request."""
        return self.http.post(path, json=body).raise_for_status().json()

    def statements(self) -> int:
        """Return how many statements it has sent to its database."""
        return sum(self.get("/statistics")["statements"].values())

    def asked(self, path: str) -> int:
        """Return how many statements a read costs the database when it was made before."""
        self.get(path)
        before = self.statements()
        self.get(path)
        return self.statements() - before


@contextlib.contextmanager
def running(environ: Mapping[str, str], *words: str, says: re.Pattern[str]) -> Generator[tuple[str, Any]]:
    """Run a program of the shop and give what it said when it was ready; it ends cleanly, or the test fails."""
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen([sys.executable, "-m", *words], env=environ, cwd=SHOP, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + LIMIT_SECONDS
            while (found := says.search(_read(log))) is None:
                assert process.poll() is None, _read(log)
                assert time.monotonic() < deadline, _read(log)
                time.sleep(0.02)
            yield found.group(found.lastindex or 0), process
            process.terminate()
            process.wait(LIMIT_SECONDS)
            assert process.returncode in {0, -15}, _read(log)
        finally:
            process.kill()
            process.wait()


def _read(log: Any) -> str:
    log.seek(0)
    return log.read()


def migrated(environ: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """Run `migrate` in this environment."""
    command = [sys.executable, "-m", "shop", "migrate", *words]
    return subprocess.run(command, env=environ, cwd=SHOP, capture_output=True, text=True, check=False)


@contextlib.contextmanager
def serving(store: str, database: str, of_cache: Mapping[str, str]) -> Generator[Shop]:
    """Run a shop over a database of its own, which is migrated and filled."""
    name = f"shop_{store}"
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("PG", "ELASTICACHE_KIT_", "SHOP_"))}
    place = {"PGHOST": str(conninfo_to_dict(database)["host"]), "PGUSER": "postgres", "PGDATABASE": name}
    environ = {**kept, **place, **of_cache}
    with psycopg.connect(database, autocommit=True) as sql:
        sql.execute(f"CREATE DATABASE {name}")  # pyright: ignore[reportArgumentType, reportCallIssue] # a text of ours
    done = migrated(environ, "--seed")
    assert done.returncode == 0, done.stderr
    with (
        running(environ, "shop", "serve", "--store", store, "--port", "0", says=_ADDRESS) as (address, _),
        httpx.Client(base_url=address, timeout=LIMIT_SECONDS, trust_env=False) as http,
        psycopg.connect(database, dbname=name, autocommit=True) as sql,
    ):
        yield Shop(store, http, sql, environ)


@pytest.fixture(scope="session")
def cached(database: str, environ_of: EnvironOf) -> Iterator[Shop]:
    """The shop with a cache."""
    with serving("cached", database, environ_of("standalone")) as shop:
        yield shop


@pytest.fixture(scope="session")
def plain(database: str) -> Iterator[Shop]:
    """The one without, which is not told of a cache: it needs none."""
    with serving("plain", database, {}) as shop:
        yield shop


@pytest.fixture(params=["plain", "cached"])
def shop(request: pytest.FixtureRequest) -> Shop:
    """Each of them: what a test says holds for both."""
    return request.getfixturevalue(request.param)
