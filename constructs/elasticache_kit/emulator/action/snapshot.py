"""Snapshots: create, describe, copy, export, delete. Without engines they hold no data, see `has_data`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator import runtime, snapshot_data
from elasticache_kit.emulator.action import page, snapshot_record
from elasticache_kit.emulator.action.cache_cluster import available as available_cluster
from elasticache_kit.emulator.action.job import later
from elasticache_kit.emulator.action.replication_group_view import available as available_group
from elasticache_kit.emulator.action.turn import taking_turns
from elasticache_kit.emulator.fault import invalid_combination, invalid_value, refuse
from elasticache_kit.emulator.state.moment import now
from elasticache_kit.model import snapshot as rulebook

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.cache_cluster import CacheCluster
    from elasticache_kit.emulator.state.replication_group import ReplicationGroup
    from elasticache_kit.emulator.state.snapshot import NodeSnapshot, Snapshot

MOST = 50
# DescribeSnapshots calls those that the window brought system, and the snapshot itself automated.
_SOURCES = {"system": "automated", "automated": "automated", "user": "manual", "manual": "manual"}


@taking_turns
def create_snapshot(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Take a snapshot of a replication group, of one of its nodes, or of a cache cluster."""
    name, key = str(request["SnapshotName"]), request.get("KmsKeyId")
    group_id, cluster_id = request.get("ReplicationGroupId"), request.get("CacheClusterId")
    if not group_id or not cluster_id:
        taken, cache = _take(region, group_id, cluster_id, name, key)
    else:
        spec = rulebook.SnapshotSpec(snapshot_name=name, replication_group_id=group_id, cache_cluster_id=cluster_id)
        refuse(rulebook.check(spec))
        raise invalid_combination("Give ReplicationGroupId or CacheClusterId.")
    region.tag([taken.arn], request)
    cache.status = "snapshotting"

    def finish() -> None:
        try:
            snapshot_record.complete(region, taken)
        finally:
            cache.status = "available"

    answer = {"Snapshot": describe(taken, nodes=True)}
    runtime.current().lifecycle.start(f"snapshot {name}", finish)
    return answer


def describe_snapshots(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """List snapshots, or one by name, of one cache or of one source."""
    source = request.get("SnapshotSource")
    if source and source not in _SOURCES:
        raise invalid_value(f"SnapshotSource {source} is not one of system, user.")
    chosen = region.snapshots.listed(request.get("SnapshotName"))
    for member, field in (("ReplicationGroupId", "replication_group_id"), ("CacheClusterId", "cache_cluster_id")):
        if request.get(member):
            chosen = [item for item in chosen if getattr(item, field) == request[member].lower()]
    if source:
        chosen = [item for item in chosen if item.source == _SOURCES[source]]
    items, marker = page.cut(chosen, request, key=lambda item: item.snapshot_name, most=MOST)
    shape = bool(request.get("ShowNodeGroupConfig"))
    return {"Snapshots": [describe(item, nodes=True, shape=shape) for item in items], "Marker": marker}


@taking_turns
def copy_snapshot(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Copy a snapshot under another name, or its data to a bucket of S3."""
    source = _available(region, request["SourceSnapshotName"])
    target = str(request["TargetSnapshotName"])
    refuse(rulebook.check(rulebook.SnapshotSpec(snapshot_name=target, replication_group_id="x")))
    if bucket := request.get("TargetBucket"):
        return _export(region, source, bucket, target)
    region.snapshots.refuse_taken(target)
    snapshot_record.refuse_too_many(region, source)
    copied = dataclasses.replace(
        source,
        snapshot_name=target.lower(),
        arn=region.arn("snapshot", target.lower()),
        source="manual",
        kms_key_id=request.get("KmsKeyId") or source.kms_key_id,
        status="creating",
        created=now(),
        expires=None,
    )
    region.snapshots[copied.snapshot_name] = copied
    region.tag([copied.arn], request)
    source.status = "copying"
    answer = {"Snapshot": describe(copied, nodes=True)}

    def finish() -> None:
        if source.has_data:
            files = snapshot_data.copies(snapshot_record.files(source), copied.arn)
            pairs = zip(source.nodes, files, strict=True)
            copied.nodes = tuple(dataclasses.replace(node, data=file) for node, file in pairs)
        source.status = copied.status = "available"

    later(region, f"copy {target}", runtime.current().lifecycle.timing.modify, finish)
    return answer


@taking_turns
def delete_snapshot(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Remove a snapshot that is available."""
    gone = region.snapshots.find(request["SnapshotName"])
    if gone.status != "failed":
        gone = _available(region, request["SnapshotName"])
    gone.status = "deleting"
    answer = {"Snapshot": describe(gone, nodes=True)}
    later(
        region,
        f"delete snapshot {gone.snapshot_name}",
        runtime.current().lifecycle.timing.delete,
        lambda: snapshot_record.forget(region, gone),
    )
    return answer


def describe(taken: Snapshot, *, nodes: bool = False, shape: bool = False) -> dict[str, Any]:
    """Show a snapshot as the API does.

    Args:
        taken: the snapshot.
        nodes: whether to show what each node gave.
        shape: whether to show the shard of each node with it.
    """
    return {
        **taken.configuration,
        "SnapshotName": taken.snapshot_name,
        "ReplicationGroupId": taken.replication_group_id,
        "CacheClusterId": taken.cache_cluster_id,
        "SnapshotStatus": taken.status,
        "SnapshotSource": taken.source,
        "KmsKeyId": taken.kms_key_id,
        "ARN": taken.arn,
        "NodeSnapshots": [_node(taken, node, shape=shape) for node in taken.nodes] if nodes else [],
    }


def _export(region: Region, source: Snapshot, bucket: str, name: str) -> dict[str, Any]:
    if not source.has_data:
        raise invalid_combination(
            f"TargetBucket {bucket}: {source.snapshot_name} holds no data to export: it was taken without engines."
        )
    snapshot_data.refuse_bucket(region, bucket)
    source.status = "exporting"
    answer = {"Snapshot": describe(source, nodes=True)}

    def finish() -> None:
        snapshot_data.export(region, snapshot_record.files(source), bucket, name)
        source.status = "available"

    later(region, f"export {name}", runtime.current().lifecycle.timing.modify, finish)
    return answer


def _take(
    region: Region, group_id: str | None, cluster_id: str | None, name: str, key: str | None
) -> tuple[Snapshot, ReplicationGroup | CacheCluster]:
    if group_id:
        group = available_group(region, group_id)
        return snapshot_record.of_group(region, group, name, kms_key_id=key), group
    if not cluster_id:
        refuse(rulebook.check(rulebook.SnapshotSpec(snapshot_name=name)))
        raise invalid_combination("Give ReplicationGroupId or CacheClusterId.")
    if found := region.member(cluster_id):
        group = available_group(region, found[0].replication_group_id)
        return snapshot_record.of_member(region, group, found[1], name, key), group
    cluster = available_cluster(region, cluster_id)
    return snapshot_record.of_cache_cluster(region, cluster, name, kms_key_id=key), cluster


def _available(region: Region, name: str) -> Snapshot:
    return region.snapshots.at_rest(name, "InvalidSnapshotState")


def _node(taken: Snapshot, node: NodeSnapshot, *, shape: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "CacheClusterId": node.cache_cluster_id,
        "NodeGroupId": node.node_group_id,
        "CacheNodeId": "0001",
        # No engine gave anything: there is no size to tell.
        "CacheSize": "" if node.data is None else f"{node.data.stat().st_size} B",
        "CacheNodeCreateTime": node.created,
        "SnapshotCreateTime": taken.created,
    }
    if shape:
        shown["NodeGroupConfiguration"] = {
            "NodeGroupId": node.node_group_id,
            "Slots": node.slots,
            "ReplicaCount": node.replica_count,
            "PrimaryAvailabilityZone": node.zones[0],
            "ReplicaAvailabilityZones": list(node.zones[1:]),
        }
    return shown
