"""Findings: what an operator should look at in the caches of a Region. Pure: everything is in the records."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from elasticache_kit.errors import ValidationError
from elasticache_kit.model.engine import Engine, support
from elasticache_kit.model.slot import parse_ranges

if TYPE_CHECKING:
    from elasticache_kit.ops.inventory import NodeGroup, ReplicationGroup
    from elasticache_kit.ops.region import CacheCluster, Region, ServerlessCache

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
# An upgrade is planned, tried and done in less than a year.
_SOON_DAYS = 365
_GRAVE_UPDATES = frozenset({"critical", "important"})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at.

    Args:
        level: `risk` where data or availability are at stake, `note` elsewhere.
        rule: its name, for good, for example `single-az`.
        resource: the cache or node.
        message: what it is.
        remedy: what to do.
    """

    level: str
    rule: str
    resource: str
    message: str
    remedy: str


def findings(region: Region, today: date) -> tuple[Finding, ...]:
    """Return what is to be looked at in a Region, risks first.

    Args:
        region: what there is.
        today: what end of support is held against.
    """
    found = [item for group in region.replication_groups for item in _group(group, today)]
    found += [item for cluster in region.cache_clusters for item in _cluster(cluster, today)]
    found += [item for cache in region.serverless_caches for item in _serverless(cache)]
    for due in region.updates:
        level = "risk" if due.severity in _GRAVE_UPDATES else "note"
        until = f", recommended until {due.recommended_by:%Y-%m-%d}" if due.recommended_by else ""
        text = f"the service update {due.name} ({due.severity}) is {due.status}{until}"
        found.append(Finding(level, "update-due", due.cache_id, text, "apply it: service-updates"))
    for item in region.pressures:
        text = f"{item.metric} was {item.worst:g} within the last hour, AWS recommends an alarm at {item.threshold:g}"
        found.append(Finding("risk", "pressure", item.cache_cluster_id, text, item.why))
    return tuple(sorted(found, key=lambda item: (item.level != "risk", item.resource)))


def _group(group: ReplicationGroup, today: date) -> Iterator[Finding]:
    name = group.replication_group_id
    yield from _availability(group)
    yield from _backup(name, group.snapshot_retention_limit)
    for version in sorted({m.engine_version for m in group.members if m.engine_version}):
        yield from _support(name, group.engine, version, today)
    if not even(group):
        text = "slots are spread unevenly over the node groups"
        yield Finding("note", "uneven-slots", name, text, "spread them: reshard --rebalance")
    yield from _protection(group)


def _availability(group: ReplicationGroup) -> Iterator[Finding]:
    name = group.replication_group_id
    alone = [item.node_group_id for item in group.node_groups if len(item.members) == 1]
    if alone:
        text = f"node group {', '.join(alone)} has no replica: what it holds is lost with its node"
        yield Finding("risk", "no-replica", name, text, "add a replica: scale --replicas 1")
    close = [item.node_group_id for item in group.node_groups if len(item.members) > 1 and len(_zones(item)) == 1]
    if close:
        text = f"all nodes of node group {', '.join(close)} are in one zone"
        yield Finding("risk", "single-az", name, text, "turn Multi-AZ on, or add a replica in another zone")
    elif not alone and group.multi_az != "enabled":
        text = "Multi-AZ is off: a replacement may come into the zone of the others"
        yield Finding("note", "multi-az-off", name, text, "turn Multi-AZ on")
    if not alone and group.automatic_failover not in {"enabled", "enabling"}:
        text = "automatic failover is off: nobody is promoted when a primary dies"
        yield Finding("risk", "no-failover", name, text, "turn automatic failover on")


def _protection(group: ReplicationGroup) -> Iterator[Finding]:
    name = group.replication_group_id
    if not group.transit_encryption:
        yield Finding("risk", "no-tls", name, "clients use no TLS", "turn it on: tls --to preferred")
    elif group.transit_encryption_mode == "preferred":
        yield Finding("note", "tls-optional", name, "clients may leave TLS out", "go on: tls --to required")
    if not group.at_rest_encryption:
        text = "nothing is encrypted at rest"
        yield Finding("note", "no-encryption", name, text, "restore a snapshot into a group that is encrypted")
    if not group.auth_token_enabled and not group.user_group_ids:
        text = "whoever reaches a node may do everything with it"
        yield Finding("risk", "no-sign-in", name, text, "attach a user group")


def _cluster(cluster: CacheCluster, today: date) -> Iterator[Finding]:
    name = cluster.cache_cluster_id
    zones = {zone for _, zone, _ in cluster.nodes}
    if len(cluster.nodes) > 1 and len(zones) == 1:
        yield Finding("risk", "single-az", name, "all nodes are in one zone", "make it anew over several zones")
    if cluster.engine != Engine.MEMCACHED:
        text = "a single node has no replica: what it holds is lost with it"
        yield Finding("risk", "no-replica", name, text, "make a replication group of it")
        yield from _backup(name, cluster.snapshot_retention_limit)
    yield from _support(name, cluster.engine, cluster.engine_version, today)


def _serverless(cache: ServerlessCache) -> Iterator[Finding]:
    if cache.engine != Engine.MEMCACHED:
        yield from _backup(cache.serverless_cache_name, cache.snapshot_retention_limit)
        if cache.user_group_id is None:
            text = "whoever reaches it may do everything with it"
            yield Finding("risk", "no-sign-in", cache.serverless_cache_name, text, "attach a user group")


def _backup(name: str, retention: int) -> Iterator[Finding]:
    if retention == 0:
        yield Finding("risk", "no-backup", name, "no automatic snapshot is taken", "set SnapshotRetentionLimit")


def _support(name: str, engine: str, version: str, today: date) -> Iterator[Finding]:
    try:
        status = support(engine, version)
    except ValidationError:
        return
    if status is None or status in {"supported", "listed"}:
        return
    end = _DATE.search(status)
    if end is not None and (date.fromisoformat(end[0]) - today).days > _SOON_DAYS:
        return
    text = f"{engine} {version}: {status}"
    yield Finding("risk", "engine-support", name, text, "go to a newer version, of valkey if you can: upgrade")


def _zones(group: NodeGroup) -> set[str | None]:
    return {member.availability_zone for member in group.members}


def even(group: ReplicationGroup) -> bool:
    """Tell whether slots are spread evenly; so they are where cluster mode has none to spread."""
    sizes = [sum(len(part) for part in parse_ranges(item.slots)) for item in group.node_groups if item.slots]
    return not sizes or max(sizes) - min(sizes) <= 1
