"""The database: where libpq's variables and the secret of the task say, as for the outbox listener."""

import os
from collections import Counter
from typing import Any

import psycopg
from sqlalchemy import create_engine, event
from sqlalchemy.orm import sessionmaker

from elasticache_kit.cache.outbox.database import connect_database


def _connect() -> psycopg.Connection[Any]:
    # The secret is read for each connection, so a password that was rotated is found.
    connection = connect_database(os.environ)
    connection.autocommit = False
    return connection


engine = create_engine("postgresql+psycopg://", creator=_connect, pool_size=10, pool_pre_ping=True)
Session = sessionmaker(engine, expire_on_commit=False)
# What this process has asked the database, for GET /statistics.
statements: Counter[str] = Counter()


@event.listens_for(engine, "before_cursor_execute")
def _count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    statements[statement.split(maxsplit=1)[0].lower()] += 1
