"""Cache clusters: for now the members of replication groups, which DescribeCacheClusters shows one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator import provision
from elasticache_kit.emulator.action import page
from elasticache_kit.emulator.action import replication_group_spec as specs
from elasticache_kit.emulator.fault import Fault

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.replication_group import Member, ReplicationGroup


def describe_cache_clusters(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """List cache clusters, or one by id; their nodes only where ShowCacheNodeInfo asks for them."""
    wanted = str(request.get("CacheClusterId") or "").lower()
    if request.get("ShowCacheClustersNotInReplicationGroups"):
        return {"CacheClusters": []}
    chosen = [item for item in _members(region) if wanted in ("", item[1].cache_cluster_id)]
    if wanted and not chosen:
        raise Fault("CacheClusterNotFound", f"CacheCluster not found: {wanted}")
    items, marker = page.cut(chosen, request, key=lambda item: item[1].cache_cluster_id)
    nodes = bool(request.get("ShowCacheNodeInfo"))
    return {
        "CacheClusters": [_describe(region, group, member, nodes=nodes) for group, member in items],
        "Marker": marker,
    }


def _members(region: Region) -> Iterator[tuple[ReplicationGroup, Member]]:
    for group in region.replication_groups.values():
        for member in group.members:
            yield group, member


def _describe(region: Region, group: ReplicationGroup, member: Member, *, nodes: bool) -> dict[str, Any]:
    spec = group.spec
    groups = spec.security_group_ids if isinstance(spec.security_group_ids, tuple) else ()
    shown: dict[str, Any] = {
        "CacheClusterId": member.cache_cluster_id,
        "CacheNodeType": spec.cache_node_type,
        "Engine": spec.engine or "redis",
        "EngineVersion": group.engine_version,
        "CacheClusterStatus": member.status,
        "NumCacheNodes": 1,
        "PreferredAvailabilityZone": member.availability_zone,
        "CacheClusterCreateTime": member.created,
        "PreferredMaintenanceWindow": group.maintenance_window,
        "PendingModifiedValues": {},
        "CacheSecurityGroups": [],
        "CacheParameterGroup": {
            "CacheParameterGroupName": group.parameter_group_name,
            "ParameterApplyStatus": "in-sync",
            "CacheNodeIdsToReboot": [],
        },
        "CacheSubnetGroupName": spec.cache_subnet_group_name,
        "AutoMinorVersionUpgrade": spec.auto_minor_version_upgrade is not False,
        "SecurityGroups": [{"SecurityGroupId": item, "Status": "active"} for item in groups],
        "ReplicationGroupId": group.replication_group_id,
        "SnapshotRetentionLimit": 0,
        "SnapshotWindow": group.snapshot_window,
        "AuthTokenEnabled": False,
        "TransitEncryptionEnabled": bool(spec.transit_encryption_enabled),
        "AtRestEncryptionEnabled": specs.encrypted_at_rest(spec),
        "ARN": region.arn("cluster", member.cache_cluster_id),
        "ReplicationGroupLogDeliveryEnabled": False,
        "LogDeliveryConfigurations": [],
        "NetworkType": "ipv4",
        "IpDiscovery": "ipv4",
    }
    if nodes and member.status != "creating":
        shown["CacheNodes"] = [
            {
                "CacheNodeId": "0001",
                "CacheNodeStatus": member.status,
                "CacheNodeCreateTime": member.created,
                "Endpoint": provision.node_endpoint(region, group, member),
                "ParameterGroupStatus": "in-sync",
                "CustomerAvailabilityZone": member.availability_zone,
            }
        ]
    return shown
