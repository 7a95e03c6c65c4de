"""`elasticache-kit events`: show what happened, and follow it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from elasticache_kit.cli import option, output
from elasticache_kit.ops import event, inventory, session

if TYPE_CHECKING:
    from elasticache_kit.ops.event import Event

_MOST_MINUTES = 14 * 24 * 60


@click.command(epilog="Example: elasticache-kit events orders --follow")
@click.argument("caches", metavar="[CACHE]...", nargs=-1)
@click.option(
    "--minutes",
    type=click.IntRange(1, _MOST_MINUTES),
    default=60,
    show_default=True,
    help="How far to look back, at most 14 days.",
)
@click.option("--follow", is_flag=True, help="Go on and show each event that comes, until Ctrl-C.")
@click.option("--for", "seconds", type=click.FloatRange(min=0), metavar="SECONDS", help="How long to follow at most.")
@option.output
@option.aws
def events(
    caches: tuple[str, ...],
    minutes: int,
    seconds: float | None,
    *,
    follow: bool,
    form: str,
    region: str | None,
    profile: str | None,
) -> None:
    """Show the events of each CACHE and its nodes, or of the whole Region; as JSON one document in each line."""
    api = session.connect(region=region, profile=profile)
    sources = _sources(api, caches) if caches else None
    lasting = (float("inf") if seconds is None else seconds) if follow else 0.0
    told = 0

    def tell(item: Event) -> None:
        nonlocal told
        told += 1
        output.data(_line(item, form))

    event.follow(api, sources, tell, minutes=minutes, seconds=lasting)
    if not told:
        # Not an error: what was deleted has events, and what is new has none yet.
        of = f" of {', '.join(caches)}" if caches else ""
        output.talk(f"there is no event{of} in the last {minutes} minutes in {api.where}: --minutes looks further back")


def _sources(api: session.Session, caches: tuple[str, ...]) -> frozenset[str]:
    """Return the ids, with those of the nodes of each that is a replication group."""
    groups = set(inventory.replication_group_ids(api))
    members = [name for item in caches if item in groups for name in inventory.replication_group(api, item).ids]
    return frozenset((*caches, *members))


def _line(item: Event, form: str) -> str:
    if form == "text":
        return f"{item.date:%Y-%m-%d %H:%M:%S}  {item.source_id}: {item.message}"
    record = {
        "date": item.date.isoformat(),
        "source_type": item.source_type,
        "source_id": item.source_id,
        "message": item.message,
    }
    return json.dumps(record)
