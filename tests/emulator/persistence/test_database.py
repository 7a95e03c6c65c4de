"""A database after a kill -9 of its emulator."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from elasticache_kit.emulator.fleet.deadline import Deadline
from tests.emulator.persistence.victim import Victim

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.engine, pytest.mark.prove]

WORD = "a-word-of-nobody"


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Victim]:
    """Emulators with engines over one directory."""
    made = Victim(tmp_path / "emulator", engines=True)
    yield made
    made.kill()


def connect(victim: Victim, found: dict[str, Any]) -> psycopg.Connection[Any]:
    """Connect as the master user."""
    return psycopg.connect(
        host=found["Endpoint"]["Address"], user="owner", password=WORD, dbname="shop", autocommit=True,
        sslmode="verify-full", sslrootcert=str(victim.directory / "tls" / "ca.pem"),
    )  # fmt: skip


def test_a_database_ends_with_its_emulator_and_comes_back_with_what_was_committed(victim: Victim) -> None:
    """At its address; no process of it stays behind."""
    client = victim.up()
    rds = client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="shop", DBInstanceClass="db.t4g.micro", Engine="postgres", AllocatedStorage=20,
        MasterUsername="owner", MasterUserPassword=WORD, DBName="shop",
    )  # fmt: skip
    (before,) = rds.describe_db_instances()["DBInstances"]
    with connect(victim, before) as sql:
        sql.execute("CREATE TABLE orders (id int)")
        sql.execute("INSERT INTO orders VALUES (7)")
    (folder,) = (victim.directory / "databases").iterdir()
    pid = (folder / "data" / "postmaster.pid").read_text().splitlines()[0]

    victim.kill()
    assert Deadline(20).wait_for(lambda: "it runs" if Path(f"/proc/{pid}").exists() else None) is None
    (after,) = victim.up()("rds").describe_db_instances()["DBInstances"]

    assert victim.notes == []
    assert after["Endpoint"] == before["Endpoint"]
    with connect(victim, after) as sql:
        assert sql.execute("SELECT id FROM orders").fetchall() == [(7,)]
