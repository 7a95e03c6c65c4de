"""A request to the API from a spec of the rulebook, so that a spec that breaks a rule there is refused over the wire.

A family of operations is one entry of FAMILIES: how a spec of its subject becomes a request. Whatever the spec says of
other resources, such as the parameters of a group, is made before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elasticache_kit.model.engine import EngineVersion
from elasticache_kit.model.unknown import Unknown
from tests.emulator.members import Wire, members_of, value_of
from tests.emulator.user_request import people, user, user_group
from tests.emulator.wire import until

if TYPE_CHECKING:
    from elasticache_kit.model.rule import Subject


@dataclass(frozen=True, slots=True)
class Family:
    """How specs of one subject are asked for.

    Args:
        ask: sends a spec, and returns what the last request answered.
        unreachable: rules that no request can break, and why.
    """

    ask: Callable[[Wire, Any], object]
    unreachable: Mapping[str, str]


def _replication_group(wire: Wire, spec: Any) -> object:
    request = _group_request(wire, spec)
    answer = wire.elasticache.create_replication_group(**request)
    _removed(wire, request["ReplicationGroupId"])
    return answer


def _available(wire: Wire, group_id: str) -> None:
    until(
        lambda: wire.elasticache.describe_replication_groups(ReplicationGroupId=group_id),
        lambda answer: answer["ReplicationGroups"][0]["Status"] == "available",
    )


def _removed(wire: Wire, group_id: str) -> None:
    """Remove a group, for a Region has a quota of nodes."""
    _available(wire, group_id)
    wire.elasticache.delete_replication_group(ReplicationGroupId=group_id)


def _group_request(wire: Wire, spec: Any) -> dict[str, Any]:
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
        request["LogDeliveryConfigurations"] = [_log(item) for item in spec.log_delivery_configurations]
    if name := _parameter_group_of(wire, spec):
        request["CacheParameterGroupName"] = name
    return request


def _cache_cluster(wire: Wire, spec: Any) -> object:
    request = members_of(wire, "create_cache_cluster", spec)
    if request.get("CacheClusterId", "pages") == "pages":
        request["CacheClusterId"] = wire.name()
    request["CacheSubnetGroupName"] = "private"
    if spec.log_delivery_configurations:
        request["LogDeliveryConfigurations"] = [_log(item) for item in spec.log_delivery_configurations]
    if name := _parameter_group_of(wire, spec):
        request["CacheParameterGroupName"] = name
    answer = wire.elasticache.create_cache_cluster(**request)
    until(
        lambda: wire.elasticache.describe_cache_clusters(CacheClusterId=request["CacheClusterId"]),
        lambda found: found["CacheClusters"][0]["CacheClusterStatus"] == "available",
    )
    wire.elasticache.delete_cache_cluster(CacheClusterId=request["CacheClusterId"])
    return answer


def _node_group(item: Any) -> dict[str, Any]:
    said = {
        "NodeGroupId": item.node_group_id,
        "Slots": item.slots,
        "ReplicaCount": item.replica_count,
        "PrimaryAvailabilityZone": item.primary_availability_zone,
        "ReplicaAvailabilityZones": item.replica_availability_zones and value_of(item.replica_availability_zones),
    }
    return {name: value for name, value in said.items() if value is not None}


def _log(item: Any) -> dict[str, Any]:
    details = {"CloudWatchLogsDetails": {"LogGroup": item.destination}} if item.destination else {}
    return {
        "LogType": item.log_type,
        "LogFormat": item.log_format,
        "DestinationType": item.destination_type,
        "DestinationDetails": details,
    }


def _parameter_group_of(wire: Wire, spec: Any) -> str | None:
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
        _set(wire, name, values)
    return name


def _set(wire: Wire, name: str, values: Mapping[str, str]) -> object:
    pairs = [{"ParameterName": key, "ParameterValue": value} for key, value in values.items()]
    return wire.elasticache.modify_cache_parameter_group(CacheParameterGroupName=name, ParameterNameValues=pairs)


def _replication_group_change(wire: Wire, change: Any) -> object:
    """Make the old group, and ask for what is different in the new one."""
    old, new = (_group_request(wire, spec) for spec in change)
    wire.elasticache.create_replication_group(**old)
    _available(wire, old["ReplicationGroupId"])
    try:
        return _changed(wire, old, new)
    finally:
        _removed(wire, old["ReplicationGroupId"])


def _changed(wire: Wire, old: Mapping[str, Any], new: Mapping[str, Any]) -> object:
    group = {"ReplicationGroupId": old["ReplicationGroupId"], "ApplyImmediately": True}
    if old.get("NumCacheClusters") != new.get("NumCacheClusters"):
        return wire.elasticache.decrease_replica_count(NewReplicaCount=new["NumCacheClusters"] - 1, **group)
    wanted = {name: value for name, value in new.items() if old.get(name) != value}
    if "UserGroupIds" in wanted:
        wanted["UserGroupIdsToAdd"] = wanted.pop("UserGroupIds")
    return wire.elasticache.modify_replication_group(**{**wanted, **group})


def _parameter_group(wire: Wire, spec: Any) -> object:
    request = members_of(wire, "create_cache_parameter_group", spec)
    request.setdefault("CacheParameterGroupName", wire.name())
    answer = wire.elasticache.create_cache_parameter_group(**request)
    return _set(wire, request["CacheParameterGroupName"], spec.parameters) if spec.parameters else answer


def _subnet_group(wire: Wire, spec: Any) -> object:
    request = members_of(wire, "create_cache_subnet_group", spec)
    if request.get("CacheSubnetGroupName") == "private":
        request["CacheSubnetGroupName"] = wire.name()
    # Only their number matters, and they have to exist.
    request["SubnetIds"] = [wire.subnet for _ in request.get("SubnetIds", [])]
    return wire.elasticache.create_cache_subnet_group(**request)


def _serverless_cache_snapshot(wire: Wire, spec: Any) -> object:
    """Make the cache that a snapshot is taken of, and ask for the snapshot."""
    request = members_of(wire, "create_serverless_cache_snapshot", spec)
    if request.get("ServerlessCacheSnapshotName") == "monday":
        request["ServerlessCacheSnapshotName"] = wire.name()
    if "ServerlessCacheName" not in request:
        return wire.elasticache.create_serverless_cache_snapshot(**request)
    cache = request["ServerlessCacheName"] = wire.name()
    wire.elasticache.create_serverless_cache(ServerlessCacheName=cache, Engine="valkey")

    def found() -> dict[str, Any]:
        return wire.elasticache.describe_serverless_caches(ServerlessCacheName=cache)["ServerlessCaches"][0]

    until(found, lambda item: item["Status"] == "available")
    return wire.elasticache.create_serverless_cache_snapshot(**request)


NOT_YET = "not implemented by the local emulator yet"
_NO_SNAPSHOT = "the snapshot would have to exist"
# A family of operations is one entry.
FAMILIES: dict[Subject, Family] = {
    "cache_cluster": Family(_cache_cluster, {}),
    "parameter_group": Family(_parameter_group, {}),
    "replication_group": Family(
        _replication_group,
        {
            **dict.fromkeys(("bk-r6gd", "bk-restore-engine", "rg-restore-shards"), _NO_SNAPSHOT),
            "rg-slots-for-s3-seed": "a shard of which nothing is said is not sent",
            "rg-snapshotting-cluster-cmd-only": "only a change has this member",
        },
    ),
    "replication_group_change": Family(
        _replication_group_change,
        {
            "rg-cross-engine": "the emulator knows the family of the parameter group, and pg-family-match speaks first",
            "rg-manual-promotion": "the node would have to exist",
            "rg-rollback-users": "rg-usergroup-engine-match speaks first",
            "rg-scale-in-replicas": "Multi-AZ has automatic failover, and rg-failover-needs-replica speaks first",
            "rg-tiering-no-switch": "r6gd nodes need data tiering, and rg-tiering-must speaks first",
        },
    ),
    "serverless_cache_snapshot": Family(
        _serverless_cache_snapshot, {"sl-snapshot-source": "the API asks for a member that it requires by its name"}
    ),
    "subnet_group": Family(_subnet_group, {}),
    "user": Family(user, {"user-auth-one-way": "the emulator refuses what the rulebook warns of"}),
    "user_group": Family(
        user_group,
        {
            "group-required": "the API takes a user group without users",
            "group-size": "the users would have to exist",
        },
    ),
}
