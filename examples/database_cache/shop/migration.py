"""Migrations: plain SQL, each file once, in the order of their names."""

import os
from pathlib import Path

from elasticache_kit.cache.outbox.database import connect_database

FOLDER = Path(__file__).parent / "migrations"
# Tasks that start together wait for each other; any number that nobody else takes.
LOCK = 7_310_001
_RECORD = "CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, done_at timestamptz NOT NULL DEFAULT now())"


def migrate(*, seed: bool = False) -> list[str]:
    """Bring the database up to date, and return the names of the files that were run.

    Args:
        seed: whether to fill an empty shop with something to look at.

    Raises:
        ElastiCacheKitError: the environment names no database, or its secret cannot be read.
        psycopg.Error: the database does not answer, or a file fails; what that file did is undone.
    """
    with connect_database(os.environ) as connection:
        # The lock ends with the connection.
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        connection.execute(_RECORD)
        done = {name for (name,) in connection.execute("SELECT name FROM migrations").fetchall()}
        files = [file for file in sorted(FOLDER.glob("[0-9]*.sql")) if file.stem not in done]
        for file in [*files, *([FOLDER / "seed.sql"] if seed else [])]:
            connection.execute(file.read_bytes())
            if file in files:
                connection.execute("INSERT INTO migrations (name) VALUES (%s)", (file.stem,))
    return [file.stem for file in files]
