"""Snapshots as they are taken: of a group, of one of its nodes, of a cache cluster."""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING, Literal

from elasticache_kit.emulator import fleet_key, runtime, snapshot_data
from elasticache_kit.emulator.action import replication_group_spec as specs
from elasticache_kit.emulator.action import snapshot_source
from elasticache_kit.emulator.fault import Fault, invalid_value, refuse
from elasticache_kit.emulator.state.moment import now
from elasticache_kit.emulator.state.replication_group import ReplicationGroup
from elasticache_kit.emulator.state.snapshot import NodeSnapshot, Snapshot
from elasticache_kit.model import quota
from elasticache_kit.model import snapshot as rulebook

if TYPE_CHECKING:
    from pathlib import Path

    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.cache_cluster import CacheCluster
    from elasticache_kit.emulator.state.replication_group import Member

logger = logging.getLogger(__name__)

# A snapshot that somebody asked for, or one that the window brought.
Source = Literal["manual", "automated"]
DAY = dt.timedelta(hours=24)


def of_group(
    region: Region,
    group: ReplicationGroup,
    name: str,
    *,
    source: Source = "manual",
    expires: dt.datetime | None = None,
    kms_key_id: str | None = None,
) -> Snapshot:
    """Record a snapshot of all shards of a replication group; `complete` writes its data.

    Args:
        region: where the group is.
        group: the group.
        name: what the snapshot is called.
        source: who asked for it.
        expires: when it goes; never when omitted.
        kms_key_id: the key that it is encrypted with; that of the service when omitted.

    Raises:
        Fault: the name is taken or wrong, the node type has no snapshots, or there were too many today.
    """
    refuse(
        rulebook.check(
            rulebook.SnapshotSpec(
                snapshot_name=name,
                replication_group_id=group.replication_group_id,
                source_engine=specs.text(group.spec.engine, "redis"),
                source_cache_node_type=specs.text(group.spec.cache_node_type, ""),
                source_cluster_mode_enabled=group.cluster_mode_enabled,
            )
        )
    )
    spec = group.spec
    shown = {
        **snapshot_source.described(region, group),
        "ReplicationGroupDescription": spec.replication_group_description,
        "NumNodeGroups": len(group.node_groups),
        "AutomaticFailover": "enabled" if spec.automatic_failover_enabled else "disabled",
    }
    taken = Snapshot(
        snapshot_name=name.lower(),
        arn=region.arn("snapshot", name.lower()),
        source=source,
        replication_group_id=group.replication_group_id,
        cache_cluster_id=None,
        engine=specs.text(spec.engine, "redis"),
        cache_node_type=specs.text(spec.cache_node_type, ""),
        configuration=shown,
        nodes=tuple(snapshot_source.node(group, node_group, node_group.primary) for node_group in group.node_groups),
        kms_key_id=kms_key_id or specs.text(spec.kms_key_id, "") or None,
        expires=expires,
    )
    return _keep(region, taken)


def of_member(
    region: Region, group: ReplicationGroup, member: Member, name: str, kms_key_id: str | None = None
) -> Snapshot:
    """Record a snapshot of one node of a group without cluster mode; the rest is as for `of_group`."""
    spec = group.spec
    refuse(
        rulebook.check(
            rulebook.SnapshotSpec(
                snapshot_name=name,
                cache_cluster_id=member.cache_cluster_id,
                source_engine=specs.text(spec.engine, "redis"),
                source_cache_node_type=specs.text(spec.cache_node_type, ""),
                source_cluster_mode_enabled=group.cluster_mode_enabled,
            )
        )
    )
    taken = Snapshot(
        snapshot_name=name.lower(),
        arn=region.arn("snapshot", name.lower()),
        source="manual",
        replication_group_id=None,
        cache_cluster_id=member.cache_cluster_id,
        engine=specs.text(spec.engine, "redis"),
        cache_node_type=specs.text(spec.cache_node_type, ""),
        configuration={
            **snapshot_source.described(region, group),
            "NumCacheNodes": 1,
            "PreferredAvailabilityZone": member.availability_zone,
            "CacheClusterCreateTime": member.created,
        },
        nodes=(snapshot_source.node(group, group.node_groups[0], member),),
        kms_key_id=kms_key_id or specs.text(spec.kms_key_id, "") or None,
    )
    return _keep(region, taken)


def of_cache_cluster(
    region: Region,
    cluster: CacheCluster,
    name: str,
    *,
    source: Source = "manual",
    expires: dt.datetime | None = None,
    kms_key_id: str | None = None,
) -> Snapshot:
    """Record a snapshot of a single node of redis; the rest is as for `of_group`."""
    spec = cluster.spec
    refuse(
        rulebook.check(
            rulebook.SnapshotSpec(
                snapshot_name=name,
                cache_cluster_id=cluster.cache_cluster_id,
                source_engine=cluster.engine,
                source_cache_node_type=specs.text(spec.cache_node_type, ""),
                source_cluster_mode_enabled=False,
            )
        )
    )
    node = cluster.nodes[0]
    taken = Snapshot(
        snapshot_name=name.lower(),
        arn=region.arn("snapshot", name.lower()),
        source=source,
        replication_group_id=None,
        cache_cluster_id=cluster.cache_cluster_id,
        engine=cluster.engine,
        cache_node_type=specs.text(spec.cache_node_type, ""),
        configuration={
            **snapshot_source.described(region, cluster),
            "NumCacheNodes": 1,
            "PreferredAvailabilityZone": node.availability_zone,
            "CacheClusterCreateTime": cluster.created,
        },
        nodes=(NodeSnapshot(cluster.cache_cluster_id, None, None, 0, (node.availability_zone,), node.created),),
        kms_key_id=kms_key_id,
        expires=expires,
    )
    return _keep(region, taken)


def automatic(region: Region, cache: ReplicationGroup | CacheCluster, due: dt.datetime, expires: dt.datetime) -> None:
    """Take the snapshot of a day.

    Args:
        region: where the cache is.
        cache: a replication group, or a single node of redis.
        due: the beginning of the window.
        expires: when the snapshot goes.
    """
    if isinstance(cache, ReplicationGroup):
        name = f"automatic.{cache.replication_group_id}-{due:%Y-%m-%d-%H-%M}"
        taken = of_group(region, cache, name, source="automated", expires=expires)
    else:
        name = f"automatic.{cache.cache_cluster_id}-{due:%Y-%m-%d-%H-%M}"
        taken = of_cache_cluster(region, cache, name, source="automated", expires=expires)
    taken.created = due
    name = f"snapshot {taken.snapshot_name}"
    runtime.current().lifecycle.start(name, lambda: complete(region, taken))


def refuse_too_many(region: Region, taken: Snapshot) -> None:
    """Refuse a manual snapshot above the quota of a day.

    Raises:
        Fault: SnapshotQuotaExceededFault.
    """
    limit = quota.quotas()["manual-snapshots-per-day-node"].value
    day = now() - DAY
    source = (taken.replication_group_id, taken.cache_cluster_id)
    today = [
        item
        for item in region.snapshots.values()
        if item.source == "manual"
        and item.created > day
        and (item.replication_group_id, item.cache_cluster_id) == source
    ]
    if len(today) >= limit:
        raise Fault(
            "SnapshotQuotaExceededFault", f"{limit} manual snapshots were taken in 24 hours, which is the quota."
        )


def complete(region: Region, taken: Snapshot) -> None:
    """Write the data of a snapshot that has been recorded, and make it available, or mark it as failed."""
    running = runtime.current()
    running.lifecycle.pause(running.lifecycle.timing.modify)
    kind = "replication group" if taken.replication_group_id else "cache cluster"
    source_id = taken.replication_group_id or taken.cache_cluster_id
    what = f"snapshot with ID '{taken.snapshot_name}' of {kind} with ID '{source_id}'"
    # The node that it was taken of tells of it, also where it is of a whole group.
    teller = taken.nodes[0].cache_cluster_id
    try:
        nodes = snapshot_data.write(running.fleet, _fleet_key(region, taken), taken) if running.fleet else taken.nodes
    except Exception:
        # Whatever it was: a deletion that waits for this goes on.
        logger.exception("%s", what)
        taken.status = "failed"
        region.record("cache-cluster", teller, f"Snapshot failed for {what}")
        return
    with region.lock:
        taken.nodes, taken.status = nodes, "available"
        region.record("cache-cluster", teller, f"Snapshot succeeded for {what}")


def files(taken: Snapshot) -> tuple[Path, ...]:
    """Return the files that a cache starts with that is made from a snapshot; none without engines.

    Raises:
        Fault: InvalidParameterValue where it has none.
    """
    if runtime.current().fleet is None:
        return ()
    if not taken.has_data:
        raise invalid_value(f"Snapshot {taken.snapshot_name} holds no data: it was taken without engines.")
    return tuple(node.data for node in taken.nodes if node.data is not None)


def forget(region: Region, taken: Snapshot) -> None:
    """Remove a snapshot with its data."""
    region.snapshots.forget(taken.snapshot_name)
    snapshot_data.forget(taken.arn)


def _fleet_key(region: Region, taken: Snapshot) -> str:
    """Name the engines that a snapshot is taken of."""
    if taken.replication_group_id:
        return region.fleet_key(taken.replication_group_id)
    cluster_id = str(taken.cache_cluster_id)
    if found := region.member(cluster_id):
        return region.fleet_key(found[0].replication_group_id)
    return fleet_key.of_cache_cluster(region, cluster_id)


def _keep(region: Region, taken: Snapshot) -> Snapshot:
    region.snapshots.refuse_taken(taken.snapshot_name)
    if taken.source == "manual":
        refuse_too_many(region, taken)
    region.snapshots[taken.snapshot_name] = taken
    return taken
