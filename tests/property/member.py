"""The members of a request, by AWS's own names, from a spec of the rulebook."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache
from typing import Any, cast

import botocore.session
from botocore import xform_name

from elasticache_kit.model.log_delivery import LogDeliverySpec
from elasticache_kit.model.replication_group import NodeGroupSpec
from elasticache_kit.model.serverless_cache import CacheUsageLimitsSpec, UsageLimitSpec
from elasticache_kit.model.user import AuthenticationModeSpec


def request(operation: str, spec: Any, renamed: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Say a spec in the members of an operation.

    Args:
        operation: as the API names it.
        spec: what is asked for; None is left out.
        renamed: what the API calls differently than CloudFormation; a property is its member in snake_case elsewhere.
    """
    members = {**_members(operation), **(renamed or {})}
    given = {item.name: getattr(spec, item.name) for item in fields(spec)}
    return {members[name]: _plain(value) for name, value in given.items() if name in members and value is not None}


def _told(**members: Any) -> dict[str, Any]:
    return {name: _plain(item) for name, item in members.items() if item is not None}


@cache
def _members(operation: str) -> dict[str, str]:
    service: Any = cast("Any", botocore.session.get_session()).get_service_model("elasticache")
    shape = service.operation_model(operation).input_shape
    return {_field(name): name for name in shape.members}


def _field(member: str) -> str:
    # CloudFormation's names in snake_case write a plural abbreviation as one word.
    return xform_name(re.sub(r"AZs\b", "Azs", member))


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in cast("tuple[Any, ...]", value)]
    return next((write(value) for kind, write in _STRUCTURES.items() if isinstance(value, kind)), value)


def _node_group(value: NodeGroupSpec) -> dict[str, Any]:
    return _told(
        NodeGroupId=value.node_group_id,
        Slots=value.slots,
        PrimaryAvailabilityZone=value.primary_availability_zone,
        ReplicaAvailabilityZones=value.replica_availability_zones,
        ReplicaCount=value.replica_count,
    )


def _log_delivery(value: LogDeliverySpec) -> dict[str, Any]:
    details = {"cloudwatch-logs": ("CloudWatchLogsDetails", "LogGroup")}.get(
        str(value.destination_type), ("KinesisFirehoseDetails", "DeliveryStream")
    )
    return _told(
        LogType=value.log_type,
        LogFormat=value.log_format,
        DestinationType=value.destination_type,
        DestinationDetails=value.destination and {details[0]: {details[1]: value.destination}},
    )


_STRUCTURES: dict[type, Callable[[Any], dict[str, Any]]] = {
    NodeGroupSpec: _node_group,
    LogDeliverySpec: _log_delivery,
    UsageLimitSpec: lambda value: _told(Minimum=value.minimum, Maximum=value.maximum, Unit=value.unit),
    CacheUsageLimitsSpec: lambda value: _told(DataStorage=value.data_storage, ECPUPerSecond=value.ecpu_per_second),
    AuthenticationModeSpec: lambda value: _told(Type=value.type, Passwords=value.passwords),
}
