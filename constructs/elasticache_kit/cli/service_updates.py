"""`elasticache-kit service-updates`: show what AWS offers for caches, and apply it."""

from __future__ import annotations

import dataclasses

import click

from elasticache_kit.cli import operation as command
from elasticache_kit.cli import option, output
from elasticache_kit.ops import inventory, service_update, session


@click.group("service-updates", epilog="Example: elasticache-kit service-updates list")
def service_updates() -> None:
    """Show what AWS offers for caches, and apply it."""


@service_updates.command("list", epilog="Example: elasticache-kit service-updates list --output json")
@option.output
@option.aws
def list_updates(*, form: str, region: str | None, profile: str | None) -> None:
    """List the service updates that caches have not got yet."""
    found = service_update.due(session.connect(region=region, profile=profile))
    if form == "json":
        output.document({"updates": [dataclasses.asdict(item) for item in found]})
        return
    lines = [
        f"{item.cache_id}  {item.name}  {item.severity}  {item.status}"
        + (f"  by {item.recommended_by:%Y-%m-%d}" if item.recommended_by else "")
        for item in found
    ]
    output.data("\n".join(lines) or "no update is due")


@service_updates.command("apply", epilog="Example: elasticache-kit service-updates apply NAME orders --apply")
@click.argument("name")
@click.argument("caches", metavar="[CACHE]...", nargs=-1)
@command.changing
def apply_update(
    name: str,
    caches: tuple[str, ...],
    *,
    apply: bool,
    timeout: float | None,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Apply the service update NAME to each CACHE, or to all for which it is due."""
    api = session.connect(region=region, profile=profile)
    planned = service_update.plan(
        name,
        caches,
        service_update.due(api),
        inventory.replication_group_ids(api),
        timeout_seconds=timeout or service_update.TIMEOUT_SECONDS,
    )
    command.perform(planned, api, apply=apply, form=form)
