"""Requests for global datastores, from specs of the rulebook: their members are made before, each in its Region."""

from __future__ import annotations

from typing import Any

from tests.emulator.group_request import group_request
from tests.emulator.members import HOME, Wire, members_of
from tests.emulator.wire import available, until


def global_replication_group(wire: Wire, spec: Any) -> object:
    """Make a global datastore with all its members."""
    return _datastore(wire, spec)


def global_replication_group_change(wire: Wire, change: Any) -> object:
    """Make the old datastore, and ask for what is different in the new one."""
    old, new = change
    made = _datastore(wire, old)
    request = _settings(wire, new)
    if name := request.get("CacheParameterGroupName"):
        request["CacheParameterGroupName"] = parameter_group = wire.name()
        assert name == "ours", "a group that has to exist"
        for member in old.members:
            wire.client("elasticache", member.replication_group_region).create_cache_parameter_group(
                CacheParameterGroupName=parameter_group, CacheParameterGroupFamily="valkey9", Description="d"
            )
    return _changed(wire, made, request)


def _datastore(wire: Wire, spec: Any) -> dict[str, Any]:
    primary, *others = spec.members
    api = wire.client("elasticache", primary.replication_group_region)
    made = api.create_global_replication_group(
        GlobalReplicationGroupIdSuffix=_suffix(wire, spec),
        PrimaryReplicationGroupId=_member(wire, primary),
    )["GlobalReplicationGroup"]
    world = made["GlobalReplicationGroupId"]
    _at_rest(api, world)
    for other in others:
        _member(wire, other, world)
        _at_rest(api, world)
    if spec.tags:
        # Its creation takes none.
        tags = [{"Key": key, "Value": value} for key, value in spec.tags.items()]
        api.add_tags_to_resource(ResourceName=made["ARN"], Tags=tags)
    if settings := _settings(wire, spec):
        _changed(wire, made, settings)
    return made


def _suffix(wire: Wire, spec: Any) -> str:
    """Return a suffix that nothing has, with what is particular about that of the spec."""
    return str(spec.global_replication_group_id_suffix).replace("orders", wire.name())


def _settings(wire: Wire, spec: Any) -> dict[str, Any]:
    return members_of(wire, "modify_global_replication_group", spec)


def _changed(wire: Wire, made: dict[str, Any], settings: dict[str, Any]) -> dict[str, Any]:
    api, world = wire.client("elasticache", made["ARN"].split(":")[3] or HOME), made["GlobalReplicationGroupId"]
    return api.modify_global_replication_group(GlobalReplicationGroupId=world, ApplyImmediately=True, **settings)


def _member(wire: Wire, member: Any, world: str | None = None) -> str:
    """Make a group, as a member of a datastore where one is named, and return its id."""
    request = group_request(wire, member.replication_group)
    request["ReplicationGroupId"] = wire.name()
    request.pop("GlobalReplicationGroupId", None)
    if world:
        request["GlobalReplicationGroupId"] = world
    wire.subnets(member.replication_group_region)
    request["CacheSubnetGroupName"] = "private"
    api = wire.client("elasticache", member.replication_group_region)
    api.create_replication_group(**request)
    available(api, request["ReplicationGroupId"])
    return request["ReplicationGroupId"]


def _at_rest(api: Any, world: str) -> None:
    until(
        lambda: api.describe_global_replication_groups(GlobalReplicationGroupId=world)["GlobalReplicationGroups"][0],
        lambda found: found["Status"] in ("available", "primary-only"),
    )
