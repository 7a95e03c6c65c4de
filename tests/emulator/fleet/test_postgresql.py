"""PostgreSQL servers: real processes with TLS and a password, on addresses of their own."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import socket
import struct
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from elasticache_kit.emulator.fleet import Fleet
from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.emulator.fleet.postgresql.binary import VARIABLE
from elasticache_kit.emulator.fleet.postgresql.plan import PostgreSQLPlan
from elasticache_kit.errors import EngineStartError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.emulator.fleet.postgresql.server import PostgreSQLServer

pytestmark = pytest.mark.engine

PASSWORD = "a long \"word\" with 'quotes'"  # noqa: S105 - of a server that lives for these tests
PLAN = PostgreSQLPlan(key="1/eu-west-1/shop", master="owner", password=PASSWORD, database="shop", version="17.7")


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """A fleet with nothing but a database."""
    made = Fleet(tmp_path_factory.mktemp("fleet"))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def server(fleet: Fleet) -> PostgreSQLServer:
    """A server with a database `shop`."""
    return fleet.postgresql.start(PLAN)


def connect(fleet: Fleet, server: PostgreSQLServer, **options: Any) -> psycopg.Connection[Any]:
    """Connect as an application does that verifies the server's name."""
    known: dict[str, Any] = {
        "host": server.address,
        "port": server.plan.port,
        "user": "owner",
        "password": PASSWORD,
        "dbname": "shop",
        "sslmode": "verify-full",
        "sslrootcert": str(fleet.ca_file),
        **options,
    }
    return psycopg.connect(autocommit=True, **known)


def test_the_master_user_owns_the_database_and_is_no_superuser(fleet: Fleet, server: PostgreSQLServer) -> None:
    """As on RDS: TLS with a verified name, tables in the database, members of rds_superuser, no superuser."""
    with connect(fleet, server) as sql:
        sql.execute("CREATE TABLE orders (id int PRIMARY KEY)")
        sql.execute("CREATE ROLE clerk LOGIN")
        row = sql.execute(
            "SELECT rolsuper, pg_has_role(rolname, 'rds_superuser', 'member') FROM pg_roles WHERE rolname = 'owner'"
        ).fetchone()

    assert row == (False, True)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"password": "wrong"}, "password authentication failed"),
        ({"sslmode": "disable"}, "no encryption"),
        ({"sslrootcert": "system"}, "certificate verify failed"),
        ({"user": "rdsadmin"}, "password authentication failed"),
    ],
)
def test_who_does_not_belong_there_is_refused(
    fleet: Fleet, server: PostgreSQLServer, options: dict[str, Any], reason: str
) -> None:
    """A wrong password, no TLS, a name that cannot be verified, and the administrator of RDS."""
    with pytest.raises(psycopg.OperationalError, match=reason):
        connect(fleet, server, **options)


def test_tls_may_be_left_out_where_the_parameter_says_so(fleet: Fleet, server: PostgreSQLServer) -> None:
    """As rds.force_ssl = 0; and TLS without a question before it works as well."""
    server.require_tls(required=False)
    try:
        connect(fleet, server, sslmode="disable").close()
        connect(fleet, server, sslnegotiation="direct").close()
    finally:
        server.require_tls(required=True)


def test_what_a_client_asks_before_it_begins_is_answered(server: PostgreSQLServer) -> None:
    """No Kerberos, then TLS, in pieces; what is neither is cut off, and a start without TLS is refused."""
    place = (server.address, server.plan.port)
    tls, gss, start = (struct.pack("!II", 8, number) for number in (80877103, 80877104, 196608))
    with socket.create_connection(place, timeout=10) as connection:
        connection.sendall(gss)
        assert connection.recv(1) == b"N"
        connection.sendall(tls[:3])
        connection.sendall(tls[3:])
        assert connection.recv(1) == b"S"
    with socket.create_connection(place, timeout=10) as connection:
        connection.sendall(start)
        assert b"no encryption" in connection.recv(1000)
        assert connection.recv(1) == b""
    with socket.create_connection(place, timeout=10) as connection, contextlib.suppress(ConnectionResetError):
        connection.sendall(b"GET")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""


def test_a_query_can_be_cancelled(fleet: Fleet, server: PostgreSQLServer) -> None:
    """The request comes on a connection of its own, without TLS."""
    with connect(fleet, server) as sql:
        sql.execute("SET statement_timeout = '20s'")
        cursor = sql.cursor()
        timer = threading.Timer(0.1, sql.cancel)
        timer.start()
        with pytest.raises(psycopg.errors.QueryCanceled, match="user request"):
            cursor.execute("SELECT pg_sleep(20)")
        timer.join()


def test_another_password_is_good_for_the_next_connection(fleet: Fleet, server: PostgreSQLServer) -> None:
    """And the one before is not."""
    other = PASSWORD[::-1]
    server.set_password(other)
    try:
        connect(fleet, server, password=other).close()
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            connect(fleet, server)
    finally:
        server.set_password(PASSWORD)


def test_a_process_that_is_killed_comes_back_with_its_data(fleet: Fleet, server: PostgreSQLServer) -> None:
    """As RDS restarts one: at the same address."""
    with connect(fleet, server) as sql:
        sql.execute("CREATE TABLE kept (id int)")
    killed = server.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)

    def down() -> str | None:
        try:
            connect(fleet, server).close()
        except psycopg.OperationalError as error:
            return str(error)
        return None if server.pid not in (None, killed) else "the same process"

    assert Deadline(30).wait_for(down) is None
    with connect(fleet, server) as sql:
        assert sql.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_it_comes_back_with_the_next_fleet_and_goes_when_it_is_removed(tmp_path: Path) -> None:
    """Data and password stay while the emulator is down; removed is removed, with its process."""
    fleet = Fleet(tmp_path)
    server = fleet.postgresql.start(PLAN)
    with connect(fleet, server) as sql:
        sql.execute("CREATE TABLE kept (id int)")
    pid, expected = server.pid, fleet.addresses
    fleet.stop()
    assert not Path(f"/proc/{pid}").exists()

    fleet.expect(expected)
    again = fleet.postgresql.start(PLAN)
    with connect(fleet, again) as sql:
        assert sql.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    fleet.postgresql.remove(PLAN.key)
    fleet.stop()

    assert again.address == server.address
    assert list((tmp_path / "databases").iterdir()) == []


def test_a_server_that_does_not_come_up_leaves_nothing(
    fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own words are in the message; neither a folder nor an address is left, and the key is free."""
    for name, script in {
        "postgres": "echo 'postgres (PostgreSQL) 18.4'",
        "initdb": "echo 'no space left' >&2; exit 1",
        "psql": "exit 1",
    }.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    plan = dataclasses.replace(PLAN, key="1/eu-west-1/broken")
    for _ in range(2):
        with pytest.raises(EngineStartError, match="The PostgreSQL of 1/eu-west-1/broken failed: no space left"):
            fleet.postgresql.start(plan)

    assert not any("broken" in name for name in fleet.addresses.by_name)
    assert not [path for path in (fleet.directory / "databases").iterdir() if "broken" in path.name]


def test_no_secret_is_in_an_argument_or_a_log(fleet: Fleet, server: PostgreSQLServer) -> None:
    """Neither the password nor what it is verified by."""
    with pytest.raises(psycopg.Error), connect(fleet, server) as sql:
        sql.execute("CREATE ROLE clerk LOGIN PASSWORD 'x' NONSENSE")
    log = (server.directory / "postgresql.log").read_text()
    arguments = Path(f"/proc/{server.pid}/cmdline").read_text()

    assert PASSWORD not in log + arguments
    assert "SCRAM-SHA-256$" not in log + arguments
    assert (server.directory / "administrator").stat().st_mode & 0o077 == 0
