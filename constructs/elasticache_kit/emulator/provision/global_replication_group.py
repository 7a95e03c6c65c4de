"""How the engines of a global datastore's members follow each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from moto.elasticache.models import elasticache_backends

from elasticache_kit.emulator import runtime
from elasticache_kit.errors import EmulatorError

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.plan import NodeGroupPlan
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.global_replication_group import GlobalMember, GlobalReplicationGroup
    from elasticache_kit.emulator.state.replication_group import ReplicationGroup

POLL_SECONDS = 0.05


def datastores(region: Region) -> Iterator[GlobalReplicationGroup]:
    """Give the global datastores of an account, of all Regions."""
    backends: Any = elasticache_backends[region.account_id]
    for backend in list(backends.values()):
        yield from list(backend.region.global_replication_groups.values())


def sibling(region: Region, name: str) -> Region:
    """Return another Region of the same account."""
    backend: Any = elasticache_backends[region.account_id][name]
    return backend.region


def source_key(region: Region, group: ReplicationGroup) -> str:
    """Name the group that a secondary takes its data from, as the fleet does; nothing for every other group."""
    if group.global_role != "SECONDARY":
        return ""
    for found in datastores(region):
        if found.global_replication_group_id == group.global_replication_group_id:
            return _key(region, found.primary)
    return ""


def unable(region: Region, group: ReplicationGroup) -> str | None:
    """Name the program that runs in cluster mode and cannot follow another group; None where all is well."""
    fleet = runtime.current().fleet
    if fleet is None or not group.cluster_mode_enabled:
        return None
    program = fleet.group(region.fleet_key(group.replication_group_id)).workshop.binary
    return None if program.tells_client_port else f"{program.engine} {program.version}"


def fail_over(region: Region, found: GlobalReplicationGroup, promoted: GlobalMember) -> None:
    """Let the engines of a secondary take the writes, and those of all other members follow them.

    Raises:
        EmulatorError: the engines do not play along; then all is as it was.
    """
    fleet = runtime.current().fleet
    if fleet is not None:
        others = [item for item in found.members if item not in (promoted, found.primary)]
        fleet.move_primary(_key(region, found.primary), _key(region, promoted), [_key(region, item) for item in others])


def await_secondaries(region: Region, group: ReplicationGroup) -> None:
    """Return when no secondary of a primary changes any more: an older engine does not follow a newer one.

    Raises:
        StoppedError: the emulator stops meanwhile.
    """
    if group.global_role != "PRIMARY":
        return
    for found in datastores(region):
        if found.global_replication_group_id == group.global_replication_group_id:
            for item in found.members:
                if item is not found.primary:
                    _await(_group(region, item))


def reshard(region: Region, group: ReplicationGroup, slots: Mapping[str, str], coming: Sequence[NodeGroupPlan]) -> None:
    """Give a secondary the shards that its primary gets, when this has them: new engines, and copies of its data.

    Args:
        region: where the secondary is.
        group: the secondary.
        slots: the slots of each shard that there is afterwards, by its id.
        coming: those that are not there yet.

    Raises:
        EmulatorError: the primary has not got them, or the engines do not play along.
        StoppedError: the emulator stops meanwhile.
    """
    fleet, source, key = (
        runtime.current().fleet,
        source_key(region, group),
        region.fleet_key(group.replication_group_id),
    )
    for found in datastores(region):
        if found.global_replication_group_id == group.global_replication_group_id and fleet is not None:
            primary = _group(region, found.primary)
            _await(primary)
            with runtime.current().lifecycle.away():
                if {item.node_group_id: item.slots for item in primary.node_groups} != slots:
                    # What it followed before is gone all the same.
                    fleet.follow(key, source)
                    raise EmulatorError(f"{found.primary.replication_group_id} has not got the shards that it should.")
                fleet.rebuild(key, source, slots, new=coming)


def _await(group: ReplicationGroup) -> None:
    while group.status == "modifying":
        runtime.current().lifecycle.pause(POLL_SECONDS)


def let_go(region: Region, member: GlobalMember) -> None:
    """Let the engines of a secondary stand alone, with what they have.

    Raises:
        EmulatorError: they do not play along.
    """
    fleet = runtime.current().fleet
    if fleet is not None:
        fleet.follow(_key(region, member), None)


def _group(region: Region, member: GlobalMember) -> ReplicationGroup:
    return sibling(region, member.region_name).replication_group(member.replication_group_id)


def _key(region: Region, member: GlobalMember) -> str:
    return sibling(region, member.region_name).fleet_key(member.replication_group_id)
