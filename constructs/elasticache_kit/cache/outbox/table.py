"""Tables whose changes invalidate: their names, and the primary keys that the database tells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psycopg

# Types whose text is the same in SQL and in Python, see `key.row_key`.
TYPES = ("smallint", "integer", "bigint", "text", "character varying", "uuid", "date")

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)?")
# PostgreSQL cuts longer names, and two of them could then be one.
_LONGEST = 40
_PLACE = """
SELECT format('%%I.%%I', n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass(%s)
"""
_PRIMARY_KEY = """
SELECT a.attname, format_type(a.atttypid, NULL)
FROM pg_index i
JOIN unnest(i.indkey) WITH ORDINALITY k(number, place) ON true
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
WHERE i.indrelid = to_regclass(%s) AND i.indisprimary
ORDER BY k.place
"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Args:
        name: its name as keys have it, with its schema before a dot where it is in none of the search path.
        quoted: the name for SQL, with its schema.
        primary_key: the columns of its primary key, in their order.
    """

    name: str
    quoted: str
    primary_key: tuple[str, ...]

    @property
    def suffix(self) -> str:
        """What the names of its functions and triggers end with."""
        return self.name.replace(".", "__")


def read_schema(connection: psycopg.Connection) -> str:
    """Return the schema that the outbox is made in: the first one of the search path.

    Raises:
        ValidationError: there is none.
    """
    row = connection.execute("SELECT current_schema()").fetchone()
    if row is None or row[0] is None:
        raise ValidationError("the search path of this user has no schema to make the outbox in; set PGOPTIONS")
    return str(row[0])


def read_tables(connection: psycopg.Connection, names: Iterable[str]) -> tuple[Table, ...]:
    """Ask the database for the primary keys.

    Raises:
        ValidationError: with all that is wrong: a name that is none, a table that is not there or has no primary key,
            or one of a type that has no text of its own.
    """
    tables: list[Table] = []
    problems: list[str] = []
    for name in dict.fromkeys(names):
        if _NAME.fullmatch(name) is None or len(name) > _LONGEST:
            problems.append(
                f"{name!r} is no name of a table: letters, digits and underscores, up to {_LONGEST}, with a schema "
                "before a dot"
            )
            continue
        quoted = ".".join(f'"{part}"' for part in name.split("."))
        place = connection.execute(_PLACE, (quoted,)).fetchone()
        columns = connection.execute(_PRIMARY_KEY, (quoted,)).fetchall()
        if place is None:
            problems.append(f"{name}: there is no such table")
            continue
        if not columns:
            problems.append(f"{name}: it has no primary key, so nothing says which key of the cache a row is; add one")
        problems += [
            f"{name}: its primary key has {column} of type {kind}, and only {', '.join(TYPES)} have the same text in "
            "SQL and Python"
            for column, kind in columns
            if kind not in TYPES
        ]
        tables.append(Table(name, place[0], tuple(column for column, _ in columns)))
    if problems or not tables:
        problems = problems or ["no table is named"]
        raise ValidationError("\n".join(["No migration can be made:", *(f"  {item}" for item in problems)]))
    return tuple(tables)
