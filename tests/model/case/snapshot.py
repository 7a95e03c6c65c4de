"""Snapshots: of each rule one that breaks it, and one that keeps to it by a hair."""

from __future__ import annotations

from dataclasses import replace

from elasticache_kit.model.snapshot import SnapshotSpec

SNAPSHOT = SnapshotSpec(snapshot_name="monday", replication_group_id="orders")
OF_CLUSTER = SnapshotSpec(snapshot_name="monday", cache_cluster_id="orders-001")

CASES: dict[str, tuple[SnapshotSpec, SnapshotSpec]] = {
    "bk-name-required": (replace(SNAPSHOT, snapshot_name=None), SNAPSHOT),
    "bk-name-format": (replace(SNAPSHOT, snapshot_name="monday_1"), replace(SNAPSHOT, snapshot_name="monday-1")),
    "bk-source-one": (replace(SNAPSHOT, cache_cluster_id="orders-001"), OF_CLUSTER),
    "bk-engines": (replace(OF_CLUSTER, source_engine="memcached"), replace(OF_CLUSTER, source_engine="redis")),
    "bk-t1": (
        replace(OF_CLUSTER, source_cache_node_type="cache.t1.micro"),
        replace(OF_CLUSTER, source_cache_node_type="cache.t2.micro"),
    ),
    "bk-level": (
        replace(OF_CLUSTER, source_cluster_mode_enabled=True),
        replace(SNAPSHOT, source_cluster_mode_enabled=True),
    ),
}
