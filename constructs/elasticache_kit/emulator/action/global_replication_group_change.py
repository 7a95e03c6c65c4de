"""Changes of a global datastore that reach every member: settings, shards, slots."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator.action import global_member, replication_group_change, shard_configuration
from elasticache_kit.emulator.action import global_replication_group_job as job
from elasticache_kit.emulator.action.argument import names
from elasticache_kit.emulator.action.global_replication_group_view import at_rest, describe, group_of
from elasticache_kit.emulator.action.turn import taking_turns
from elasticache_kit.emulator.fault import invalid_combination, invalid_value, refuse
from elasticache_kit.emulator.provision import global_replication_group as provision_global
from elasticache_kit.model import global_replication_group as rulebook
from elasticache_kit.model import replication_group as group_rulebook

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.global_replication_group import GlobalMember, GlobalReplicationGroup
    from elasticache_kit.emulator.state.replication_group import ReplicationGroup
    from elasticache_kit.model.replication_group import ReplicationGroupSpec

_FIELDS = {
    "AutomaticFailoverEnabled": "automatic_failover_enabled",
    "CacheNodeType": "cache_node_type",
    "CacheParameterGroupName": "cache_parameter_group_name",
    "Engine": "engine",
    "EngineVersion": "engine_version",
}


@taking_turns
def modify_global_replication_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change the settings of all members, or the description."""
    found = _at_once(region, request)
    values = {field: request[member] for member, field in _FIELDS.items() if request.get(member) is not None}
    specs = {
        member.region_name: dataclasses.replace(group_of(region, member).spec, **values) for member in found.members
    }
    _judge_settings(region, found, values, specs)
    if request.get("GlobalReplicationGroupDescription") is not None:
        found.description = request["GlobalReplicationGroupDescription"]

    def start(home: Region, group: ReplicationGroup) -> None:
        replication_group_change.start(home, group, specs[home.name], group.auth_tokens)

    return _change_all(region, found, start if values else None)


@taking_turns
def increase_node_groups_in_global_replication_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Give every member more shards."""
    found = _at_once(region, request)
    count, present = int(request["NodeGroupCount"]), len(group_of(region, found.primary).node_groups)
    if count <= present:
        raise invalid_value(f"NodeGroupCount must be above the present number of shards, {present}.")
    _judge(region, found, count)
    return _reshard_all(region, found, count)


@taking_turns
def decrease_node_groups_in_global_replication_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Take shards away from every member."""
    found = _at_once(region, request)
    primary = group_of(region, found.primary)
    count, present = int(request["NodeGroupCount"]), [item.node_group_id for item in primary.node_groups]
    if count >= len(present):
        raise invalid_value(f"NodeGroupCount must be below the present number of shards, {len(present)}.")
    removing, retaining = (
        tuple(item.rpartition("-")[2] for item in names(request, member))
        for member in ("GlobalNodeGroupsToRemove", "GlobalNodeGroupsToRetain")
    )
    if bool(removing) == bool(retaining):
        raise invalid_combination("Give either GlobalNodeGroupsToRemove or GlobalNodeGroupsToRetain.")
    gone = removing or tuple(item for item in present if item not in retaining)
    if not set(gone) <= set(present) or len(present) - len(set(gone)) != count:
        raise invalid_combination(f"There are the shards {', '.join(present)}, of which {count} shall stay.")
    _judge(region, found, count)
    return _reshard_all(region, found, count, gone)


@taking_turns
def rebalance_slots_in_global_replication_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Spread the slots evenly over the shards of every member."""
    found = _at_once(region, request)
    count = len(group_of(region, found.primary).node_groups)
    _judge(region, found, count)
    return _reshard_all(region, found, count)


def _judge_settings(
    region: Region,
    found: GlobalReplicationGroup,
    values: Mapping[str, Any],
    specs: Mapping[str, ReplicationGroupSpec],
) -> None:
    """Refuse settings that the datastore cannot have, or one of its members.

    Raises:
        Fault: with all that the rulebook says of them.
    """
    before = rulebook.GlobalReplicationGroupSpec()
    members = tuple(
        global_member.spec_of(item.role, item.region_name, specs[item.region_name]) for item in found.members
    )
    violations = [
        *rulebook.check(rulebook.GlobalReplicationGroupSpec(**values, members=members)),
        # What is not given stays: only a version that is given is another one.
        *rulebook.check_change(before, rulebook.GlobalReplicationGroupSpec(**values)),
    ]
    for member in found.members:
        after = specs[member.region_name]
        violations += group_rulebook.check_change(group_of(region, member).spec, after)
        violations += group_rulebook.check(after)
    refuse(violations)


def _at_once(region: Region, request: Mapping[str, Any]) -> GlobalReplicationGroup:
    if not request.get("ApplyImmediately"):
        raise invalid_value("A global datastore changes at once only: ApplyImmediately must be true.")
    return at_rest(region, request["GlobalReplicationGroupId"])


def _judge(region: Region, found: GlobalReplicationGroup, count: int) -> None:
    for member in found.members:
        shard_configuration.judge(provision_global.sibling(region, member.region_name), group_of(region, member), count)


def _change_all(
    region: Region, found: GlobalReplicationGroup, start: Callable[[Region, ReplicationGroup], None] | None
) -> dict[str, Any]:
    # Secondaries first: the primary waits for them where its engine changes.
    members = sorted(found.members, key=lambda item: item is found.primary)
    return _change_in_turn(region, found, members if start else (), start or _nothing)


def _reshard_all(
    region: Region, found: GlobalReplicationGroup, count: int, gone: tuple[str, ...] = ()
) -> dict[str, Any]:
    def start(home: Region, group: ReplicationGroup) -> None:
        shard_configuration.start(home, group, count, gone)

    # The primary first: secondaries wait for it, and begin anew behind its shards.
    members = sorted(found.members, key=lambda item: item is not found.primary)
    return _change_in_turn(region, found, members, start)


def _change_in_turn(
    region: Region,
    found: GlobalReplicationGroup,
    members: Sequence[GlobalMember],
    start: Callable[[Region, ReplicationGroup], None],
) -> dict[str, Any]:
    found.status = "modifying"
    answer = {"GlobalReplicationGroup": describe(region, found, members=True)}
    for member in members:
        start(provision_global.sibling(region, member.region_name), group_of(region, member))
    job.change(region, found, lambda: None)
    return answer


def _nothing(region: Region, group: ReplicationGroup) -> None:
    del region, group
