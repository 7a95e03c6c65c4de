"""How DescribeCacheClusters shows a cache cluster, and a node of a replication group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from elasticache_kit.emulator.action import cache_cluster_spec as cluster_specs
from elasticache_kit.emulator.action import replication_group_spec as specs
from elasticache_kit.emulator.provision import cache_cluster as provision_cache_cluster
from elasticache_kit.emulator.provision import endpoint as provision_endpoint
from elasticache_kit.model.engine import Engine

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.cache_cluster import CacheCluster
    from elasticache_kit.emulator.state.replication_group import Member, ReplicationGroup
    from elasticache_kit.emulator.state.topic import Topic

# The fields of a spec that PendingModifiedValues shows while they wait for the maintenance window.
_PENDING = {
    "cache_node_type": "CacheNodeType",
    "engine_version": "EngineVersion",
    "num_cache_nodes": "NumCacheNodes",
}


def describe_cluster(region: Region, cluster: CacheCluster, *, nodes: bool = False) -> dict[str, Any]:
    """Show a cluster that belongs to no replication group.

    Args:
        region: where it is.
        cluster: the cluster.
        nodes: whether to show its nodes.
    """
    spec, ready = cluster.spec, cluster.status != "creating"
    memcached = cluster.engine == Engine.MEMCACHED
    waiting = [node.cache_node_id for node in cluster.nodes if node.reboot_pending]
    zones = {node.availability_zone for node in cluster.nodes}
    shown: dict[str, Any] = {
        "CacheClusterId": cluster.cache_cluster_id,
        "ClientDownloadLandingPage": "https://console.aws.amazon.com/elasticache/home#client-download:",
        "CacheNodeType": spec.cache_node_type,
        "Engine": cluster.engine,
        "EngineVersion": cluster.engine_version,
        "CacheClusterStatus": cluster.status,
        "NumCacheNodes": len(cluster.nodes),
        "PreferredAvailabilityZone": "Multiple" if len(zones) > 1 else next(iter(zones)),
        "CacheClusterCreateTime": cluster.created if ready else None,
        "PreferredMaintenanceWindow": cluster.maintenance_window,
        "PendingModifiedValues": _pending(cluster),
        "CacheSecurityGroups": [],
        "CacheParameterGroup": {
            "CacheParameterGroupName": cluster.parameter_group_name,
            "ParameterApplyStatus": "pending-reboot" if waiting else "in-sync",
            "CacheNodeIdsToReboot": waiting,
        },
        "CacheSubnetGroupName": spec.cache_subnet_group_name,
        "AutoMinorVersionUpgrade": spec.auto_minor_version_upgrade is not False,
        "SecurityGroups": _security_groups(spec.vpc_security_group_ids),
        "AuthTokenEnabled": False,
        "TransitEncryptionEnabled": bool(spec.transit_encryption_enabled),
        "AtRestEncryptionEnabled": False,
        "ARN": cluster.arn,
        "ReplicationGroupLogDeliveryEnabled": False,
        "LogDeliveryConfigurations": cluster_specs.log_delivery(region, spec.log_delivery_configurations),
        "NetworkType": specs.text(spec.network_type, "ipv4"),
        "IpDiscovery": specs.text(spec.ip_discovery, "ipv4"),
        **_notification(cluster.topic),
    }
    if memcached and ready:
        shown["ConfigurationEndpoint"] = provision_cache_cluster.configuration_endpoint(region, cluster)
    if not memcached:
        shown["SnapshotRetentionLimit"] = spec.snapshot_retention_limit or 0
        shown["SnapshotWindow"] = cluster.snapshot_window
    if nodes and ready:
        shown["CacheNodes"] = [
            {
                "CacheNodeId": node.cache_node_id,
                "CacheNodeStatus": node.status,
                "CacheNodeCreateTime": node.created,
                "Endpoint": provision_cache_cluster.node_endpoint(region, cluster, node),
                "ParameterGroupStatus": "pending-reboot" if node.reboot_pending else "in-sync",
                "CustomerAvailabilityZone": node.availability_zone,
            }
            for node in cluster.nodes
        ]
    return shown


def describe_member(region: Region, group: ReplicationGroup, member: Member, *, nodes: bool = False) -> dict[str, Any]:
    """Show a node of a replication group.

    Args:
        region: where it is.
        group: its group.
        member: the node.
        nodes: whether to show its endpoint.
    """
    spec = group.spec
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
        "PendingModifiedValues": {_PENDING[name]: value for name, value in group.pending.items() if name in _PENDING},
        "CacheSecurityGroups": [],
        "CacheParameterGroup": {
            "CacheParameterGroupName": group.parameter_group_name,
            "ParameterApplyStatus": "pending-reboot" if member.reboot_pending else "in-sync",
            "CacheNodeIdsToReboot": ["0001"] if member.reboot_pending else [],
        },
        "CacheSubnetGroupName": spec.cache_subnet_group_name,
        "AutoMinorVersionUpgrade": spec.auto_minor_version_upgrade is not False,
        "SecurityGroups": _security_groups(spec.security_group_ids),
        "ReplicationGroupId": group.replication_group_id,
        "SnapshotRetentionLimit": 0,
        "SnapshotWindow": group.snapshot_window,
        "AuthTokenEnabled": group.auth_tokens is not None,
        "AuthTokenLastModifiedDate": group.auth_tokens.changed if group.auth_tokens else None,
        "TransitEncryptionEnabled": bool(spec.transit_encryption_enabled),
        "TransitEncryptionMode": (
            specs.text(spec.transit_encryption_mode, "required") if spec.transit_encryption_enabled else None
        ),
        "AtRestEncryptionEnabled": specs.encrypted_at_rest(spec),
        "ARN": region.arn("cluster", member.cache_cluster_id),
        "ReplicationGroupLogDeliveryEnabled": bool(spec.log_delivery_configurations),
        "LogDeliveryConfigurations": cluster_specs.log_delivery(region, spec.log_delivery_configurations),
        "NetworkType": specs.text(spec.network_type, "ipv4"),
        "IpDiscovery": specs.text(spec.ip_discovery, "ipv4"),
        **_notification(group.topic),
    }
    if nodes and member.status != "creating":
        shown["CacheNodes"] = [
            {
                "CacheNodeId": "0001",
                "CacheNodeStatus": member.status,
                "CacheNodeCreateTime": member.created,
                "Endpoint": provision_endpoint.of_node(region, group, member),
                "ParameterGroupStatus": "pending-reboot" if member.reboot_pending else "in-sync",
                "CustomerAvailabilityZone": member.availability_zone,
            }
        ]
    return shown


def _pending(cluster: CacheCluster) -> dict[str, Any]:
    shown = {_PENDING[name]: value for name, value in cluster.pending.items() if name in _PENDING}
    return {**shown, "CacheNodeIdsToRemove": list(cluster.removing)} if cluster.removing else shown


def _notification(topic: Topic | None) -> dict[str, Any]:
    return {"NotificationConfiguration": {"TopicArn": topic.arn, "TopicStatus": topic.status}} if topic else {}


def _security_groups(given: object) -> list[dict[str, Any]]:
    groups = cast("tuple[object, ...]", given) if isinstance(given, tuple) else ()
    return [{"SecurityGroupId": item, "Status": "active"} for item in groups]
