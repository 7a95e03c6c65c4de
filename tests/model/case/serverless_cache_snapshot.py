"""Snapshots of a serverless cache: of each rule one that breaks it, and one that keeps to it by a hair."""

from __future__ import annotations

from dataclasses import replace

from elasticache_kit.model.serverless_cache_snapshot import ServerlessCacheSnapshotSpec

SNAPSHOT = ServerlessCacheSnapshotSpec(serverless_cache_snapshot_name="monday", serverless_cache_name="orders")

CASES: dict[str, tuple[ServerlessCacheSnapshotSpec, ServerlessCacheSnapshotSpec]] = {
    "sl-snapshot-resource": (
        replace(SNAPSHOT, serverless_cache_snapshot_name="Monday"),
        replace(SNAPSHOT, serverless_cache_snapshot_name="m" * 255),
    ),
    "sl-snapshot-source": (replace(SNAPSHOT, serverless_cache_name=None), SNAPSHOT),
    "sl-snapshot-key": (replace(SNAPSHOT, kms_key_id="k" * 2049), replace(SNAPSHOT, kms_key_id="k" * 2048)),
}
