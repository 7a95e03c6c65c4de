"""ModifyReplicationGroupShardConfiguration: more shards, fewer, or the slots spread anew."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.action import room
from elasticache_kit.emulator.action.argument import names, structures, texts
from elasticache_kit.emulator.action.replication_group_view import available, describe
from elasticache_kit.emulator.action.turn import taking_turns
from elasticache_kit.emulator.fault import Fault, invalid_combination, invalid_value, refuse
from elasticache_kit.emulator.provision import replication_group as provision
from elasticache_kit.emulator.state.replication_group import Member, NodeGroup
from elasticache_kit.model import quota
from elasticache_kit.model import replication_group as rulebook
from elasticache_kit.model.slot import even_ranges

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.replication_group import ReplicationGroup

LAST_ID = 9999


@taking_turns
def modify_replication_group_shard_configuration(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change the number of shards of a group in cluster mode; the same number spreads the slots evenly."""
    group = available(region, request["ReplicationGroupId"])
    if not request.get("ApplyImmediately"):
        raise invalid_value("Shards change at once only: ApplyImmediately must be true.")
    if group.global_replication_group_id:
        raise invalid_combination(
            f"{group.replication_group_id} belongs to {group.global_replication_group_id}: change the shards there."
        )
    judge(region, group, int(request["NodeGroupCount"]))
    gone = _gone(group, request)
    zones = [texts(item, "PreferredAvailabilityZones") for item in structures(request, "ReshardingConfiguration")]
    group.changing = {"Resharding": {"SlotMigration": {"ProgressPercentage": 0.0}}}
    group.status = "modifying"
    answer = {"ReplicationGroup": describe(region, group)}
    start(region, group, int(request["NodeGroupCount"]), gone, zones)
    return answer


def judge(region: Region, group: ReplicationGroup, count: int) -> None:
    """Refuse a number of shards that a group cannot have.

    Raises:
        Fault: the group is not in cluster mode, there would be too many shards or nodes, or the rulebook refuses.
    """
    if not group.cluster_mode_enabled or group.spec.cluster_mode == "compatible":
        raise invalid_combination(f"{group.replication_group_id} is not in cluster mode: it has one shard.")
    if count < 1:
        raise invalid_value(f"NodeGroupCount {count} must be at least 1.")
    limit = quota.quotas()["shards-per-group"].value
    if count > limit:
        raise Fault(
            "NodeGroupsPerReplicationGroupQuotaExceeded", f"{count} shards are above the quota of {limit} of a group."
        )
    replicas = len(group.node_groups[0].replicas)
    refuse(rulebook.check(_spec(group, count)))
    room.for_nodes(region, max(0, count - len(group.node_groups)) * (replicas + 1))


def start(
    region: Region,
    group: ReplicationGroup,
    count: int,
    gone: Sequence[str] = (),
    zones: Sequence[Sequence[str]] = (),
) -> None:
    """Begin a change that has been judged; afterwards the slots are spread evenly over the shards.

    Args:
        region: where the group is.
        group: the group.
        count: the number of shards that it shall have.
        gone: the shards that go; the last ones where none are named.
        zones: the zones of the nodes of each new shard; as in the first shard where none are named.
    """
    group.status = "modifying"

    leaving = list(gone) or [item.node_group_id for item in group.node_groups[count:]]
    staying = [item for item in group.node_groups if item.node_group_id not in leaving]

    def finish() -> None:
        runtime.current().lifecycle.pause(runtime.current().lifecycle.timing.modify)
        coming: list[NodeGroup] = []
        chosen = iter(zones)
        while len(staying) + len(coming) < count:
            coming.append(_new(group, coming, next(chosen, ())))
        after = [*staying, *coming]
        slots = dict(zip([item.node_group_id for item in after], even_ranges(count), strict=True))
        provision.reshard(region, group, slots, coming)
        with region.lock:
            lost = [item for item in group.node_groups if item.node_group_id in leaving]
            group.node_groups = after
            for node_group in after:
                node_group.slots = slots[node_group.node_group_id]
            for member in [member for item in lost for member in item.members]:
                region.record(provision.CLUSTER, member.cache_cluster_id, "Cache cluster deleted")
            for member in [member for item in coming for member in item.members]:
                provision.tell_created(region, member)
            group.spec, group.changing = _spec(group, count), {}
            text = f"Slot migration of {group.replication_group_id} completed"
            region.record(provision.GROUP, group.replication_group_id, text)

    runtime.current().lifecycle.start(
        f"shards of {group.replication_group_id}", lambda: provision.change(group, finish)
    )


def _new(group: ReplicationGroup, others: Sequence[NodeGroup], zones: Sequence[str]) -> NodeGroup:
    """Make a shard for a group that gets others, too."""
    taken = {int(item.node_group_id) for item in (*group.node_groups, *others)}
    last = max(taken)
    # An id has four digits.
    number = last + 1 if last < LAST_ID else next(item for item in range(1, LAST_ID) if item not in taken)
    model = group.node_groups[0].members
    node_group_id = f"{number:04}"
    members: list[Member] = []
    for place, like in enumerate(model):
        name = f"{group.replication_group_id}-{node_group_id}-{place + 1:03}"
        zone = zones[place] if place < len(zones) else model[(place + number) % len(model)].availability_zone
        members.append(Member(name, zone or like.availability_zone, "replica" if place else "primary", "available"))
    return NodeGroup(node_group_id, None, members, "available")


def _gone(group: ReplicationGroup, request: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the shards that go.

    Raises:
        Fault: they are named twice, not at all, in the wrong number, or are not there.
    """
    removing, retaining = names(request, "NodeGroupsToRemove"), names(request, "NodeGroupsToRetain")
    present = [item.node_group_id for item in group.node_groups]
    fewer = len(present) - int(request["NodeGroupCount"])
    if fewer <= 0:
        if removing or retaining:
            raise invalid_combination("NodeGroupsToRemove and NodeGroupsToRetain are for fewer shards.")
        return ()
    if bool(removing) == bool(retaining):
        raise invalid_combination("Fewer shards: give either NodeGroupsToRemove or NodeGroupsToRetain.")
    if unknown := [item for item in (*removing, *retaining) if item not in present]:
        raise Fault("NodeGroupNotFoundFault", f"Node group {', '.join(unknown)} not found.")
    leaving = removing or tuple(item for item in present if item not in retaining)
    if len(set(leaving)) != fewer:
        raise invalid_combination(f"{len(set(leaving))} shards would go, and NodeGroupCount says {fewer}.")
    return leaving


def _spec(group: ReplicationGroup, count: int) -> Any:
    return dataclasses.replace(
        group.spec,
        num_cache_clusters=None,
        num_node_groups=count,
        replicas_per_node_group=len(group.node_groups[0].replicas),
        node_group_configuration=None,
    )
