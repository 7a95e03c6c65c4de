"""Global datastores: one replication group takes writes, those of other Regions follow it."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator import provision_global, runtime
from elasticache_kit.emulator.action import not_yet, page
from elasticache_kit.emulator.action.job import later
from elasticache_kit.emulator.action.replication_group_view import available
from elasticache_kit.emulator.action.turn import taking_turns
from elasticache_kit.emulator.fault import Fault, invalid_combination, invalid_state, invalid_value, refuse
from elasticache_kit.emulator.state.global_replication_group import GlobalMember, GlobalReplicationGroup
from elasticache_kit.errors import ElastiCacheKitError
from elasticache_kit.model import global_replication_group as rulebook
from elasticache_kit.model.global_replication_group.prefix import prefixes

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.replication_group import ReplicationGroup
    from elasticache_kit.model.replication_group import ReplicationGroupSpec

logger = logging.getLogger(__name__)


@taking_turns
def create_global_replication_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Make a global datastore of a replication group, which becomes its primary."""
    group = available(region, request["PrimaryReplicationGroupId"])
    if group.cluster_mode_enabled:
        not_yet.refuse_with_engines("CreateGlobalReplicationGroup of a group in cluster mode")
    suffix = str(request["GlobalReplicationGroupIdSuffix"]).lower()
    if group.global_replication_group_id:
        raise invalid_state(f"{group.replication_group_id} belongs to {group.global_replication_group_id} already.")
    primary = member_spec("PRIMARY", region.name, group.spec)
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
    change(region, made, lambda: _associated(made))
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
    member = _member(found, request["ReplicationGroupRegion"], request["ReplicationGroupId"])
    if member.role == "PRIMARY":
        raise invalid_value(f"{member.replication_group_id} is the primary: only secondaries are disassociated.")
    member.status = "disassociating"
    answer = {"GlobalReplicationGroup": describe(region, found, members=True)}

    def finish() -> None:
        found.members.remove(member)
        group = group_of(region, member)
        group.global_replication_group_id = group.global_role = None

    change(region, found, finish, partial(provision_global.let_go, region, member))
    return answer


@taking_turns
def failover_global_replication_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Make a secondary the primary."""
    found = at_rest(region, request["GlobalReplicationGroupId"])
    promoted = _member(found, request["PrimaryRegion"], request["PrimaryReplicationGroupId"])
    if promoted.role == "PRIMARY":
        raise invalid_value(f"{promoted.replication_group_id} in {promoted.region_name} is the primary already.")
    found.status = "modifying"
    answer = {"GlobalReplicationGroup": describe(region, found, members=True)}

    def finish() -> None:
        for member in found.members:
            member.role = "PRIMARY" if member is promoted else "SECONDARY"
            group_of(region, member).global_role = member.role

    change(region, found, finish, partial(provision_global.fail_over, region, found, promoted))
    return answer


@taking_turns
def delete_global_replication_group(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Dissolve a global datastore of which only the primary is left, which stays."""
    found = at_rest(region, request["GlobalReplicationGroupId"])
    if len(found.members) > 1:
        raise _state(f"{found.global_replication_group_id} has secondaries: disassociate them first.")
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


def join(region: Region, global_id: str) -> tuple[GlobalReplicationGroup, ReplicationGroup]:
    """Return the global datastore that a new group of this Region joins, and its primary.

    Raises:
        Fault: GlobalReplicationGroupNotFoundFault, InvalidGlobalReplicationGroupState.
    """
    found = at_rest(region, global_id)
    return found, group_of(region, found.primary)


def judge_joining(region: Region, found: GlobalReplicationGroup, spec: ReplicationGroupSpec) -> None:
    """Refuse a secondary that the other members of a global datastore do not go with.

    Raises:
        Fault: with all that the rulebook says of the members together.
    """
    joining = member_spec("SECONDARY", region.name, spec)
    refuse(rulebook.check(rulebook.GlobalReplicationGroupSpec(members=(*member_specs(region, found), joining))))


def member_specs(region: Region, found: GlobalReplicationGroup) -> tuple[rulebook.GlobalMemberSpec, ...]:
    """Return the members of a global datastore as the rulebook judges them."""
    return tuple(member_spec(item.role, item.region_name, group_of(region, item).spec) for item in found.members)


def member_spec(role: str, region_name: str, spec: ReplicationGroupSpec) -> rulebook.GlobalMemberSpec:
    """Return a member as the rulebook judges it."""
    return rulebook.GlobalMemberSpec(
        replication_group_id=spec.replication_group_id,
        replication_group_region=region_name,
        role=role,
        replication_group=spec,
    )


def joined(region: Region, found: GlobalReplicationGroup, group: ReplicationGroup) -> None:
    """Make a new group a secondary."""
    found.members.append(GlobalMember(region.name, group.replication_group_id, "SECONDARY", "associating"))
    group.global_replication_group_id, group.global_role = found.global_replication_group_id, "SECONDARY"
    change(region, found, lambda: _associated(found))


def describe(region: Region, found: GlobalReplicationGroup, *, members: bool = False) -> dict[str, Any]:
    """Show a global datastore as the API does.

    Args:
        region: where the request came to.
        found: the global datastore.
        members: whether to show its members.
    """
    primary = group_of(region, found.primary)
    spec = primary.spec
    shown: dict[str, Any] = {
        "GlobalReplicationGroupId": found.global_replication_group_id,
        "GlobalReplicationGroupDescription": found.description,
        "Status": found.status,
        "CacheNodeType": spec.cache_node_type,
        "Engine": spec.engine or "redis",
        "EngineVersion": primary.engine_version,
        "ClusterEnabled": primary.cluster_mode_enabled,
        "AuthTokenEnabled": primary.auth_tokens is not None,
        "TransitEncryptionEnabled": bool(spec.transit_encryption_enabled),
        "AtRestEncryptionEnabled": bool(spec.at_rest_encryption_enabled),
        "ARN": found.arn,
    }
    if primary.cluster_mode_enabled:
        shown["GlobalNodeGroups"] = [
            {"GlobalNodeGroupId": f"{found.global_replication_group_id}-{item.node_group_id}", "Slots": item.slots}
            for item in primary.node_groups
        ]
    if members:
        shown["Members"] = [
            {
                "ReplicationGroupId": item.replication_group_id,
                "ReplicationGroupRegion": item.region_name,
                "Role": item.role,
                "AutomaticFailover": (
                    "enabled" if group_of(region, item).spec.automatic_failover_enabled else "disabled"
                ),
                "Status": item.status,
            }
            for item in found.members
        ]
    return shown


def at_rest(region: Region, global_id: str) -> GlobalReplicationGroup:
    """Find a global datastore that can be changed.

    Raises:
        Fault: GlobalReplicationGroupNotFoundFault, InvalidGlobalReplicationGroupState.
    """
    found = find(region, global_id)
    if found.status not in ("available", "primary-only"):
        raise _state(f"{global_id} is not available: its status is {found.status}.")
    for member in found.members:
        group = group_of(region, member)
        if group.status != "available":
            raise _state(f"{member.replication_group_id} in {member.region_name} is {group.status}.")
    return found


def find(region: Region, global_id: str) -> GlobalReplicationGroup:
    """Find a global datastore in any Region of the account.

    Raises:
        Fault: GlobalReplicationGroupNotFoundFault.
    """
    for item in provision_global.datastores(region):
        if item.global_replication_group_id == global_id.lower():
            return item
    return region.global_replication_groups.find(global_id)


def group_of(region: Region, member: GlobalMember) -> ReplicationGroup:
    """Return the replication group of a member."""
    return provision_global.sibling(region, member.region_name).replication_group(member.replication_group_id)


def change(
    region: Region,
    found: GlobalReplicationGroup,
    job: Callable[[], None],
    engines: Callable[[], None] | None = None,
) -> None:
    """Do what a change asks for when its time has passed; afterwards the global datastore is at rest.

    Args:
        region: where the request came to.
        found: the global datastore.
        job: what becomes of the records; nothing where the engines do not play along.
        engines: what becomes of the engines first; nothing when omitted.
    """
    name = f"change {found.global_replication_group_id}"

    def run() -> None:
        lifecycle = runtime.current().lifecycle
        lifecycle.pause(lifecycle.timing.modify)
        done = job
        try:
            with lifecycle.away():
                (engines or _nothing)()
        except ElastiCacheKitError:
            logger.exception("%s", name)
            done = partial(_associated, found)
        with region.lock:
            done()
            found.status = "available" if len(found.members) > 1 else "primary-only"

    runtime.current().lifecycle.start(name, run)


def _nothing() -> None:
    """Do nothing: no engine is concerned."""


def _associated(found: GlobalReplicationGroup) -> None:
    for member in found.members:
        member.status = "associated"


def _home(region: Region, found: GlobalReplicationGroup) -> Region:
    return provision_global.sibling(region, found.arn.split(":")[3])


def _here(region: Region, found: GlobalReplicationGroup) -> bool:
    return region.name in [member.region_name for member in found.members]


def _member(found: GlobalReplicationGroup, region_name: str, group_id: str) -> GlobalMember:
    for member in found.members:
        if (member.region_name, member.replication_group_id) == (region_name, group_id.lower()):
            return member
    raise invalid_value(f"{group_id} in {region_name} is not a member of {found.global_replication_group_id}.")


def _prefix(region_name: str) -> str:
    """Return the prefix of a Region: the one that AWS publishes, else five letters of its own."""
    known = prefixes().get(region_name)
    if known:
        return known
    digest = hashlib.sha256(region_name.encode()).digest()
    return "".join(chr(ord("a") + byte % 26) for byte in digest[:5])


def _state(message: str) -> Fault:
    return Fault("InvalidGlobalReplicationGroupState", message)
