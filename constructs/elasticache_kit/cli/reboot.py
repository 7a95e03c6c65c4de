"""`elasticache-kit reboot`: reboot nodes one after the other."""

from __future__ import annotations

import click

from elasticache_kit.cli import operation as command
from elasticache_kit.ops import reboot as operation
from elasticache_kit.ops import session


@click.command(epilog="Example: elasticache-kit reboot orders --node orders-002 --apply")
@click.argument("cache")
@click.option(
    "--node",
    "nodes",
    metavar="ID",
    multiple=True,
    help="Node: orders-002 of a group, 0001 of a cluster; may be repeated. All when omitted.",
)
@command.changing
def reboot(
    cache: str,
    nodes: tuple[str, ...],
    *,
    apply: bool,
    timeout: float | None,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Reboot the nodes of CACHE, a replication group or a cache cluster, one after the other, the primary last."""
    api = session.connect(region=region, profile=profile)
    planned = operation.plan(api, cache, nodes, timeout_seconds=timeout or operation.TIMEOUT_SECONDS)
    command.perform(planned, api, apply=apply, form=form)
