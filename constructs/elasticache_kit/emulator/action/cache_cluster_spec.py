"""What a request asks of a cache cluster, as the spec that the rulebook judges."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from elasticache_kit.emulator import log_destination
from elasticache_kit.emulator.action import not_yet
from elasticache_kit.emulator.action.argument import structure, structures
from elasticache_kit.emulator.fault import invalid_combination
from elasticache_kit.model import engine, parameter
from elasticache_kit.model.cache_cluster import CacheClusterSpec
from elasticache_kit.model.log_delivery import LogDeliverySpec

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region

# API member -> field of the spec, where a plain copy does it.
_FIELDS = {
    "AutoMinorVersionUpgrade": "auto_minor_version_upgrade",
    "AZMode": "az_mode",
    "CacheNodeType": "cache_node_type",
    "CacheParameterGroupName": "cache_parameter_group_name",
    "CacheSubnetGroupName": "cache_subnet_group_name",
    "Engine": "engine",
    "EngineVersion": "engine_version",
    "IpDiscovery": "ip_discovery",
    "NetworkType": "network_type",
    "NotificationTopicArn": "notification_topic_arn",
    "NumCacheNodes": "num_cache_nodes",
    "Port": "port",
    "PreferredAvailabilityZone": "preferred_availability_zone",
    "PreferredMaintenanceWindow": "preferred_maintenance_window",
    "SnapshotName": "snapshot_name",
    "SnapshotRetentionLimit": "snapshot_retention_limit",
    "SnapshotWindow": "snapshot_window",
    "TransitEncryptionEnabled": "transit_encryption_enabled",
}
_LISTS = {
    "CacheSecurityGroupNames": "cache_security_group_names",
    "PreferredAvailabilityZones": "preferred_availability_zones",
    "SecurityGroupIds": "vpc_security_group_ids",
}
_OTHER = frozenset(
    {
        "Action",
        "ApplyImmediately",
        "CacheClusterId",
        "CacheNodeIdsToRemove",
        "LogDeliveryConfigurations",
        "NewAvailabilityZones",
        "NotificationTopicStatus",
        "ReplicationGroupId",
        "Tags",
        "Version",
    }
)
# What the control plane knows and the engines do not do yet. The values beside a member ask for nothing new.
_WITHOUT_ENGINES: Mapping[str, tuple[object, ...]] = {
    "IpDiscovery": ("ipv4",),
    "NetworkType": ("ipv4",),
}


def refuse_not_yet(request: Mapping[str, Any]) -> None:
    """Refuse what this emulator would otherwise ignore.

    Raises:
        Fault: InvalidParameterCombination, with every such member of the request.
    """
    given = {name for name, value in request.items() if value not in (None, "", [])}
    if asked := sorted(given - _FIELDS.keys() - _LISTS.keys() - _OTHER):
        raise invalid_combination(f"{', '.join(asked)}: not implemented by the local emulator yet.")
    idle = sorted(name for name in given if request[name] not in _WITHOUT_ENGINES.get(name, (request[name],)))
    if idle:
        not_yet.refuse_with_engines(", ".join(idle))


def requested(region: Region, cluster_id: str, request: Mapping[str, Any]) -> CacheClusterSpec:
    """Return the spec of a cluster that is to be made."""
    return CacheClusterSpec(cluster_name=cluster_id, **_values(request), **_context(region, request))


def modified(region: Region, spec: CacheClusterSpec, request: Mapping[str, Any]) -> CacheClusterSpec:
    """Return the spec that a cluster would have after a change."""
    named = {
        "CacheSubnetGroupName": spec.cache_subnet_group_name,
        "CacheParameterGroupName": spec.cache_parameter_group_name,
        **request,
    }
    values = _values(request)
    if "log_delivery_configurations" in values:
        values["log_delivery_configurations"] = logs_after(spec.log_delivery_configurations, request)
    if "num_cache_nodes" in values:
        # They said where the nodes of the start are made, one zone for each.
        values["preferred_availability_zones"] = None
    return dataclasses.replace(spec, **values, **_context(region, named))


def engine_version(spec: CacheClusterSpec) -> engine.EngineVersion:
    """Return the version that runs: the default of the engine where none was asked for."""
    name = engine.Engine(str(spec.engine))
    if isinstance(spec.engine_version, str):
        return engine.EngineVersion.of(name, spec.engine_version)
    return engine.default_version(name)


def parameter_group_name(spec: CacheClusterSpec) -> str:
    """Return the parameter group that holds: the default one of the family where none was asked for."""
    if isinstance(spec.cache_parameter_group_name, str):
        return spec.cache_parameter_group_name
    return parameter.default_parameter_group(engine_version(spec).family, cluster_mode=False)


def log(item: Mapping[str, Any]) -> LogDeliverySpec:
    """Read one LogDeliveryConfiguration."""
    details = structure(item, "DestinationDetails")
    group = structure(details, "CloudWatchLogsDetails").get("LogGroup")
    stream = structure(details, "KinesisFirehoseDetails").get("DeliveryStream")
    return LogDeliverySpec(
        log_type=item.get("LogType"),
        log_format=item.get("LogFormat"),
        destination_type=item.get("DestinationType"),
        destination=group or stream,
    )


def logs_after(before: object, request: Mapping[str, Any]) -> tuple[object, ...]:
    """Return the log deliveries after a request, which leaves alone the kinds of logs that it does not name."""
    asked = structures(request, "LogDeliveryConfigurations")
    named = {item.get("LogType") for item in asked}
    present = cast("tuple[object, ...]", before) if isinstance(before, tuple) else ()
    kept = [item for item in present if isinstance(item, LogDeliverySpec) and item.log_type not in named]
    return (*kept, *(log(item) for item in asked if item.get("Enabled") is not False))


def log_delivery(region: Region, entries: object) -> list[dict[str, Any]]:
    """Show where logs go, as the API does, with the status `error` where the destination is not there."""
    return [
        {
            "LogType": item.log_type,
            "DestinationType": item.destination_type,
            "DestinationDetails": _destination(item),
            "LogFormat": item.log_format,
            **_log_status(region, item),
        }
        for item in (cast("tuple[object, ...]", entries) if isinstance(entries, tuple) else ())
        if isinstance(item, LogDeliverySpec)
    ]


def _log_status(region: Region, item: LogDeliverySpec) -> dict[str, str]:
    trouble = log_destination.trouble(region, item)
    return {"Status": "active"} if trouble is None else {"Status": "error", "Message": trouble}


def _destination(item: LogDeliverySpec) -> dict[str, Any]:
    if item.destination_type == "kinesis-firehose":
        return {"KinesisFirehoseDetails": {"DeliveryStream": item.destination}}
    return {"CloudWatchLogsDetails": {"LogGroup": item.destination}}


def _values(request: Mapping[str, Any]) -> dict[str, Any]:
    values = {field: request[member] for member, field in _FIELDS.items() if request.get(member) is not None}
    values.update({field: tuple(request[member]) for member, field in _LISTS.items() if request.get(member)})
    if request.get("LogDeliveryConfigurations"):
        values["log_delivery_configurations"] = logs_after((), request)
    for name in ("cache_subnet_group_name", "cache_parameter_group_name"):
        if values.get(name):
            values[name] = values[name].lower()
    return values


def _context(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    context: dict[str, Any] = {}
    if name := request.get("CacheSubnetGroupName"):
        context["subnet_zones"] = region.subnet_group(name).zones
    if name := request.get("CacheParameterGroupName"):
        family, values = region.parameters(name)
        context["parameter_group_family"] = family
        context["parameter_group_cluster_enabled"] = values.get("cluster-enabled") == "yes"
        context["parameter_group_parameters"] = values
    return context
