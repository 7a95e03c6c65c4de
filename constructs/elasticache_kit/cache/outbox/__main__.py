"""The command line of the outbox, and what its container runs."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from typing import Any

import click

from elasticache_kit.cache.leased_cache import LeasedCache
from elasticache_kit.cache.outbox.database import connect_database
from elasticache_kit.cache.outbox.listener import LOG, Listener
from elasticache_kit.cache.outbox.migration import OUTBOX, downgrade, upgrade
from elasticache_kit.cache.outbox.table import read_schema, read_tables
from elasticache_kit.cache.policy import Policy
from elasticache_kit.errors import ConnectionFailedError, ElastiCacheKitError, MissingToolError, ValidationError
from elasticache_kit.model.environment import PREFIX

WRONG_USE, FAILED_CONNECTION = 2, 4


@click.group()
def outbox() -> None:
    """Invalidate what changes in a database, whoever changes it.

    PGHOST and libpq's other variables, or ELASTICACHE_KIT_DATABASE_SECRET_ARN, say where the database is;
    ELASTICACHE_KIT_ENDPOINT and its others where the cache is.
    """


@outbox.command()
@click.argument("tables", nargs=-1, required=True)
@click.option("--down", is_flag=True, help="Print what removes it all again.")
def sql(tables: tuple[str, ...], *, down: bool) -> None:
    """Print the migration for TABLES, whose primary keys the database is asked for.

    Example: python -m elasticache_kit.cache.outbox sql orders sales.customers > migration.sql
    """
    with connect_database(os.environ) as connection:
        found, schema = read_tables(connection, tables), read_schema(connection)
    click.echo(downgrade(found) if down else upgrade(found, schema), nl=False)


@outbox.command()
@click.option("--prefix", required=True, help="The prefix of the application's Policy.")
@click.option(
    "--schema", "schemas", type=int, multiple=True, default=(1,), help="Its schema version; several may be given."
)
@click.option(
    "--environment-prefix", default=PREFIX, show_default=True, help="What the variables of the cache begin with."
)
def run(prefix: str, schemas: tuple[int, ...], environment_prefix: str) -> None:
    """Drain the outbox until SIGTERM or SIGINT.

    Example: python -m elasticache_kit.cache.outbox run --prefix shop
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    caches = [
        LeasedCache.from_env(Policy(prefix=prefix, schema=schema), prefix=environment_prefix) for schema in schemas
    ]
    # What is wrong with the settings ends the program here; an outage later on does not.
    connect_database(os.environ).close()
    listener = Listener(lambda: connect_database(os.environ), caches)

    def stop(_number: int, _frame: object) -> None:
        listener.stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    LOG.info("drains the outbox into %s", ", ".join(f"{prefix}:{schema}" for schema in schemas))
    listener.run()
    for cache in caches:
        cache.close()
    LOG.info("stopped; %d changes were drained", listener.drained)


@outbox.command()
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
def status(output: str) -> None:
    """Say how many changes wait, and how long the oldest one has.

    Example: python -m elasticache_kit.cache.outbox status --output json
    """
    query = f"SELECT count(*), extract(epoch FROM clock_timestamp() - min(written_at)) FROM {OUTBOX}"  # noqa: S608 - a constant
    with connect_database(os.environ) as connection:
        row: Any = connection.execute(query).fetchone()
    waiting, oldest = int(row[0]), None if row[1] is None else round(float(row[1]), 3)
    if output == "json":
        click.echo(json.dumps({"waiting": waiting, "oldest_seconds": oldest}))
    else:
        click.echo("nothing waits" if oldest is None else f"{waiting} changes wait, the oldest one for {oldest} s")


def main() -> None:
    """Run, and say a mistake in a sentence."""
    try:
        outbox(prog_name="python -m elasticache_kit.cache.outbox")
    except ElastiCacheKitError as error:
        click.echo(str(error), err=True)
        wrong = isinstance(error, (ValidationError, MissingToolError)) and not isinstance(error, ConnectionFailedError)
        sys.exit(WRONG_USE if wrong else FAILED_CONNECTION)
    except Exception as error:
        # psycopg's, which is imported only where it is used.
        if not type(error).__module__.startswith("psycopg"):
            raise
        click.echo(f"the database: {error}", err=True)
        sys.exit(FAILED_CONNECTION)


if __name__ == "__main__":
    main()
