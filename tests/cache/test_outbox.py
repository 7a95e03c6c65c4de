"""The outbox over a real PostgreSQL and a real engine: whoever changes a row, its key goes."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict

from elasticache_kit.cache import Breaker, LeasedCache, Patience, Policy, connect
from elasticache_kit.cache.outbox import row_key
from elasticache_kit.cache.outbox.__main__ import main
from elasticache_kit.cache.outbox.database import connect_database
from elasticache_kit.cache.outbox.listener import CacheAwayError, Listener, drain
from elasticache_kit.cache.outbox.migration import OUTBOX, downgrade, upgrade
from elasticache_kit.cache.outbox.table import read_schema, read_tables
from elasticache_kit.errors import ConnectionFailedError, ValidationError
from elasticache_kit.model.environment import DATABASE_SECRET_VARIABLE

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet import Fleet
    from tests.cache.conftest import SecretsManager

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[2]
LIMIT_SECONDS = 120
Sql = psycopg.Connection[Any]


@pytest.fixture(scope="module")
def prepared(database: str) -> str:
    """A database with tables of several kinds and the migration, run twice."""
    with psycopg.connect(database, autocommit=True) as sql:
        sql.execute("CREATE SCHEMA sales")
        sql.execute("CREATE TABLE orders (id int PRIMARY KEY, note text)")
        sql.execute('CREATE TABLE sales."Lines" (shop text, number uuid, PRIMARY KEY (number, shop))')
        sql.execute("CREATE TABLE bare (note text)")
        sql.execute("CREATE TABLE odd (at timestamptz PRIMARY KEY)")
        tables = read_tables(sql, ["orders", "sales.Lines"])
        for _ in range(2):
            sql.execute(upgrade(tables, read_schema(sql)))  # pyright: ignore[reportArgumentType, reportCallIssue] # a text that we made
    return database


@pytest.fixture
def sql(prepared: str) -> Iterator[Sql]:
    """A connection; tables and outbox are empty."""
    with psycopg.connect(prepared, autocommit=True) as connection:
        connection.execute('TRUNCATE orders, sales."Lines", elasticache_kit_outbox')
        connection.execute("DELETE FROM elasticache_kit_outbox")
        yield connection


@pytest.fixture
def cache(standalone: Any) -> LeasedCache:
    """A cache of the rows."""
    return LeasedCache(standalone, Policy(prefix="shop"))


@pytest.fixture
def listening(prepared: str, cache: LeasedCache) -> Iterator[Callable[[], Listener]]:
    """Give what starts a listener, which ends with the test."""
    with contextlib.ExitStack() as stack:

        def start() -> Listener:
            listener = Listener(partial(psycopg.connect, prepared, autocommit=True), [cache])
            thread = threading.Thread(target=listener.run)
            thread.start()
            stack.callback(thread.join)
            stack.callback(listener.stop.set)
            assert listener.ready.wait(LIMIT_SECONDS)
            return listener

        yield start


def waiting(sql: Sql) -> list[str]:
    """Return the keys in the outbox."""
    return [key for (key,) in sql.execute("SELECT key FROM elasticache_kit_outbox ORDER BY id").fetchall()]


def read(cache: LeasedCache, sql: Sql, number: int) -> str | None:
    """Read the note of an order through the cache."""

    def load() -> str | None:
        row = sql.execute("SELECT note FROM orders WHERE id = %s", (number,)).fetchone()
        return None if row is None else row[0]

    return cache.read(row_key("orders", number), load)


def await_note(cache: LeasedCache, sql: Sql, number: int, note: str | None) -> None:
    """Wait until a read returns it."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while read(cache, sql, number) != note:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_each_change_leaves_its_key(sql: Sql) -> None:
    """Of the row before and of the row after it; nothing of what was rolled back."""
    sql.execute("INSERT INTO orders VALUES (1, 'a'), (2, 'b')")
    sql.execute("UPDATE orders SET note = 'c' WHERE id = 1")
    sql.execute("UPDATE orders SET id = 3 WHERE id = 2")
    sql.execute("DELETE FROM orders WHERE id = 3")
    assert waiting(sql) == [f"orders:{number}" for number in (1, 2, 1, 2, 3, 3)]
    with contextlib.suppress(ZeroDivisionError), sql.transaction():
        sql.execute("INSERT INTO orders VALUES (9, 'z')")
        raise ZeroDivisionError
    assert "orders:9" not in waiting(sql)


def test_truncate_leaves_all_keys(sql: Sql) -> None:
    """It changes every row."""
    sql.execute("INSERT INTO orders SELECT n, 'x' FROM generate_series(1, 3) n")
    sql.execute("DELETE FROM elasticache_kit_outbox")
    sql.execute("TRUNCATE orders")
    assert sorted(waiting(sql)) == ["orders:1", "orders:2", "orders:3"]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20), st.uuids())
def test_python_and_the_trigger_make_the_same_key(sql: Sql, shop: str, number: uuid.UUID) -> None:
    """Of every text, in the order of the primary key, and no two rows have one."""
    sql.execute("DELETE FROM elasticache_kit_outbox")
    sql.execute('INSERT INTO sales."Lines" VALUES (%s, %s)', (shop, number))
    assert waiting(sql) == [row_key("sales.Lines", number, shop)]


def test_keys_of_other_rows_differ() -> None:
    """Also where a part has what separates parts."""
    assert len({row_key("t", "a:b", "c"), row_key("t", "a", "b:c"), row_key("t", "a%3Ab", "c")}) == 3
    assert row_key("t", dt.date(2026, 11, 26), 7) == "t:2026-11-26:7"
    for wrong in ((), (1.5,), (None,), (True,), (dt.datetime(2026, 1, 1, tzinfo=dt.UTC),)):
        with pytest.raises(ValidationError, match="is no primary key of t"):
            row_key("t", *wrong)  # pyright: ignore[reportArgumentType] # wrong on purpose


def test_a_change_that_nobody_invalidated_reaches_the_cache(
    sql: Sql, cache: LeasedCache, listening: Callable[[], Listener]
) -> None:
    """Soon after the commit, and a rollback leaves the entry."""
    sql.execute("INSERT INTO orders VALUES (1, 'old')")
    listening()
    assert read(cache, sql, 1) == "old"
    with contextlib.suppress(ZeroDivisionError), sql.transaction():
        sql.execute("UPDATE orders SET note = 'never'")
        raise ZeroDivisionError
    sql.execute("UPDATE orders SET note = 'new'")
    await_note(cache, sql, 1, "new")
    sql.execute("DELETE FROM orders")
    await_note(cache, sql, 1, None)
    sql.execute("INSERT INTO orders VALUES (1, 'again')")
    await_note(cache, sql, 1, "again")


def test_without_a_listener_it_stays_until_one_comes(
    sql: Sql, cache: LeasedCache, listening: Callable[[], Listener]
) -> None:
    """The negative control, and the replay: what happened meanwhile waits in the outbox."""
    sql.execute("INSERT INTO orders VALUES (1, 'old')")
    assert read(cache, sql, 1) == "old"
    sql.execute("UPDATE orders SET note = 'new'")
    assert read(cache, sql, 1) == "old"
    listening()
    assert read(cache, sql, 1) == "new"
    assert waiting(sql) == []


def test_a_writer_killed_after_its_commit(
    sql: Sql, prepared: str, standalone: Any, cache: LeasedCache, listening: Callable[[], Listener]
) -> None:
    """Without the outbox the TTL bounds how long the old value is read; with it, a moment."""
    sql.execute("INSERT INTO orders VALUES (1, 'old')")
    assert read(cache, sql, 1) == "old"
    program = (
        "import psycopg, sys, time\n"
        "with psycopg.connect(sys.argv[1]) as sql:\n"
        "    sql.execute(\"UPDATE orders SET note = 'new'\")\n"
        "print('committed', flush=True)\n"
        "time.sleep(600)  # and would have invalidated\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, prepared], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "committed\n"
        writer.send_signal(signal.SIGKILL)
    assert read(cache, sql, 1) == "old"
    assert 0 < standalone.pttl("shop:1:orders:1") <= 300_000
    listening()
    assert read(cache, sql, 1) == "new"


def test_what_the_cache_does_not_take_waits(sql: Sql, engines: Fleet, cache: LeasedCache) -> None:
    """A frozen cache keeps the rows in the outbox, and they are drained when it goes on."""
    environ = {"ELASTICACHE_KIT_ENDPOINT": engines.primary_endpoint("standalone") or "", "ELASTICACHE_KIT_TLS": "false"}
    soon = Patience(connect_timeout=0.1, timeout=0.1, retries=0)
    hasty = LeasedCache(
        partial(connect, environ=environ, patience=soon, check=False), Policy(prefix="shop"), breaker=Breaker(pause=0)
    )
    sql.execute("INSERT INTO orders VALUES (1, 'old')")
    assert read(cache, sql, 1) == "old"
    sql.execute("UPDATE orders SET note = 'new'")
    engine = engines.group("standalone").node("standalone-0001").engine
    engine.hold()
    try:
        with pytest.raises(CacheAwayError):
            drain(sql, [hasty])
    finally:
        engine.release()
    assert waiting(sql) == ["orders:1"] * 2
    assert drain(sql, [hasty]) == 2
    assert read(cache, sql, 1) == "new"
    hasty.close()


def test_a_lost_connection_is_made_again(
    sql: Sql, cache: LeasedCache, listening: Callable[[], Listener], caplog: pytest.LogCaptureFixture
) -> None:
    """As after a failover of the database."""
    listening()
    sql.execute("INSERT INTO orders VALUES (1, 'old')")
    await_note(cache, sql, 1, "old")
    sql.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query <> ''")
    deadline = time.monotonic() + LIMIT_SECONDS
    while "tries again" not in caplog.text:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    sql.execute("UPDATE orders SET note = 'new'")
    await_note(cache, sql, 1, "new")


def test_both_schemas_of_a_release_are_invalidated(sql: Sql, standalone: Any) -> None:
    """While the old and the new version of an application run side by side."""
    caches = [LeasedCache(standalone, Policy(prefix="shop", schema=schema)) for schema in (1, 2)]
    for cache in caches:
        cache.read(row_key("orders", 1), lambda: "old")
    sql.execute("INSERT INTO orders VALUES (1, 'new')")
    assert drain(sql, caches) == 1
    assert [read(cache, sql, 1) for cache in caches] == ["new", "new"]


def test_a_key_that_was_never_cached_stops_nobody(sql: Sql, cache: LeasedCache) -> None:
    """A control character in a primary key is no key of a cache."""
    sql.execute('INSERT INTO sales."Lines" VALUES (%s, %s)', ("a\nb", uuid.uuid4()))
    sql.execute("INSERT INTO orders VALUES (1, 'x')")
    assert drain(sql, [cache]) == 2
    assert waiting(sql) == []


def test_tables_that_cannot_be(sql: Sql) -> None:
    """All of it at once, with the reason."""
    with pytest.raises(ValidationError) as raised:
        read_tables(sql, ["orders", "bare", "odd", "gone", "a;b"])
    said = str(raised.value)
    assert "bare: it has no primary key" in said
    assert "odd: its primary key has at of type timestamp with time zone" in said
    assert "gone: there is no such table" in said
    assert "'a;b' is no name of a table" in said
    assert "orders:" not in said


def test_the_migration_can_be_undone(prepared: str) -> None:
    """Triggers, functions and outbox go, and changes leave nothing."""
    with psycopg.connect(prepared, autocommit=True) as sql:
        sql.execute("CREATE DATABASE undone")
    with psycopg.connect(prepared, dbname="undone", autocommit=True) as sql:
        sql.execute("CREATE TABLE orders (id int PRIMARY KEY)")
        tables = read_tables(sql, ["orders"])
        for text in (upgrade(tables, "public"), downgrade(tables)):
            sql.execute(text)  # pyright: ignore[reportArgumentType, reportCallIssue] # a text that we made
        sql.execute("INSERT INTO orders VALUES (1)")
        left = sql.execute("SELECT count(*) FROM pg_proc WHERE proname LIKE 'elasticache_kit%'").fetchone()
        assert left == (0,)
        assert sql.execute("SELECT to_regclass(%s)", (OUTBOX,)).fetchone() == (None,)


def test_a_writer_needs_no_right_on_the_outbox(sql: Sql) -> None:
    """A role that may only write to its table can."""
    sql.execute("CREATE ROLE clerk")
    sql.execute("GRANT INSERT ON orders TO clerk")
    with sql.transaction():
        sql.execute("SET LOCAL ROLE clerk")
        sql.execute("INSERT INTO orders VALUES (1, 'x')")
    assert waiting(sql) == ["orders:1"]


@pytest.fixture
def environ(prepared: str, environ_of: Callable[[str], dict[str, str]]) -> dict[str, str]:
    """What a container is told."""
    place = conninfo_to_dict(prepared)
    named = {"PGHOST": str(place["host"]), "PGUSER": "postgres", "PGDATABASE": "postgres"}
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("PG", "ELASTICACHE_KIT_"))}
    return {**kept, **named, **environ_of("standalone")}


Program = Callable[..., tuple[int, str, str]]


@pytest.fixture
def program(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    """Give what runs the command line in this environment: its exit code, what it said, and its errors."""

    def run(*words: str, **change: str) -> tuple[int, str, str]:
        for name, value in {**environ, **change}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["outbox", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run


def test_the_container_stops_cleanly(environ: dict[str, str], sql: Sql, cache: LeasedCache) -> None:
    """It drains until SIGTERM, says what it did, and ends with 0."""
    sql.execute("INSERT INTO orders VALUES (1, 'old')")
    command = [sys.executable, "-m", "elasticache_kit.cache.outbox", "run", "--prefix", "shop"]
    with subprocess.Popen(command, env=environ, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + LIMIT_SECONDS
        while waiting(sql):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=LIMIT_SECONDS)
    assert process.returncode == 0, said
    assert "stopped; 1 changes were drained" in said
    assert cache.read("orders:1", lambda: "free") == "free"


def test_the_command_line(program: Program, sql: Sql) -> None:
    """A migration for a pipe, and what waits; a mistake is a sentence and 2."""
    code, text, _ = program("sql", "orders")
    assert code == 0
    assert "AFTER INSERT OR UPDATE OR DELETE ON public.orders" in text
    assert "DROP TABLE IF EXISTS elasticache_kit_outbox" in program("sql", "orders", "--down")[1]
    assert program("status")[1] == "nothing waits\n"
    sql.execute("INSERT INTO orders VALUES (1, 'x')")
    status = json.loads(program("status", "--output", "json")[1])
    assert status["waiting"] == 1
    assert status["oldest_seconds"] > 0
    code, text, said = program("sql", "bare")
    assert (code, text) == (2, "")
    assert "bare: it has no primary key" in said


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        ({"PGHOST": ""}, 2, "set PGHOST to its writer endpoint"),
        ({"ELASTICACHE_KIT_ENDPOINT": ""}, 2, "ELASTICACHE_KIT_ENDPOINT is not set"),
        ({"PGHOST": "/nowhere"}, 4, "the database:"),
    ],
)
def test_wrong_settings_end_the_container(program: Program, change: dict[str, str], code: int, says: str) -> None:
    """At once, with a sentence, and never with localhost."""
    ended, _, said = program("run", "--prefix", "shop", **change)
    assert ended == code
    assert says in said


def test_the_secret_of_rds(prepared: str, secrets_manager: SecretsManager) -> None:
    """Host, user and database are read from it; one that is not RDS's is refused without a word of it."""
    place = conninfo_to_dict(prepared)
    content = {
        "host": place["host"],
        "username": "postgres",
        "password": "x",
        "dbname": "postgres",
        "engine": "postgres",
    }
    with connect_database({DATABASE_SECRET_VARIABLE: secrets_manager.add(json.dumps(content))}) as sql:
        assert sql.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(ConnectionFailedError, match=DATABASE_SECRET_VARIABLE) as raised:
        connect_database({DATABASE_SECRET_VARIABLE: secrets_manager.add("hush")})
    assert "hush" not in str(raised.value)


def test_a_database_without_tls_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over the network, where PGSSLMODE does not allow it."""
    monkeypatch.setenv("PGSSLROOTCERT", "system")
    with socket.create_server(("127.0.0.1", 0)) as server:

        def decline() -> None:
            asked, _ = server.accept()
            with asked:
                asked.recv(8)
                asked.sendall(b"N")

        thread = threading.Thread(target=decline)
        thread.start()
        monkeypatch.setenv("PGPORT", str(server.getsockname()[1]))
        monkeypatch.setenv("PGHOST", "127.0.0.1")
        with pytest.raises(psycopg.OperationalError, match="server does not support SSL"):
            connect_database(os.environ)
        thread.join()
