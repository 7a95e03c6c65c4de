"""What a snapshot tells of the cache that it was taken of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator.action import replication_group_spec as specs
from elasticache_kit.emulator.state.snapshot import NodeSnapshot

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.cache_cluster import CacheCluster
    from elasticache_kit.emulator.state.replication_group import Member, NodeGroup, ReplicationGroup


def described(region: Region, source: ReplicationGroup | CacheCluster) -> dict[str, Any]:
    """Give the settings that a snapshot keeps of a cache, by the API's names."""
    spec = source.spec
    subnets = region.subnet_groups.get(specs.text(spec.cache_subnet_group_name, ""))
    return {
        "CacheNodeType": spec.cache_node_type,
        "Engine": spec.engine or "redis",
        "EngineVersion": source.engine_version,
        "PreferredMaintenanceWindow": source.maintenance_window,
        "TopicArn": source.topic.arn if source.topic else None,
        "Port": source.port,
        "CacheParameterGroupName": source.parameter_group_name,
        "CacheSubnetGroupName": spec.cache_subnet_group_name,
        "VpcId": subnets.vpc_id if subnets else None,
        "AutoMinorVersionUpgrade": spec.auto_minor_version_upgrade is not False,
        "SnapshotRetentionLimit": spec.snapshot_retention_limit or 0,
        "SnapshotWindow": source.snapshot_window,
        "DataTiering": "disabled",
    }


def node(group: ReplicationGroup, node_group: NodeGroup, member: Member) -> NodeSnapshot:
    """Give what a snapshot keeps of a shard whose data is taken from a member."""
    members = [node_group.primary, *node_group.replicas]
    return NodeSnapshot(
        cache_cluster_id=member.cache_cluster_id,
        node_group_id=node_group.node_group_id if group.cluster_mode_enabled else None,
        slots=node_group.slots,
        replica_count=len(node_group.replicas),
        zones=tuple(item.availability_zone for item in members),
        created=member.created,
    )
