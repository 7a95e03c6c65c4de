"""`elasticache-kit global`: fail over or leave a global datastore."""

from __future__ import annotations

import click

from elasticache_kit.cli import operation as command
from elasticache_kit.ops import global_datastore, session

_to = click.option("--to", "to", metavar="REGION", required=True, help="The Region whose member is meant.")


@click.group("global", epilog="Example: elasticache-kit global failover ldgnf-orders --to eu-west-1")
def world() -> None:
    """Fail over a global datastore, or let a member of it stand alone."""


@world.command(epilog="Example: elasticache-kit global failover ldgnf-orders --to eu-west-1 --apply")
@click.argument("global_datastore_id", metavar="GLOBAL_DATASTORE")
@_to
@command.changing
def failover(
    global_datastore_id: str,
    to: str,
    *,
    apply: bool,
    timeout: float | None,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Make the secondary of a Region the primary of GLOBAL_DATASTORE; the primary becomes a secondary."""
    api = session.connect(region=region, profile=profile)
    seconds = timeout or global_datastore.TIMEOUT_SECONDS
    planned = global_datastore.failover(global_datastore.observe(api, global_datastore_id), to, timeout_seconds=seconds)
    command.perform(planned, api, apply=apply, form=form)


@world.command(epilog="Example: elasticache-kit global promote ldgnf-orders --to eu-west-1 --apply")
@click.argument("global_datastore_id", metavar="GLOBAL_DATASTORE")
@_to
@command.changing
def promote(
    global_datastore_id: str,
    to: str,
    *,
    apply: bool,
    timeout: float | None,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Let the secondary of a Region leave GLOBAL_DATASTORE and take writes itself, where the primary is lost."""
    api = session.connect(region=region, profile=profile)
    seconds = timeout or global_datastore.TIMEOUT_SECONDS
    planned = global_datastore.promote(global_datastore.observe(api, global_datastore_id), to, timeout_seconds=seconds)
    command.perform(planned, api, apply=apply, form=form)
