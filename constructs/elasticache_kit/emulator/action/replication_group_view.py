"""How DescribeReplicationGroups shows a replication group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator.action import replication_group_spec as specs
from elasticache_kit.emulator.action.cache_cluster_spec import log_delivery
from elasticache_kit.emulator.fault import invalid_state
from elasticache_kit.emulator.provision import endpoint as provision_endpoint
from elasticache_kit.model.replication_group.durability import effective

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.replication_group import Member, NodeGroup, ReplicationGroup


def busy(group: ReplicationGroup) -> bool:
    """Tell whether a failover goes on in a group that is otherwise at rest."""
    return group.status == "available" and any(item.status != "available" for item in group.node_groups)


def describe(region: Region, group: ReplicationGroup) -> dict[str, Any]:
    """Show a replication group as the API does."""
    spec = group.spec
    ready = group.status not in ("creating", "create-failed")
    cluster_mode = spec.cluster_mode if isinstance(spec.cluster_mode, str) else None
    shown: dict[str, Any] = {
        "ReplicationGroupId": group.replication_group_id,
        "Description": spec.replication_group_description,
        "Status": group.status,
        "PendingModifiedValues": dict(group.changing),
        "MemberClusters": [member.cache_cluster_id for member in group.members],
        "NodeGroups": [_node_group(region, group, item) for item in group.node_groups] if ready else [],
        "AutomaticFailover": "enabled" if spec.automatic_failover_enabled else "disabled",
        "MultiAZ": "enabled" if spec.multi_az_enabled else "disabled",
        "SnapshotRetentionLimit": spec.snapshot_retention_limit or 0,
        "SnapshotWindow": group.snapshot_window,
        "ClusterEnabled": group.cluster_mode_enabled,
        "CacheNodeType": spec.cache_node_type,
        "AuthTokenEnabled": group.auth_tokens is not None,
        "AuthTokenLastModifiedDate": group.auth_tokens.changed if group.auth_tokens else None,
        "TransitEncryptionEnabled": bool(spec.transit_encryption_enabled),
        "TransitEncryptionMode": (
            specs.text(spec.transit_encryption_mode, "required") if spec.transit_encryption_enabled else None
        ),
        "AtRestEncryptionEnabled": specs.encrypted_at_rest(spec),
        "KmsKeyId": spec.kms_key_id,
        "ARN": group.arn,
        "LogDeliveryConfigurations": log_delivery(region, spec.log_delivery_configurations),
        "ReplicationGroupCreateTime": group.created,
        "DataTiering": "enabled" if spec.data_tiering_enabled else "disabled",
        "AutoMinorVersionUpgrade": spec.auto_minor_version_upgrade is not False,
        "NetworkType": specs.text(spec.network_type, "ipv4"),
        "IpDiscovery": specs.text(spec.ip_discovery, "ipv4"),
        "UserGroupIds": list(group.user_group_ids),
        "ClusterMode": cluster_mode or ("enabled" if group.cluster_mode_enabled else "disabled"),
        "Engine": spec.engine or "redis",
        "Durability": specs.text(spec.durability, "default"),
        "EffectiveDurability": effective(spec),
    }
    if spec.snapshot_retention_limit and not group.cluster_mode_enabled:
        replicas = group.node_groups[0].replicas
        default = (replicas or group.node_groups[0].members)[0].cache_cluster_id
        shown["SnapshottingClusterId"] = specs.text(spec.snapshotting_cluster_id, default)
    if ready and group.cluster_mode_enabled:
        # In mode compatible clients of either kind connect, so both kinds of endpoints are there.
        shown["ConfigurationEndpoint"] = provision_endpoint.of_group(region, group, "configuration")
    if group.global_replication_group_id:
        shown["GlobalReplicationGroupInfo"] = {
            "GlobalReplicationGroupId": group.global_replication_group_id,
            "GlobalReplicationGroupMemberRole": group.global_role,
        }
    return shown


def _node_group(region: Region, group: ReplicationGroup, node_group: NodeGroup) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "NodeGroupId": node_group.node_group_id,
        "Status": node_group.status,
        "Slots": node_group.slots,
        "NodeGroupMembers": [_member(region, group, member) for member in node_group.members],
    }
    if not group.cluster_mode_enabled or group.spec.cluster_mode == "compatible":
        shown["PrimaryEndpoint"] = provision_endpoint.of_group(region, group, "primary")
        shown["ReaderEndpoint"] = provision_endpoint.of_group(region, group, "reader")
    return shown


def _member(region: Region, group: ReplicationGroup, member: Member) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "CacheClusterId": member.cache_cluster_id,
        "CacheNodeId": "0001",
        "PreferredAvailabilityZone": member.availability_zone,
    }
    if not group.cluster_mode_enabled:
        # AWS names roles and node endpoints only where cluster mode is disabled: elsewhere clients ask the cluster.
        shown["CurrentRole"] = member.role
        shown["ReadEndpoint"] = provision_endpoint.of_node(region, group, member)
    return shown


def available(region: Region, group_id: str) -> ReplicationGroup:
    """Find a group at rest, which is what every change asks for.

    Raises:
        Fault: ReplicationGroupNotFoundFault, InvalidReplicationGroupState.
    """
    group = region.replication_groups.at_rest(group_id, "InvalidReplicationGroupState")
    if busy(group):
        raise invalid_state(f"A failover of {group.replication_group_id} has not ended yet.")
    return group
