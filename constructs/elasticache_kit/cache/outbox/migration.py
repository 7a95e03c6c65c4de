"""The migration: the outbox, and for each table a trigger that writes to it. Running it twice changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from elasticache_kit.cache.outbox.table import Table

OUTBOX = CHANNEL = "elasticache_kit_outbox"

# The functions run as their owner, so whoever writes to a table needs no rights on the outbox.
_HEAD = f"""\
-- Made by `python -m elasticache_kit.cache.outbox sql`. It may be run again, for example for more tables.
BEGIN;

CREATE TABLE IF NOT EXISTS {OUTBOX} (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key text NOT NULL,
    written_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE OR REPLACE FUNCTION elasticache_kit_key_part(part text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT replace(replace(part, '%', '%25'), ':', '%3A') $$;
"""
_TABLE = """
CREATE OR REPLACE FUNCTION elasticache_kit_changed_{suffix}() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = "{schema}", pg_temp AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO {outbox} (key) SELECT {key_of_row} FROM {table} AS changed;
        PERFORM pg_notify('{outbox}', '');
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO {outbox} (key) VALUES ({key_of_old});
    END IF;
    IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND ({new}) IS DISTINCT FROM ({old})) THEN
        INSERT INTO {outbox} (key) VALUES ({key_of_new});
    END IF;
    PERFORM pg_notify('{outbox}', '');
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS elasticache_kit_changed ON {table};
CREATE TRIGGER elasticache_kit_changed AFTER INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION elasticache_kit_changed_{suffix}();
DROP TRIGGER IF EXISTS elasticache_kit_emptied ON {table};
CREATE TRIGGER elasticache_kit_emptied BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION elasticache_kit_changed_{suffix}();
"""
_UNDO = """\
DROP TRIGGER IF EXISTS elasticache_kit_changed ON {table};
DROP TRIGGER IF EXISTS elasticache_kit_emptied ON {table};
DROP FUNCTION IF EXISTS elasticache_kit_changed_{suffix}();
"""


def upgrade(tables: Iterable[Table], schema: str) -> str:
    """Return the SQL that makes the outbox in a schema, and the triggers of these tables."""
    return "".join([_HEAD, *(_triggers(table, schema) for table in tables), "\nCOMMIT;\n"])


def downgrade(tables: Iterable[Table]) -> str:
    """Return the SQL that removes the triggers of these tables and the outbox."""
    parts = [_UNDO.format(table=table.quoted, suffix=table.suffix) for table in tables]
    rest = f"DROP FUNCTION IF EXISTS elasticache_kit_key_part(text);\nDROP TABLE IF EXISTS {OUTBOX};\n"
    return "".join(["BEGIN;\n", *parts, rest, "COMMIT;\n"])


def _triggers(table: Table, schema: str) -> str:
    return _TABLE.format(
        schema=schema,
        outbox=OUTBOX,
        table=table.quoted,
        suffix=table.suffix,
        key_of_row=_key(table, "changed"),
        key_of_old=_key(table, "OLD"),
        key_of_new=_key(table, "NEW"),
        old=", ".join(f'OLD."{column}"' for column in table.primary_key),
        new=", ".join(f'NEW."{column}"' for column in table.primary_key),
    )


def _key(table: Table, row: str) -> str:
    parts = " || ':' || ".join(f'elasticache_kit_key_part({row}."{column}"::text)' for column in table.primary_key)
    return f"'{table.name}:' || {parts}"
