"""A request to the API from a spec of the rulebook, so that a spec that breaks a rule there is refused over the wire.

A family of operations is one entry of FAMILIES: how a spec of its subject becomes a request. Whatever the spec says of
other resources, such as the parameters of a group, is made before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from itertools import count
from typing import TYPE_CHECKING, Any, cast

from elasticache_kit.model.engine import EngineVersion
from elasticache_kit.model.unknown import Unknown
from tests.emulator.wire import until

if TYPE_CHECKING:
    from elasticache_kit.model.rule import Subject

# Specs name zones by letters.
ZONES = {letter: f"eu-west-1{letter}" for letter in "abc"}
# What the API calls differently than CloudFormation, after which the specs are named.
OTHER_NAMES: dict[str, dict[str, str]] = {
    "create_cache_parameter_group": {"cache_parameter_group_name": "CacheParameterGroupName"},
    "create_cache_subnet_group": {"description": "CacheSubnetGroupDescription"},
}


@dataclass(frozen=True, slots=True)
class Wire:
    """An emulator with the subnet group `private` in the zones a and b, and what it takes to ask it.

    Args:
        elasticache: a boto3 client that sends whatever it is given.
        subnet: a subnet that exists.
        numbers: for names that are not taken.
    """

    elasticache: Any
    subnet: str
    numbers: Iterator[int] = field(default_factory=count)

    def name(self) -> str:
        """Return a name that nothing has."""
        return f"n{next(self.numbers)}"


@dataclass(frozen=True, slots=True)
class Family:
    """How specs of one subject are asked for.

    Args:
        ask: sends a spec, and returns what the last request answered.
        unreachable: rules that no request can break, and why.
    """

    ask: Callable[[Wire, Any], object]
    unreachable: Mapping[str, str]


def members_of(wire: Wire, operation: str, spec: Any) -> dict[str, Any]:
    """Return the members of a request that a spec gives; what the operation does not have is left out."""
    model = wire.elasticache.meta.service_model
    names = model.operation_model(wire.elasticache.meta.method_to_api_mapping[operation]).input_shape.members
    by_plain = {name.lower(): name for name in names}
    others = OTHER_NAMES.get(operation, {})
    found: dict[str, Any] = {}
    for item in fields(spec):
        value = getattr(spec, item.name)
        name = others.get(item.name) or by_plain.get(item.name.replace("_", ""))
        if name is not None and value is not None and not isinstance(value, Unknown):
            found[name] = _value(value)
    return found


def _value(value: Any) -> Any:
    if isinstance(value, tuple):
        return [ZONES.get(item, item) for item in cast("tuple[Any, ...]", value)]
    return value


def _replication_group(wire: Wire, spec: Any) -> object:
    return wire.elasticache.create_replication_group(**_group_request(wire, spec))


def _group_request(wire: Wire, spec: Any) -> dict[str, Any]:
    request = members_of(wire, "create_replication_group", spec)
    if request.get("ReplicationGroupId") in {"orders", "orders-b"}:
        request["ReplicationGroupId"] = wire.name()
    if isinstance(spec.auth_token, Unknown):
        request["AuthToken"] = "x" * 16
    if spec.node_group_configuration:
        request["NodeGroupConfiguration"] = [_node_group(item) for item in spec.node_group_configuration]
    if spec.log_delivery_configurations:
        request["LogDeliveryConfigurations"] = [_log(item) for item in spec.log_delivery_configurations]
    if name := _parameter_group_of(wire, spec):
        request["CacheParameterGroupName"] = name
    return request


def _node_group(item: Any) -> dict[str, Any]:
    said = {
        "NodeGroupId": item.node_group_id,
        "Slots": item.slots,
        "ReplicaCount": item.replica_count,
        "PrimaryAvailabilityZone": item.primary_availability_zone,
        "ReplicaAvailabilityZones": item.replica_availability_zones and _value(item.replica_availability_zones),
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
    group = {"ReplicationGroupId": old["ReplicationGroupId"], "ApplyImmediately": True}
    wire.elasticache.create_replication_group(**old)
    until(
        lambda: wire.elasticache.describe_replication_groups(ReplicationGroupId=old["ReplicationGroupId"]),
        lambda answer: answer["ReplicationGroups"][0]["Status"] == "available",
    )
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


NOT_YET = "not implemented by the local emulator yet"
_NOT_YET_OF_A_GROUP = (
    "bk-r6gd",
    "bk-restore-engine",
    "rg-log-engine-version",
    "rg-log-shape",
    "rg-log-slow-version",
    "rg-restore-shards",
    "rg-slots-for-s3-seed",
    "rg-tiering-maxmemory-policy",
    "rg-usergroup-engine-match",
    "user-access-string-62",
    "user-access-string-70",
    "user-access-string-db",
    "user-iam-versions",
)
FAMILIES: dict[Subject, Family] = {
    "replication_group": Family(
        _replication_group,
        {
            **dict.fromkeys(_NOT_YET_OF_A_GROUP, NOT_YET),
            "rg-snapshotting-cluster-cmd-only": "only a change has this member",
        },
    ),
    "replication_group_change": Family(
        _replication_group_change,
        {
            "rg-cross-engine": "the emulator knows the family of the parameter group, and pg-family-match speaks first",
            "rg-manual-promotion": NOT_YET,
            "rg-rollback-users": NOT_YET,
            "rg-scale-in-replicas": "Multi-AZ has automatic failover, and rg-failover-needs-replica speaks first",
            "rg-tiering-no-switch": "r6gd nodes need data tiering, which is not implemented by the local emulator yet",
        },
    ),
    "parameter_group": Family(_parameter_group, {}),
    "subnet_group": Family(_subnet_group, {}),
}
