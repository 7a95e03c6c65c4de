"""The members of a global datastore: who may be one, and how one joins."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from elasticache_kit.emulator.action import global_replication_group_job as job
from elasticache_kit.emulator.action.global_replication_group_view import at_rest, group_of
from elasticache_kit.emulator.fault import invalid_value, refuse
from elasticache_kit.emulator.state.global_replication_group import GlobalMember
from elasticache_kit.model import global_replication_group as rulebook

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.global_replication_group import GlobalReplicationGroup
    from elasticache_kit.emulator.state.replication_group import ReplicationGroup
    from elasticache_kit.model.replication_group import ReplicationGroupSpec


def find(found: GlobalReplicationGroup, region_name: str, group_id: str) -> GlobalMember:
    """Find a member.

    Raises:
        Fault: InvalidParameterValue.
    """
    for member in found.members:
        if (member.region_name, member.replication_group_id) == (region_name, group_id.lower()):
            return member
    raise invalid_value(f"{group_id} in {region_name} is not a member of {found.global_replication_group_id}.")


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
    joining = spec_of("SECONDARY", region.name, spec)
    refuse(rulebook.check(rulebook.GlobalReplicationGroupSpec(members=(*specs_of(region, found), joining))))


def specs_of(region: Region, found: GlobalReplicationGroup) -> tuple[rulebook.GlobalMemberSpec, ...]:
    """Return the members of a global datastore as the rulebook judges them."""
    return tuple(spec_of(item.role, item.region_name, group_of(region, item).spec) for item in found.members)


def spec_of(role: str, region_name: str, spec: ReplicationGroupSpec) -> rulebook.GlobalMemberSpec:
    """Return a member as the rulebook judges it."""
    return rulebook.GlobalMemberSpec(
        replication_group_id=spec.replication_group_id,
        replication_group_region=region_name,
        role=role,
        replication_group=spec,
    )


def take_after(region: Region, found: GlobalReplicationGroup, group: ReplicationGroup) -> None:
    """Give a new group in cluster mode the shards that the primary has: their ids, and the slots of each."""
    if not group.cluster_mode_enabled:
        return
    for own, theirs in zip(group.node_groups, group_of(region, found.primary).node_groups, strict=True):
        own.node_group_id, own.slots = theirs.node_group_id, theirs.slots
        for number, member in enumerate(own.members, start=1):
            member.cache_cluster_id = f"{group.replication_group_id}-{own.node_group_id}-{number:03}"


def joined(region: Region, found: GlobalReplicationGroup, group: ReplicationGroup) -> None:
    """Make a new group a secondary."""
    found.members.append(GlobalMember(region.name, group.replication_group_id, "SECONDARY", "associating"))
    group.global_replication_group_id, group.global_role = found.global_replication_group_id, "SECONDARY"
    job.change(region, found, partial(job.associated, found))
