"""Snapshots: for now the final one of a replication group, which DeletionPolicy Snapshot asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.elasticache import models as moto_models

from elasticache_kit.emulator.action import replication_group_spec as specs

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.replication_group import ReplicationGroup


def record(backend: Any, region: Region, group: ReplicationGroup, name: str) -> None:
    """Record the final snapshot of a group in moto's own table, where DescribeSnapshots finds it."""
    spec = group.spec
    backend.snapshots[name] = moto_models.Snapshot(
        account_id=region.account_id,
        region_name=region.name,
        automatic_failover="enabled" if spec.automatic_failover_enabled else "disabled",
        auto_minor_version_upgrade=spec.auto_minor_version_upgrade is not False,
        cache_cluster_create_time=None,
        cache_cluster_id=None,
        cache_node_type=specs.text(spec.cache_node_type, ""),
        cache_parameter_group_name=group.parameter_group_name,
        cache_subnet_group_name=specs.text(spec.cache_subnet_group_name, ""),
        engine=specs.text(spec.engine, "redis"),
        engine_version=group.engine_version,
        kms_key_id=None,
        num_cache_nodes=None,
        num_node_groups=len(group.node_groups),
        port=group.port,
        preferred_availability_zone=None,
        preferred_maintenance_window=group.maintenance_window,
        preferred_outpost_arn=None,
        replication_group_description=specs.text(spec.replication_group_description, ""),
        replication_group_id=group.replication_group_id,
        snapshot_name=name,
        snapshot_retention_limit=None,
        snapshot_source="manual",
        snapshot_status="available",
        snapshot_window=group.snapshot_window,
        topic_arn=None,
        tags=[],
    )
