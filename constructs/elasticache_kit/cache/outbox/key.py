"""The key of a row, made alike in Python and in the database."""

from __future__ import annotations

import datetime as dt
import uuid

from elasticache_kit.errors import ValidationError

# What is made to text in the same way by PostgreSQL and by str().
Part = int | str | uuid.UUID | dt.date


def row_key(table: str, *primary_key: Part) -> str:
    """Return the key under which a row is cached, and which the trigger of its table invalidates.

    Args:
        table: the table, as it was named to the migration.
        primary_key: the values of its primary key, in the order of its columns.

    Raises:
        ValidationError: a value is of a type that PostgreSQL writes in another way, or there is none.
    """
    wrong = [value for value in primary_key if isinstance(value, (bool, dt.datetime)) or not isinstance(value, Part)]  # pyright: ignore[reportUnnecessaryIsInstance] # callers need not be typed
    if wrong or not primary_key:
        raise ValidationError(
            f"{wrong or 'nothing'} is no primary key of {table} here: give integers, text, UUIDs or dates"
        )
    return ":".join([table, *(_escaped(str(value)) for value in primary_key)])


def _escaped(text: str) -> str:
    # As elasticache_kit_key_part does it; without, a:b + c and a + b:c would be one key.
    return text.replace("%", "%25").replace(":", "%3A")
