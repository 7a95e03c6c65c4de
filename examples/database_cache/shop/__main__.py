"""What the containers run: `python -m shop migrate`, then `python -m shop serve`."""

import sys
from typing import Literal

import click
import psycopg

from elasticache_kit.errors import ConnectionFailedError, ElastiCacheKitError
from shop.migration import migrate as run_migrations

WRONG_USE, FAILED = 2, 4


@click.group()
def shop() -> None:
    """Serve a shop.

    PGHOST and libpq's other variables, or ELASTICACHE_KIT_DATABASE_SECRET_ARN, say where its database is;
    ELASTICACHE_KIT_ENDPOINT and its others where the cache is.
    """


@shop.command()
@click.option("--seed", is_flag=True, help="Fill an empty shop with something to look at.")
def migrate(*, seed: bool) -> None:
    """Bring the database up to date."""
    done = run_migrations(seed=seed)
    click.echo(f"migrations: {', '.join(done) or 'nothing to do'}")


@shop.command()
@click.option(
    "--store", type=click.Choice(["cached", "plain"]), default="cached", show_default=True, envvar="SHOP_STORE"
)
@click.option("--host", default="127.0.0.1", show_default=True, envvar="SHOP_HOST")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, envvar="SHOP_PORT")
def serve(store: Literal["cached", "plain"], host: str, port: int) -> None:
    """Answer HTTP until SIGTERM or SIGINT."""
    # A migration needs neither, and they take a second to import.
    import uvicorn  # noqa: PLC0415

    from shop.application import application  # noqa: PLC0415
    from shop.store import open_store  # noqa: PLC0415

    uvicorn.run(application(open_store(store)), host=host, port=port, access_log=False)


def main() -> None:
    """Run, and say a mistake in a sentence."""
    try:
        shop(prog_name="python -m shop")
    except (ElastiCacheKitError, psycopg.Error) as error:
        click.echo(str(error), err=True)
        sys.exit(FAILED if isinstance(error, (ConnectionFailedError, psycopg.Error)) else WRONG_USE)


if __name__ == "__main__":
    main()
