"""Replication groups: create, describe, modify, delete, and their number of replicas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator import provision, runtime
from elasticache_kit.emulator.action import page
from elasticache_kit.emulator.action import replication_group_spec as specs
from elasticache_kit.emulator.action.turn import taking_turns
from elasticache_kit.emulator.fault import Fault, invalid_combination, invalid_state, invalid_value, refuse
from elasticache_kit.emulator.state.replication_group import Member, NodeGroup, ReplicationGroup
from elasticache_kit.model import replication_group as rulebook
from elasticache_kit.model import topology

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region

DEFAULT_SNAPSHOT_WINDOW = "05:00-06:00"
DEFAULT_MAINTENANCE_WINDOW = "sun:07:00-sun:08:00"


@taking_turns
def create_replication_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Make a replication group; its engines start while the answer is on its way."""
    group_id = str(request.get("ReplicationGroupId", "")).lower()
    if group_id in region.replication_groups:
        raise Fault("ReplicationGroupAlreadyExists", f"Replication group {group_id} already exists.")
    spec = specs.requested(region, group_id, request)
    refuse(rulebook.check(spec))
    specs.refuse_not_yet(request)
    zones = spec.subnet_zones if isinstance(spec.subnet_zones, tuple) else ()
    zones = zones or tuple(f"{region.name}{letter}" for letter in "abc")
    group = ReplicationGroup(
        replication_group_id=group_id,
        arn=region.arn("replicationgroup", group_id),
        spec=spec,
        cluster_mode_enabled=topology.cluster_mode_enabled(spec) is True,
        engine_version=specs.engine_version(spec).version,
        parameter_group_name=specs.parameter_group_name(spec),
        node_groups=[
            NodeGroup(
                node_group_id=planned.node_group_id,
                slots=planned.slots,
                members=[
                    Member(node.cache_cluster_id, node.availability_zone, "replica" if place else "primary")
                    for place, node in enumerate(planned.members)
                ],
            )
            for planned in topology.node_groups(group_id, spec, zones)
        ],
        snapshot_window=specs.text(spec.snapshot_window, DEFAULT_SNAPSHOT_WINDOW),
        maintenance_window=specs.text(spec.preferred_maintenance_window, DEFAULT_MAINTENANCE_WINDOW),
    )
    region.replication_groups[group_id] = group
    region.tag([group.arn, *(region.arn("cluster", item.cache_cluster_id) for item in group.members)], request)
    answer = {"ReplicationGroup": describe(region, group)}
    runtime.current().lifecycle.start(f"create {group_id}", lambda: provision.create(region, group))
    return answer


def describe_replication_groups(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """List replication groups, or one by id."""
    wanted = request.get("ReplicationGroupId")
    groups = [region.replication_group(wanted)] if wanted else list(region.replication_groups.values())
    items, marker = page.cut(groups, request, key=lambda group: group.replication_group_id)
    return {"ReplicationGroups": [describe(region, group) for group in items], "Marker": marker}


@taking_turns
def modify_replication_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change a replication group that is available."""
    group = _available(region, request["ReplicationGroupId"])
    if request.get("PrimaryClusterId") or request.get("NodeGroupId"):
        raise invalid_value("Promotion by hand is not implemented by the local emulator yet: use TestFailover.")
    if not request.get("ApplyImmediately"):
        raise invalid_value(
            "Changes in the maintenance window are not implemented by the local emulator yet: "
            "ApplyImmediately must be true."
        )
    spec = specs.modified(region, group.spec, request)
    refuse(rulebook.check(spec))
    refuse(rulebook.check_change(group.spec, spec))
    specs.refuse_not_yet(request)
    if topology.cluster_mode_enabled(spec) is not group.cluster_mode_enabled:
        raise invalid_value("The migration of the cluster mode is not implemented by the local emulator yet.")
    if spec.transit_encryption_enabled != group.spec.transit_encryption_enabled:
        raise invalid_value("Switching TLS on a running group is not implemented by the local emulator yet.")
    group.status = "modifying"
    answer = {"ReplicationGroup": describe(region, group)}

    def finish() -> None:
        runtime.current().lifecycle.pause(runtime.current().lifecycle.timing.modify)
        group.spec = spec
        group.engine_version = specs.engine_version(spec).version
        group.parameter_group_name = specs.parameter_group_name(spec)
        group.snapshot_window = specs.text(spec.snapshot_window, group.snapshot_window)
        group.maintenance_window = specs.text(spec.preferred_maintenance_window, group.maintenance_window)

    runtime.current().lifecycle.start(f"modify {group.replication_group_id}", lambda: provision.change(group, finish))
    return answer


@taking_turns
def delete_replication_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Remove a replication group with its nodes."""
    group = region.replication_group(request["ReplicationGroupId"])
    if group.status == "deleting":
        raise invalid_state(f"Replication group {group.replication_group_id} is already being deleted.")
    if group.status not in ("available", "create-failed"):
        raise invalid_state(
            f"Replication group {group.replication_group_id} has status {group.status} which is not valid for deletion."
        )
    if busy(group):
        raise invalid_state(f"A failover of {group.replication_group_id} has not ended yet.")
    asked = [name for name in ("FinalSnapshotIdentifier", "RetainPrimaryCluster") if request.get(name)]
    if asked:
        raise invalid_value(f"{', '.join(asked)}: not implemented by the local emulator yet.")
    group.status = "deleting"
    for member in group.members:
        member.status = "deleting"
    answer = {"ReplicationGroup": describe(region, group)}
    runtime.current().lifecycle.start(f"delete {group.replication_group_id}", lambda: provision.delete(region, group))
    return answer


@taking_turns
def increase_replica_count(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Give every node group more replicas."""
    return _change_replicas(region, request, more=True)


@taking_turns
def decrease_replica_count(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Take replicas away from every node group; the primary always stays."""
    return _change_replicas(region, request, more=False)


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
        "PendingModifiedValues": {},
        "MemberClusters": [member.cache_cluster_id for member in group.members],
        "NodeGroups": [_node_group(region, group, item) for item in group.node_groups] if ready else [],
        "AutomaticFailover": "enabled" if spec.automatic_failover_enabled else "disabled",
        "MultiAZ": "enabled" if spec.multi_az_enabled else "disabled",
        "SnapshotRetentionLimit": spec.snapshot_retention_limit or 0,
        "SnapshotWindow": group.snapshot_window,
        "ClusterEnabled": group.cluster_mode_enabled,
        "CacheNodeType": spec.cache_node_type,
        "AuthTokenEnabled": False,
        "TransitEncryptionEnabled": bool(spec.transit_encryption_enabled),
        "TransitEncryptionMode": (
            specs.text(spec.transit_encryption_mode, "required") if spec.transit_encryption_enabled else None
        ),
        "AtRestEncryptionEnabled": specs.encrypted_at_rest(spec),
        "KmsKeyId": spec.kms_key_id,
        "ARN": group.arn,
        "LogDeliveryConfigurations": [],
        "ReplicationGroupCreateTime": group.created,
        "DataTiering": "disabled",
        "AutoMinorVersionUpgrade": spec.auto_minor_version_upgrade is not False,
        "NetworkType": "ipv4",
        "IpDiscovery": "ipv4",
        "ClusterMode": cluster_mode or ("enabled" if group.cluster_mode_enabled else "disabled"),
        "Engine": spec.engine or "redis",
    }
    if spec.snapshot_retention_limit and not group.cluster_mode_enabled:
        replicas = group.node_groups[0].replicas
        shown["SnapshottingClusterId"] = (replicas or group.node_groups[0].members)[0].cache_cluster_id
    if ready and group.cluster_mode_enabled:
        shown["ConfigurationEndpoint"] = provision.endpoint(region, group, "configuration")
    return shown


def _node_group(region: Region, group: ReplicationGroup, node_group: NodeGroup) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "NodeGroupId": node_group.node_group_id,
        "Status": node_group.status,
        "Slots": node_group.slots,
        "NodeGroupMembers": [_member(region, group, member) for member in node_group.members],
    }
    if not group.cluster_mode_enabled:
        shown["PrimaryEndpoint"] = provision.endpoint(region, group, "primary")
        shown["ReaderEndpoint"] = provision.endpoint(region, group, "reader")
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
        shown["ReadEndpoint"] = provision.node_endpoint(region, group, member)
    return shown


def _change_replicas(region: Region, request: Mapping[str, Any], *, more: bool) -> dict[str, Any]:
    group = _available(region, request["ReplicationGroupId"])
    if not request.get("ApplyImmediately"):
        raise invalid_value("Replica counts change at once only: ApplyImmediately must be true.")
    if request.get("ReplicaConfiguration") or request.get("ReplicasToRemove"):
        raise invalid_value(
            "ReplicaConfiguration and ReplicasToRemove are not implemented by the local emulator yet: "
            "use NewReplicaCount."
        )
    count = request.get("NewReplicaCount")
    present = len(group.node_groups[0].replicas)
    if count is None:
        raise invalid_combination("NewReplicaCount must be given.")
    if more and count <= present:
        raise invalid_value(f"NewReplicaCount must be above the present number of replicas, {present}.")
    if not more and count >= present:
        raise invalid_value(f"NewReplicaCount must be below the present number of replicas, {present}.")
    spec = specs.with_replicas(group.spec, count)
    refuse(rulebook.check(spec))
    refuse(rulebook.check_change(group.spec, spec))
    group.status = "modifying"
    answer = {"ReplicationGroup": describe(region, group)}

    def finish() -> None:
        provision.resize(region, group, count)
        group.spec = spec

    runtime.current().lifecycle.start(
        f"replicas of {group.replication_group_id}", lambda: provision.change(group, finish)
    )
    return answer


def _available(region: Region, group_id: str) -> ReplicationGroup:
    group = region.replication_group(group_id)
    if group.status != "available":
        raise invalid_state(
            f"Replication group {group.replication_group_id} is not available: its status is {group.status}."
        )
    if busy(group):
        raise invalid_state(f"A failover of {group.replication_group_id} has not ended yet.")
    return group
