"""Requests for replication groups, from specs of the rulebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from elasticache_kit.model.engine import EngineVersion
from elasticache_kit.model.unknown import Unknown
from tests.emulator.members import Wire, members_of, value_of
from tests.emulator.user_request import people
from tests.emulator.wire import available as wire_available
from tests.emulator.wire import until

# The group of the specs, which is made under a name that nothing has.
_PLACEHOLDER = "orders"


def replication_group(wire: Wire, spec: Any) -> object:
    """Make a replication group, and remove it."""
    request = group_request(wire, spec)
    group = request["ReplicationGroupId"]
    answer = wire.elasticache.create_replication_group(**request)
    try:
        if spec.snapshotting_cluster_id:
            # Its creation does not take it.
            member = spec.snapshotting_cluster_id.replace(_PLACEHOLDER, group)
            available(wire, group)
            return wire.elasticache.modify_replication_group(ReplicationGroupId=group, SnapshottingClusterId=member)
        return answer
    finally:
        removed(wire, group)


def available(wire: Wire, group_id: str) -> dict[str, Any]:
    """Wait until a group is available and describe it."""
    return wire_available(wire.elasticache, group_id)


def removed(wire: Wire, group_id: str) -> None:
    """Remove a group, for a Region has a quota of nodes."""
    available(wire, group_id)
    wire.elasticache.delete_replication_group(ReplicationGroupId=group_id)


def group_request(wire: Wire, spec: Any) -> dict[str, Any]:
    """Return the request for a replication group; what it names of others is made."""
    request = members_of(wire, "create_replication_group", spec)
    if request.get("ReplicationGroupId") in {"orders", "orders-b"}:
        request["ReplicationGroupId"] = wire.name()
    if isinstance(spec.auth_token, Unknown):
        request["AuthToken"] = "x" * 16
    if spec.user_group_ids:
        request["UserGroupIds"] = [people(wire, spec) for _ in spec.user_group_ids]
    if spec.node_group_configuration:
        request["NodeGroupConfiguration"] = [_node_group(item) for item in spec.node_group_configuration]
    if spec.log_delivery_configurations:
        request["LogDeliveryConfigurations"] = [log(item) for item in spec.log_delivery_configurations]
    if name := parameter_group_of(wire, spec):
        request["CacheParameterGroupName"] = name
    if spec.snapshot_engine or spec.snapshot_cache_node_type or spec.snapshot_num_node_groups:
        request["SnapshotName"] = _snapshot(wire, spec)
    return request


def _snapshot(wire: Wire, spec: Any) -> str:
    """Take the snapshot that a spec starts from, of a group that is like it for the rest, and return its name."""
    tiered = str(spec.snapshot_cache_node_type).startswith("cache.r6gd.")
    source = replace(
        spec,
        **dict.fromkeys(("snapshot_name", "snapshot_engine", "snapshot_cache_node_type", "snapshot_num_node_groups")),
        engine=spec.snapshot_engine or spec.engine,
        engine_version=None if spec.snapshot_engine else spec.engine_version,
        cache_node_type=spec.snapshot_cache_node_type or spec.cache_node_type,
        num_node_groups=spec.snapshot_num_node_groups or spec.num_node_groups,
        data_tiering_enabled=tiered or None,
    )
    group, name = group_request(wire, source), wire.name()
    wire.elasticache.create_replication_group(**group)
    available(wire, group["ReplicationGroupId"])
    wire.elasticache.create_snapshot(SnapshotName=name, ReplicationGroupId=group["ReplicationGroupId"])
    until(
        lambda: wire.elasticache.describe_snapshots(SnapshotName=name)["Snapshots"][0],
        lambda taken: taken["SnapshotStatus"] == "available",
    )
    removed(wire, group["ReplicationGroupId"])
    return name


def replication_group_change(wire: Wire, change: Any) -> object:
    """Make the old group, and ask for what is different in the new one."""
    old, new = (group_request(wire, spec) for spec in change)
    group = old["ReplicationGroupId"]
    if len({spec.cache_parameter_group_name for spec in change}) == 1:
        new["CacheParameterGroupName"] = old.get("CacheParameterGroupName")
    # Nobody chooses the primary of a group that is made.
    old.pop("PrimaryClusterId", None)
    if promoted := new.get("PrimaryClusterId"):
        new["PrimaryClusterId"] = promoted.replace(_PLACEHOLDER, group)
    wire.elasticache.create_replication_group(**old)
    available(wire, group)
    try:
        return _changed(wire, old, new)
    finally:
        removed(wire, group)


def _changed(wire: Wire, old: Mapping[str, Any], new: Mapping[str, Any]) -> object:
    group = {"ReplicationGroupId": old["ReplicationGroupId"], "ApplyImmediately": True}
    if old.get("NumCacheClusters") != new.get("NumCacheClusters"):
        return wire.elasticache.decrease_replica_count(NewReplicaCount=new["NumCacheClusters"] - 1, **group)
    wanted = {name: value for name, value in new.items() if old.get(name) != value}
    if "UserGroupIds" in wanted:
        wanted["UserGroupIdsToAdd"] = wanted.pop("UserGroupIds")
    return wire.elasticache.modify_replication_group(**{**wanted, **group})


def _node_group(item: Any) -> dict[str, Any]:
    said = {
        "NodeGroupId": item.node_group_id,
        "Slots": item.slots,
        "ReplicaCount": item.replica_count,
        "PrimaryAvailabilityZone": item.primary_availability_zone,
        "ReplicaAvailabilityZones": item.replica_availability_zones and value_of(item.replica_availability_zones),
    }
    return {name: value for name, value in said.items() if value is not None}


def log(item: Any) -> dict[str, Any]:
    """Return a LogDeliveryConfigurationRequest."""
    details = {"CloudWatchLogsDetails": {"LogGroup": item.destination}} if item.destination else {}
    return {
        "LogType": item.log_type,
        "LogFormat": item.log_format,
        "DestinationType": item.destination_type,
        "DestinationDetails": details,
    }


def parameter_group_of(wire: Wire, spec: Any) -> str | None:
    """Make the parameter group that a spec describes, and return its name; None where AWS's own is meant."""
    given: Mapping[str, Any] = spec.parameter_group_parameters or {}
    values = {parameter: str(value) for parameter, value in given.items()}
    if spec.parameter_group_cluster_enabled:
        values["cluster-enabled"] = "yes"
    name = spec.cache_parameter_group_name
    if not values and spec.parameter_group_family is None:
        # A group of AWS's own, whether it exists or not; any other has to.
        return None if name is None or name.lower().startswith("default.") else _made(wire, spec, values)
    return _made(wire, spec, values)


def _made(wire: Wire, spec: Any, values: Mapping[str, str]) -> str:
    family = spec.parameter_group_family or EngineVersion.of(spec.engine, spec.engine_version).family
    name = wire.name()
    wire.elasticache.create_cache_parameter_group(
        CacheParameterGroupName=name, CacheParameterGroupFamily=family, Description="d"
    )
    if values:
        set_parameters(wire, name, values)
    return name


def set_parameters(wire: Wire, name: str, values: Mapping[str, str]) -> object:
    """Set parameters of a group."""
    pairs = [{"ParameterName": key, "ParameterValue": value} for key, value in values.items()]
    return wire.elasticache.modify_cache_parameter_group(CacheParameterGroupName=name, ParameterNameValues=pairs)
