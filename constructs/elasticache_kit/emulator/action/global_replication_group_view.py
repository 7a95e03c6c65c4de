"""Global datastores as they stand: which there are, which can be changed, and how the API shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator.fault import Fault
from elasticache_kit.emulator.provision import global_replication_group as provision_global

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.global_replication_group import GlobalMember, GlobalReplicationGroup
    from elasticache_kit.emulator.state.replication_group import ReplicationGroup


def describe(region: Region, found: GlobalReplicationGroup, *, members: bool = False) -> dict[str, Any]:
    """Show a global datastore as the API does.

    Args:
        region: where the request came to.
        found: the global datastore.
        members: whether to show its members.
    """
    primary = group_of(region, found.primary)
    spec = primary.spec
    shown: dict[str, Any] = {
        "GlobalReplicationGroupId": found.global_replication_group_id,
        "GlobalReplicationGroupDescription": found.description,
        "Status": found.status,
        "CacheNodeType": spec.cache_node_type,
        "Engine": spec.engine or "redis",
        "EngineVersion": primary.engine_version,
        "ClusterEnabled": primary.cluster_mode_enabled,
        "AuthTokenEnabled": primary.auth_tokens is not None,
        "TransitEncryptionEnabled": bool(spec.transit_encryption_enabled),
        "AtRestEncryptionEnabled": bool(spec.at_rest_encryption_enabled),
        "ARN": found.arn,
    }
    if primary.cluster_mode_enabled:
        shown["GlobalNodeGroups"] = [
            {"GlobalNodeGroupId": f"{found.global_replication_group_id}-{item.node_group_id}", "Slots": item.slots}
            for item in primary.node_groups
        ]
    if members:
        shown["Members"] = [
            {
                "ReplicationGroupId": item.replication_group_id,
                "ReplicationGroupRegion": item.region_name,
                "Role": item.role,
                "AutomaticFailover": (
                    "enabled" if group_of(region, item).spec.automatic_failover_enabled else "disabled"
                ),
                "Status": item.status,
            }
            for item in found.members
        ]
    return shown


def at_rest(region: Region, global_id: str) -> GlobalReplicationGroup:
    """Find a global datastore that can be changed.

    Raises:
        Fault: GlobalReplicationGroupNotFoundFault, InvalidGlobalReplicationGroupState.
    """
    found = find(region, global_id)
    if found.status not in ("available", "primary-only"):
        raise state_fault(f"{global_id} is not available: its status is {found.status}.")
    for member in found.members:
        group = group_of(region, member)
        if group.status != "available":
            raise state_fault(f"{member.replication_group_id} in {member.region_name} is {group.status}.")
    return found


def find(region: Region, global_id: str) -> GlobalReplicationGroup:
    """Find a global datastore in any Region of the account.

    Raises:
        Fault: GlobalReplicationGroupNotFoundFault.
    """
    for item in provision_global.datastores(region):
        if item.global_replication_group_id == global_id.lower():
            return item
    return region.global_replication_groups.find(global_id)


def group_of(region: Region, member: GlobalMember) -> ReplicationGroup:
    """Return the replication group of a member."""
    return provision_global.sibling(region, member.region_name).replication_group(member.replication_group_id)


def state_fault(message: str) -> Fault:
    """Return the refusal of what a global datastore is in no state for."""
    return Fault("InvalidGlobalReplicationGroupState", message)
