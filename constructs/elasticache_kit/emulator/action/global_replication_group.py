"""Global datastores: one replication group takes writes, those of other Regions follow it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.action import global_member, not_yet, page
from elasticache_kit.emulator.action import global_replication_group_job as job
from elasticache_kit.emulator.action.global_replication_group_view import at_rest, describe, find, group_of, state_fault
from elasticache_kit.emulator.action.job import later
from elasticache_kit.emulator.action.replication_group_view import available
from elasticache_kit.emulator.action.turn import taking_turns
from elasticache_kit.emulator.fault import invalid_combination, invalid_state, invalid_value, refuse
from elasticache_kit.emulator.provision import global_replication_group as provision_global
from elasticache_kit.emulator.state.global_replication_group import GlobalMember, GlobalReplicationGroup
from elasticache_kit.model import global_replication_group as rulebook
from elasticache_kit.model.global_replication_group.prefix import prefixes

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region


@taking_turns
def create_global_replication_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Make a global datastore of a replication group, which becomes its primary."""
    group = available(region, request["PrimaryReplicationGroupId"])
    if program := provision_global.unable(region, group):
        raise not_yet.not_implemented(
            f"CreateGlobalReplicationGroup of a group in cluster mode that {program} runs: a secondary in cluster mode "
            "needs valkey 9.0 or newer on this machine; without engines any will do"
        )
    suffix = str(request["GlobalReplicationGroupIdSuffix"]).lower()
    if group.global_replication_group_id:
        raise invalid_state(f"{group.replication_group_id} belongs to {group.global_replication_group_id} already.")
    primary = global_member.spec_of("PRIMARY", region.name, group.spec)
    refuse(
        rulebook.check(
            rulebook.GlobalReplicationGroupSpec(global_replication_group_id_suffix=suffix, members=(primary,))
        )
    )
    global_id = f"{_prefix(region.name)}-{suffix}"
    region.global_replication_groups.refuse_taken(global_id)
    made = GlobalReplicationGroup(
        global_replication_group_id=global_id,
        arn=region.arn("globalreplicationgroup", global_id),
        description=str(request.get("GlobalReplicationGroupDescription") or ""),
        members=[GlobalMember(region.name, group.replication_group_id, "PRIMARY", "associating")],
    )
    region.global_replication_groups[global_id] = made
    group.global_replication_group_id, group.global_role = global_id, "PRIMARY"
    region.tag([made.arn], request)
    answer = {"GlobalReplicationGroup": describe(region, made)}
    job.change(region, made, partial(job.associated, made))
    return answer


def describe_global_replication_groups(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the global datastores that have a member in this Region, or one by id; members where they are asked for."""
    wanted = request.get("GlobalReplicationGroupId")
    there = (item for item in provision_global.datastores(region) if _here(region, item))
    found = [find(region, wanted)] if wanted else list(there)
    found.sort(key=lambda item: item.global_replication_group_id)
    items, marker = page.cut(found, request, key=lambda item: item.global_replication_group_id)
    members = bool(request.get("ShowMemberInfo"))
    return {
        "GlobalReplicationGroups": [describe(region, item, members=members) for item in items],
        "Marker": marker,
    }


@taking_turns
def disassociate_global_replication_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Let a secondary stand alone; it keeps what it has."""
    found = at_rest(region, request["GlobalReplicationGroupId"])
    member = global_member.find(found, request["ReplicationGroupRegion"], request["ReplicationGroupId"])
    if member.role == "PRIMARY":
        raise invalid_value(f"{member.replication_group_id} is the primary: only secondaries are disassociated.")
    member.status = "disassociating"
    answer = {"GlobalReplicationGroup": describe(region, found, members=True)}

    def finish() -> None:
        found.members.remove(member)
        group = group_of(region, member)
        group.global_replication_group_id = group.global_role = None

    job.change(region, found, finish, partial(provision_global.let_go, region, member))
    return answer


@taking_turns
def failover_global_replication_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Make a secondary the primary."""
    found = at_rest(region, request["GlobalReplicationGroupId"])
    promoted = global_member.find(found, request["PrimaryRegion"], request["PrimaryReplicationGroupId"])
    if promoted.role == "PRIMARY":
        raise invalid_value(f"{promoted.replication_group_id} in {promoted.region_name} is the primary already.")
    found.status = "modifying"
    answer = {"GlobalReplicationGroup": describe(region, found, members=True)}

    def finish() -> None:
        for member in found.members:
            member.role = "PRIMARY" if member is promoted else "SECONDARY"
            group_of(region, member).global_role = member.role

    job.change(region, found, finish, partial(provision_global.fail_over, region, found, promoted))
    return answer


@taking_turns
def delete_global_replication_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Dissolve a global datastore of which only the primary is left, which stays."""
    found = at_rest(region, request["GlobalReplicationGroupId"])
    if len(found.members) > 1:
        raise state_fault(f"{found.global_replication_group_id} has secondaries: disassociate them first.")
    if not request.get("RetainPrimaryReplicationGroup"):
        raise invalid_combination("The primary is never deleted: RetainPrimaryReplicationGroup must be true.")
    found.status = "deleting"
    answer = {"GlobalReplicationGroup": describe(region, found)}

    def finish() -> None:
        group = group_of(region, found.primary)
        group.global_replication_group_id = group.global_role = None
        _home(region, found).global_replication_groups.forget(found.global_replication_group_id)

    later(region, f"delete {found.global_replication_group_id}", runtime.current().lifecycle.timing.delete, finish)
    return answer


def _home(region: Region, found: GlobalReplicationGroup) -> Region:
    return provision_global.sibling(region, found.arn.split(":")[3])


def _here(region: Region, found: GlobalReplicationGroup) -> bool:
    return region.name in [member.region_name for member in found.members]


def _prefix(region_name: str) -> str:
    """Return the prefix of a Region: the one that AWS publishes, else five letters of its own."""
    known = prefixes().get(region_name)
    if known:
        return known
    digest = hashlib.sha256(region_name.encode()).digest()
    return "".join(chr(ord("a") + byte % 26) for byte in digest[:5])
