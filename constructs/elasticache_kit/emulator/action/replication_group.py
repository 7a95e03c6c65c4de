"""Replication groups: create, describe, modify, delete, and their number of replicas."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from moto.elasticache import models as moto_models

from elasticache_kit.emulator import provision, runtime
from elasticache_kit.emulator.action import page
from elasticache_kit.emulator.fault import Fault, invalid_combination, invalid_state, invalid_value, refuse
from elasticache_kit.emulator.region import Member, NodeGroup, Region, ReplicationGroup
from elasticache_kit.model import engine, parameter, topology
from elasticache_kit.model import replication_group as rulebook
from elasticache_kit.model.replication_group import NodeGroupSpec, ReplicationGroupSpec

# API member -> field of the spec, where a plain copy does it.
_FIELDS = {
    "ReplicationGroupDescription": "replication_group_description",
    "Engine": "engine",
    "EngineVersion": "engine_version",
    "CacheNodeType": "cache_node_type",
    "CacheParameterGroupName": "cache_parameter_group_name",
    "NumCacheClusters": "num_cache_clusters",
    "NumNodeGroups": "num_node_groups",
    "ReplicasPerNodeGroup": "replicas_per_node_group",
    "ClusterMode": "cluster_mode",
    "AutomaticFailoverEnabled": "automatic_failover_enabled",
    "MultiAZEnabled": "multi_az_enabled",
    "CacheSubnetGroupName": "cache_subnet_group_name",
    "TransitEncryptionEnabled": "transit_encryption_enabled",
    "TransitEncryptionMode": "transit_encryption_mode",
    "AtRestEncryptionEnabled": "at_rest_encryption_enabled",
    "KmsKeyId": "kms_key_id",
    "Port": "port",
    "SnapshotRetentionLimit": "snapshot_retention_limit",
    "SnapshotWindow": "snapshot_window",
    "PreferredMaintenanceWindow": "preferred_maintenance_window",
    "AutoMinorVersionUpgrade": "auto_minor_version_upgrade",
}
# Asked for, these would be ignored: refusing them is the only honest answer until they are here.
_NOT_YET = (
    "AuthToken",
    "UserGroupIds",
    "SnapshotName",
    "SnapshotArns",
    "ServerlessCacheSnapshotName",
    "GlobalReplicationGroupId",
    "PrimaryClusterId",
    "LogDeliveryConfigurations",
    "DataTieringEnabled",
)
DEFAULT_SNAPSHOT_WINDOW = "05:00-06:00"
DEFAULT_MAINTENANCE_WINDOW = "sun:07:00-sun:08:00"


def create_replication_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Make a replication group; its engines start while the answer is on its way."""
    _refuse_not_yet(request)
    group_id = str(request.get("ReplicationGroupId", "")).lower()
    if group_id in region.replication_groups:
        raise Fault("ReplicationGroupAlreadyExists", f"Replication group {group_id} already exists.")
    spec = _spec(region, group_id, request)
    refuse(rulebook.check(spec))
    version = _engine_version(spec)
    cluster_mode = topology.cluster_mode_enabled(spec) is True
    zones = spec.subnet_zones if isinstance(spec.subnet_zones, tuple) else ()
    zones = zones or tuple(f"{region.name}{letter}" for letter in "abc")
    group = ReplicationGroup(
        replication_group_id=group_id,
        arn=region.arn("replicationgroup", group_id),
        spec=spec,
        cluster_mode_enabled=cluster_mode,
        engine_version=version.version,
        parameter_group_name=_parameter_group_name(spec, version.family, cluster_mode=cluster_mode),
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
        snapshot_window=_text(spec.snapshot_window, DEFAULT_SNAPSHOT_WINDOW),
        maintenance_window=_text(spec.preferred_maintenance_window, DEFAULT_MAINTENANCE_WINDOW),
    )
    region.replication_groups[group_id] = group
    answer = {"ReplicationGroup": describe(region, group)}
    runtime.current().lifecycle.start(f"create {group_id}", lambda: provision.create(region, group))
    return answer


def describe_replication_groups(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """List replication groups, or one by id."""
    wanted = request.get("ReplicationGroupId")
    groups = [region.replication_group(wanted)] if wanted else list(region.replication_groups.values())
    items, marker = page.cut(groups, request, key=lambda group: group.replication_group_id)
    return {"ReplicationGroups": [describe(region, group) for group in items], "Marker": marker}


def modify_replication_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change a replication group that is available."""
    _refuse_not_yet(request)
    group = _available(region, request["ReplicationGroupId"])
    if request.get("PrimaryClusterId") or request.get("NodeGroupId"):
        raise invalid_value("Promotion by hand is not implemented by the local emulator yet: use TestFailover.")
    wanted = {name: request[member] for member, name in _FIELDS.items() if request.get(member) is not None}
    wanted.update(_context(region, {**_as_request(group.spec), **request}))
    if request.get("SecurityGroupIds"):
        wanted["security_group_ids"] = tuple(request["SecurityGroupIds"])
    spec = dataclasses.replace(group.spec, **wanted)
    refuse(rulebook.check(spec))
    refuse(rulebook.check_change(group.spec, spec))
    if topology.cluster_mode_enabled(spec) is not group.cluster_mode_enabled:
        raise invalid_value("The migration of the cluster mode is not implemented by the local emulator yet.")
    if spec.transit_encryption_enabled != group.spec.transit_encryption_enabled:
        raise invalid_value("Switching TLS on a running group is not implemented by the local emulator yet.")
    group.status = "modifying"
    answer = {"ReplicationGroup": describe(region, group)}

    def finish() -> None:
        runtime.current().lifecycle.pause(runtime.current().lifecycle.timing.modify)
        version = _engine_version(spec)
        group.spec = spec
        group.engine_version = version.version
        group.parameter_group_name = _parameter_group_name(
            spec, version.family, cluster_mode=group.cluster_mode_enabled
        )
        group.snapshot_window = _text(spec.snapshot_window, group.snapshot_window)
        group.maintenance_window = _text(spec.preferred_maintenance_window, group.maintenance_window)
        group.status = "available"

    runtime.current().lifecycle.start(f"modify {group.replication_group_id}", finish)
    return answer


def delete_replication_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Remove a replication group with its nodes."""
    group = region.replication_group(request["ReplicationGroupId"])
    if group.status == "deleting":
        raise invalid_state(f"Replication group {group.replication_group_id} is already being deleted.")
    if group.status not in ("available", "create-failed"):
        raise invalid_state(
            f"Replication group {group.replication_group_id} has status {group.status} which is not valid for deletion."
        )
    if request.get("RetainPrimaryCluster"):
        raise invalid_value("RetainPrimaryCluster is not implemented by the local emulator yet.")
    group.status = "deleting"
    for member in group.members:
        member.status = "deleting"
    answer = {"ReplicationGroup": describe(region, group)}
    runtime.current().lifecycle.start(f"delete {group.replication_group_id}", lambda: provision.delete(region, group))
    return answer


def increase_replica_count(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Give every node group more replicas."""
    return _change_replicas(region, request, more=True)


def decrease_replica_count(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Take replicas away from every node group; the primary always stays."""
    return _change_replicas(region, request, more=False)


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
            _text(spec.transit_encryption_mode, "required") if spec.transit_encryption_enabled else None
        ),
        "AtRestEncryptionEnabled": _at_rest(spec),
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
            "ReplicaConfiguration and ReplicasToRemove are not implemented by the local emulator yet: use NewReplicaCount."
        )
    count = request.get("NewReplicaCount")
    present = len(group.node_groups[0].replicas)
    if count is None:
        raise invalid_combination("NewReplicaCount must be given.")
    if more and count <= present:
        raise invalid_value(f"NewReplicaCount must be above the present number of replicas, {present}.")
    if not more and count >= present:
        raise invalid_value(f"NewReplicaCount must be below the present number of replicas, {present}.")
    spec = _with_replicas(group.spec, count)
    refuse(rulebook.check(spec))
    refuse(rulebook.check_change(group.spec, spec))
    group.status = "modifying"
    answer = {"ReplicationGroup": describe(region, group)}

    def finish() -> None:
        provision.resize(region, group, count)
        group.spec = spec
        group.status = "available"

    runtime.current().lifecycle.start(f"replicas of {group.replication_group_id}", finish)
    return answer


def _with_replicas(spec: ReplicationGroupSpec, count: int) -> ReplicationGroupSpec:
    if spec.num_cache_clusters is not None:
        return dataclasses.replace(spec, num_cache_clusters=count + 1)
    if isinstance(spec.node_group_configuration, tuple) and spec.node_group_configuration:
        configuration = tuple(
            dataclasses.replace(item, replica_count=count, replica_availability_zones=None)
            for item in spec.node_group_configuration
        )
        return dataclasses.replace(spec, node_group_configuration=configuration)
    return dataclasses.replace(spec, replicas_per_node_group=count)


def _spec(region: Region, group_id: str, request: Mapping[str, Any]) -> ReplicationGroupSpec:
    values: dict[str, Any] = {
        field: request[member] for member, field in _FIELDS.items() if request.get(member) is not None
    }
    if request.get("NodeGroupConfiguration"):
        values["node_group_configuration"] = tuple(_node_group_spec(item) for item in request["NodeGroupConfiguration"])
    if request.get("PreferredCacheClusterAZs"):
        values["preferred_cache_cluster_azs"] = tuple(request["PreferredCacheClusterAZs"])
    if request.get("SecurityGroupIds"):
        values["security_group_ids"] = tuple(request["SecurityGroupIds"])
    if values.get("cache_subnet_group_name"):
        values["cache_subnet_group_name"] = values["cache_subnet_group_name"].lower()
    values.update(_context(region, request))
    return ReplicationGroupSpec(replication_group_id=group_id, **values)


def _context(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """What the rulebook needs to know of the groups that a request names."""
    context: dict[str, Any] = {}
    if name := request.get("CacheSubnetGroupName"):
        context["subnet_zones"] = region.subnet_group(name).zones
    if name := request.get("CacheParameterGroupName"):
        family, values = region.parameters(name)
        context["parameter_group_family"] = family
        context["parameter_group_cluster_enabled"] = values.get("cluster-enabled") == "yes"
    return context


def _as_request(spec: ReplicationGroupSpec) -> dict[str, Any]:
    return {
        member: getattr(spec, field)
        for member, field in _FIELDS.items()
        if member in ("CacheSubnetGroupName", "CacheParameterGroupName") and getattr(spec, field) is not None
    }


def _node_group_spec(item: Mapping[str, Any]) -> NodeGroupSpec:
    zones = item.get("ReplicaAvailabilityZones")
    return NodeGroupSpec(
        node_group_id=item.get("NodeGroupId"),
        slots=item.get("Slots"),
        primary_availability_zone=item.get("PrimaryAvailabilityZone"),
        replica_availability_zones=tuple(zones) if zones else None,
        replica_count=item.get("ReplicaCount"),
    )


def _engine_version(spec: ReplicationGroupSpec) -> engine.EngineVersion:
    name = engine.Engine(_text(spec.engine, "redis"))
    if isinstance(spec.engine_version, str):
        return engine.EngineVersion.of(name, spec.engine_version)
    return engine.default_version(name)


def _parameter_group_name(spec: ReplicationGroupSpec, family: str, *, cluster_mode: bool) -> str:
    return _text(spec.cache_parameter_group_name, parameter.default_parameter_group(family, cluster_mode=cluster_mode))


def _at_rest(spec: ReplicationGroupSpec) -> bool:
    if spec.at_rest_encryption_enabled is None:
        return spec.engine == engine.Engine.VALKEY
    return bool(spec.at_rest_encryption_enabled)


def _available(region: Region, group_id: str) -> ReplicationGroup:
    group = region.replication_group(group_id)
    if group.status != "available":
        raise invalid_state(
            f"Replication group {group.replication_group_id} is not available: its status is {group.status}."
        )
    return group


def _refuse_not_yet(request: Mapping[str, Any]) -> None:
    asked = [name for name in _NOT_YET if request.get(name)]
    if asked:
        raise invalid_combination(f"{', '.join(asked)}: not implemented by the local emulator yet.")


def _text(value: object, default: str) -> str:
    return value if isinstance(value, str) else default


def record_final_snapshot(backend: Any, region: Region, group: ReplicationGroup, name: str) -> None:
    """Record the final snapshot of a group in moto's own list, where DescribeSnapshots finds it."""
    spec = group.spec
    backend.snapshots[name] = moto_models.Snapshot(
        account_id=region.account_id,
        region_name=region.name,
        automatic_failover="enabled" if spec.automatic_failover_enabled else "disabled",
        auto_minor_version_upgrade=spec.auto_minor_version_upgrade is not False,
        cache_cluster_create_time=None,
        cache_cluster_id=None,
        cache_node_type=_text(spec.cache_node_type, ""),
        cache_parameter_group_name=group.parameter_group_name,
        cache_subnet_group_name=_text(spec.cache_subnet_group_name, ""),
        engine=_text(spec.engine, "redis"),
        engine_version=group.engine_version,
        kms_key_id=None,
        num_cache_nodes=None,
        num_node_groups=len(group.node_groups),
        port=group.port,
        preferred_availability_zone=None,
        preferred_maintenance_window=group.maintenance_window,
        preferred_outpost_arn=None,
        replication_group_description=_text(spec.replication_group_description, ""),
        replication_group_id=group.replication_group_id,
        snapshot_name=name,
        snapshot_retention_limit=None,
        snapshot_source="manual",
        snapshot_status="available",
        snapshot_window=group.snapshot_window,
        topic_arn=None,
        tags=[],
    )
