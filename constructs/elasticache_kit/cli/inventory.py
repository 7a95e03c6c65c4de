"""`elasticache-kit inventory`: every cache with its nodes, and what to look at."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from elasticache_kit.cli import EXIT_FAILED, option, output
from elasticache_kit.cli.progress import Progress
from elasticache_kit.ops import finding, region, session

if TYPE_CHECKING:
    from elasticache_kit.ops.finding import Finding
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.region import Region

_COLOURS = {"risk": "red", "note": "yellow"}


@click.command(epilog="Example: elasticache-kit inventory --all-regions --output json")
@click.option("--all-regions", is_flag=True, help="Look into every Region; into one when omitted.")
@click.option("--strict", is_flag=True, help="Exit with 1 where a risk is found.")
@option.output
@option.aws
def inventory(*, all_regions: bool, strict: bool, form: str, region: str | None, profile: str | None) -> None:
    """Show every cache: nodes with roles, zones, slots, versions and status, encryption, backups, and findings.

    Nothing is changed. A finding is a risk where data or availability are at stake, and a note elsewhere.
    """
    found = _observe(region, profile, everywhere=all_regions)
    told = {item.name: finding.findings(item, datetime.now(UTC).date()) for item in found}
    if form == "json":
        output.document({"regions": [_document(item, told[item.name]) for item in found]})
    else:
        output.data("\n".join(line for item in found for line in _lines(item, told[item.name])))
    if strict and any(item.level == "risk" for items in told.values() for item in items):
        sys.exit(EXIT_FAILED)


def _observe(name: str | None, profile: str | None, *, everywhere: bool) -> tuple[Region, ...]:
    api = session.connect(region=name, profile=profile)
    if not everywhere:
        return (region.observe(api),)
    with Progress("looking into every Region") if sys.stderr.isatty() else nullcontext():
        found = region.everywhere(api)
    # Most Regions of an account are empty, and some are not enabled.
    return tuple(item for item in found if not item.empty) or found[:1]


def _document(item: Region, told: tuple[Finding, ...]) -> dict[str, object]:
    groups = [
        {name: value for name, value in dataclasses.asdict(group).items() if name != "spec"}
        for group in item.replication_groups
    ]
    return {
        **dataclasses.asdict(dataclasses.replace(item, replication_groups=())),
        "replication_groups": groups,
        "findings": [dataclasses.asdict(each) for each in told],
    }


def _lines(item: Region, told: tuple[Finding, ...]) -> Iterator[str]:
    yield click.style(item.name, bold=True) + ("  no caches" if item.empty else "")
    for group in item.replication_groups:
        yield from _group(group)
    for cluster in item.cache_clusters:
        what = f"{cluster.engine} {cluster.engine_version}, {cluster.cache_node_type}, {cluster.status}"
        yield f"  {click.style(cluster.cache_cluster_id, bold=True)}  {what}"
        yield from (f"    node {node}  {zone}  {status}" for node, zone, status in cluster.nodes)
    for cache in item.serverless_caches:
        backups = _backups(cache.snapshot_retention_limit)
        what = f"serverless {cache.engine} {cache.engine_version}, {cache.status}, {backups}"
        yield f"  {click.style(cache.serverless_cache_name, bold=True)}  {what}"
        yield f"    endpoint {cache.endpoint or 'none yet'}"
    for each in told:
        mark = click.style(each.level, fg=_COLOURS[each.level], bold=True)
        yield f"  {mark}: {each.resource}: {each.message}; {each.remedy}   [{each.rule}]"
    yield from (f"  not known: {each}" for each in item.unknown)


def _group(group: ReplicationGroup) -> Iterator[str]:
    version = ", ".join(sorted({m.engine_version for m in group.members if m.engine_version})) or "version not known"
    mode = f"cluster mode {group.cluster_mode}"
    what = f"{group.engine} {version}, {group.cache_node_type}, {mode}, {group.status}"
    yield f"  {click.style(group.replication_group_id, bold=True)}  {what}"
    tls = f"TLS {group.transit_encryption_mode or 'on'}" if group.transit_encryption else "no TLS"
    rest = "encrypted at rest" if group.at_rest_encryption else "not encrypted at rest"
    failover = f"automatic failover {group.automatic_failover}, Multi-AZ {group.multi_az}"
    yield f"    {tls}, {rest}, {_backups(group.snapshot_retention_limit)}, {failover}"
    if group.pending:
        yield f"    pending: {', '.join(group.pending)}"
    for node_group in group.node_groups:
        slots = f"  slots {node_group.slots}" if node_group.slots else ""
        yield f"    node group {node_group.node_group_id}  {node_group.status}{slots}"
        for member in node_group.members:
            zone, status = member.availability_zone or "zone not known", member.status or "status not known"
            yield f"      {member.role or 'member'} {member.cache_cluster_id}  {zone}  {status}"


def _backups(retention: int) -> str:
    return f"backups kept {retention} days" if retention else "no backups"
