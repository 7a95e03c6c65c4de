"""What a request asks for, as the spec that the rulebook judges."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from elasticache_kit.emulator.action import cache_cluster_spec, not_yet, user_group
from elasticache_kit.emulator.action.argument import names
from elasticache_kit.emulator.fault import invalid_combination, invalid_value
from elasticache_kit.model import engine, parameter, topology
from elasticache_kit.model.replication_group import LogDeliverySpec, NodeGroupSpec, ReplicationGroupSpec

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region

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
    "AuthToken": "auth_token",
    "DataTieringEnabled": "data_tiering_enabled",
    "Durability": "durability",
    "GlobalReplicationGroupId": "global_replication_group_id",
    "IpDiscovery": "ip_discovery",
    "NetworkType": "network_type",
    "NotificationTopicArn": "notification_topic_arn",
    "PrimaryClusterId": "primary_cluster_id",
    "ServerlessCacheSnapshotName": "serverless_cache_snapshot_name",
    "SnapshotName": "snapshot_name",
    "SnapshottingClusterId": "snapshotting_cluster_id",
}
# As above, where the API has a list and the spec a tuple.
_LISTS = {
    "CacheSecurityGroupNames": "cache_security_group_names",
    "PreferredCacheClusterAZs": "preferred_cache_cluster_azs",
    "SecurityGroupIds": "security_group_ids",
    "SnapshotArns": "snapshot_arns",
    "UserGroupIds": "user_group_ids",
}
# Members that say nothing about the group itself, or that are read elsewhere.
_OTHER = frozenset(
    {
        "Action",
        "ApplyImmediately",
        "AuthTokenUpdateStrategy",
        "LogDeliveryConfigurations",
        "NodeGroupConfiguration",
        "NotificationTopicStatus",
        "RemoveUserGroups",
        "ReplicationGroupId",
        "Tags",
        "UserGroupIdsToAdd",
        "UserGroupIdsToRemove",
        "Version",
    }
)
# What the control plane knows and the engines do not do yet. The values beside a member ask for nothing new.
_WITHOUT_ENGINES: Mapping[str, tuple[object, ...]] = {
    "DataTieringEnabled": (False,),
    "IpDiscovery": ("ipv4",),
    "NetworkType": ("ipv4",),
}


def refuse_not_yet(request: Mapping[str, Any]) -> None:
    """Refuse what this emulator would otherwise ignore.

    Raises:
        Fault: InvalidParameterCombination, with every such member of the request.
    """
    given = {name: value for name, value in request.items() if value not in (None, "", [])}
    known = _FIELDS.keys() | _LISTS.keys() | _OTHER
    if asked := sorted(name for name in given if name not in known):
        raise invalid_combination(f"{', '.join(asked)}: not implemented by the local emulator yet.")
    idle = sorted(name for name in given if given[name] not in _WITHOUT_ENGINES.get(name, (given[name],)))
    if idle:
        not_yet.refuse_with_engines(", ".join(idle))


def requested(region: Region, group_id: str, request: Mapping[str, Any]) -> ReplicationGroupSpec:
    """Return the spec of a group that is to be made."""
    values = _values(request)
    if request.get("NodeGroupConfiguration"):
        values["node_group_configuration"] = tuple(_node_group(item) for item in request["NodeGroupConfiguration"])
    if request.get("LogDeliveryConfigurations"):
        values["log_delivery_configurations"] = tuple(_delivery(item) for item in request["LogDeliveryConfigurations"])
    if values.get("cache_subnet_group_name"):
        values["cache_subnet_group_name"] = values["cache_subnet_group_name"].lower()
    if ids := values.get("user_group_ids"):
        values["user_group_ids"] = tuple(item.lower() for item in ids)
    return ReplicationGroupSpec(
        replication_group_id=group_id,
        **values,
        **_context(region, request),
        **(user_group.context(region, ids) if ids else {}),
        **_snapshot_context(region, request),
    )


def modified(region: Region, spec: ReplicationGroupSpec, request: Mapping[str, Any]) -> ReplicationGroupSpec:
    """Return the spec that a group would have after a change."""
    named = {
        "CacheSubnetGroupName": spec.cache_subnet_group_name,
        "CacheParameterGroupName": spec.cache_parameter_group_name,
        **request,
    }
    values = _values(request)
    values.pop("auth_token", None)
    if "log_delivery_configurations" in values:
        values["log_delivery_configurations"] = cache_cluster_spec.logs_after(spec.log_delivery_configurations, request)
    if values.get("transit_encryption_enabled") is False:
        # The mode goes with TLS; to ask for both is refused by the rulebook.
        values.setdefault("transit_encryption_mode", None)
    return dataclasses.replace(
        spec, **values, **_users(spec, request), **_context(region, named), **_user_context(region, spec, request)
    )


def with_replicas(spec: ReplicationGroupSpec, count: int) -> ReplicationGroupSpec:
    """Return the spec with so many replicas in every node group, said where the spec says it now."""
    if spec.num_cache_clusters is not None:
        return dataclasses.replace(spec, num_cache_clusters=count + 1)
    if isinstance(spec.node_group_configuration, tuple) and spec.node_group_configuration:
        configuration = tuple(
            dataclasses.replace(item, replica_count=count, replica_availability_zones=None)
            for item in spec.node_group_configuration
        )
        return dataclasses.replace(spec, node_group_configuration=configuration)
    return dataclasses.replace(spec, replicas_per_node_group=count)


def engine_version(spec: ReplicationGroupSpec) -> engine.EngineVersion:
    """Return the version that runs: the default of the engine where none was asked for."""
    name = engine.Engine(text(spec.engine, "redis"))
    if isinstance(spec.engine_version, str):
        return engine.EngineVersion.of(name, spec.engine_version)
    return engine.default_version(name)


def parameter_group_name(spec: ReplicationGroupSpec) -> str:
    """Return the parameter group that holds: the default one of family and cluster mode where none was asked for."""
    default = parameter.default_parameter_group(
        engine_version(spec).family, cluster_mode=topology.cluster_mode_enabled(spec) is True
    )
    return text(spec.cache_parameter_group_name, default)


def encrypted_at_rest(spec: ReplicationGroupSpec) -> bool:
    """Tell whether the group encrypts what it stores: with Valkey unless refused, with Redis OSS if asked for."""
    if spec.at_rest_encryption_enabled is None:
        return spec.engine == engine.Engine.VALKEY
    return bool(spec.at_rest_encryption_enabled)


def text(value: object, default: str) -> str:
    """Return a field of a spec that is text, or a default where it was not given."""
    return value if isinstance(value, str) else default


def _values(request: Mapping[str, Any]) -> dict[str, Any]:
    values = {field: request[member] for member, field in _FIELDS.items() if request.get(member) is not None}
    values.update({field: tuple(request[member]) for member, field in _LISTS.items() if request.get(member)})
    if request.get("LogDeliveryConfigurations"):
        values["log_delivery_configurations"] = cache_cluster_spec.logs_after((), request)
    return values


def _users(spec: ReplicationGroupSpec, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the user groups after a change, nothing where they do not change."""
    if not any(request.get(name) for name in ("UserGroupIdsToAdd", "UserGroupIdsToRemove", "RemoveUserGroups")):
        return {}
    present = tuple(map(str, spec.user_group_ids)) if isinstance(spec.user_group_ids, tuple) else ()
    removed = set(names(request, "UserGroupIdsToRemove"))
    if absent := sorted(removed - set(present)):
        raise invalid_value(f"Not attached to this replication group: {', '.join(absent)}.")
    kept = () if request.get("RemoveUserGroups") else tuple(item for item in present if item not in removed)
    return {
        "user_group_ids": (*kept, *names(request, "UserGroupIdsToAdd")) or None,
    }


def _user_context(region: Region, spec: ReplicationGroupSpec, request: Mapping[str, Any]) -> dict[str, Any]:
    ids: object = _users(spec, request).get("user_group_ids", spec.user_group_ids)
    return user_group.context(region, cast("tuple[str, ...]", ids) if isinstance(ids, tuple) else ())


def _snapshot_context(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Say what the rulebook needs to know of the snapshot that a group starts with."""
    if name := request.get("SnapshotName"):
        taken = region.snapshots.find(name)
        return {
            "snapshot_engine": taken.engine,
            "snapshot_cache_node_type": taken.cache_node_type,
            "snapshot_num_node_groups": len(taken.nodes),
        }
    if name := request.get("ServerlessCacheSnapshotName"):
        return {"snapshot_engine": region.serverless_snapshots.find(name).engine}
    return {}


def _context(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Say what the rulebook needs to know of the groups that a request names."""
    context: dict[str, Any] = {}
    if name := request.get("CacheSubnetGroupName"):
        context["subnet_zones"] = region.subnet_group(name).zones
    if name := request.get("CacheParameterGroupName"):
        # Of AWS's own groups the name tells all, also that there is no such group, which is a rule.
        family, values = (None, None) if name.lower().startswith("default.") else region.parameters(name)
        context["parameter_group_family"] = family
        context["parameter_group_cluster_enabled"] = None if values is None else values.get("cluster-enabled") == "yes"
        context["parameter_group_parameters"] = values
    return context


def _node_group(item: Mapping[str, Any]) -> NodeGroupSpec:
    zones = item.get("ReplicaAvailabilityZones")
    return NodeGroupSpec(
        node_group_id=item.get("NodeGroupId"),
        slots=item.get("Slots"),
        primary_availability_zone=item.get("PrimaryAvailabilityZone"),
        replica_availability_zones=tuple(zones) if zones else None,
        replica_count=item.get("ReplicaCount"),
    )


def _delivery(item: Mapping[str, Any]) -> LogDeliverySpec:
    details: dict[str, dict[str, str]] = item.get("DestinationDetails") or {}
    group, stream = details.get("CloudWatchLogsDetails"), details.get("KinesisFirehoseDetails")
    return LogDeliverySpec(
        log_type=item.get("LogType"),
        log_format=item.get("LogFormat"),
        destination_type=item.get("DestinationType"),
        destination=(group or {}).get("LogGroup") or (stream or {}).get("DeliveryStream"),
    )
