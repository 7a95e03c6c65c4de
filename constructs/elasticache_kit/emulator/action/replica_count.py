"""The number of replicas of a replication group."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.action import replication_group_spec as specs
from elasticache_kit.emulator.action import room
from elasticache_kit.emulator.action.argument import names, structures, texts
from elasticache_kit.emulator.action.replication_group_view import available, describe
from elasticache_kit.emulator.action.turn import taking_turns
from elasticache_kit.emulator.fault import Fault, invalid_combination, invalid_value, refuse
from elasticache_kit.emulator.provision import replication_group as provision
from elasticache_kit.model import replication_group as rulebook
from elasticache_kit.model.replication_group import NodeGroupSpec

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.replication_group import ReplicationGroup
    from elasticache_kit.model.replication_group import ReplicationGroupSpec


@taking_turns
def increase_replica_count(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Give node groups more replicas."""
    return _change_replicas(region, request, more=True)


@taking_turns
def decrease_replica_count(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Take replicas away from node groups; the primary always stays."""
    return _change_replicas(region, request, more=False)


def _change_replicas(region: Region, request: Mapping[str, Any], *, more: bool) -> dict[str, Any]:
    group = available(region, request["ReplicationGroupId"])
    if not request.get("ApplyImmediately"):
        raise invalid_value("Replica counts change at once only: ApplyImmediately must be true.")
    gone = names(request, "ReplicasToRemove")
    counts = _counts(group, request, gone)
    _refuse_wrong_way(group, counts, more=more)
    spec = _spec(group, counts)
    refuse((*rulebook.check_change(group.spec, spec), *rulebook.check(spec)))
    present = sum(len(item.replicas) for item in group.node_groups)
    room.for_nodes(region, max(0, sum(counts.values()) - present))
    zones = {
        str(item["NodeGroupId"]): texts(item, "PreferredAvailabilityZones")
        for item in structures(request, "ReplicaConfiguration")
    }
    group.status = "modifying"
    answer = {"ReplicationGroup": describe(region, group)}

    def finish() -> None:
        provision.resize(region, group, counts, zones=zones, gone=gone)
        group.spec = spec

    runtime.current().lifecycle.start(
        f"replicas of {group.replication_group_id}", lambda: provision.change(group, finish)
    )
    return answer


def _counts(group: ReplicationGroup, request: Mapping[str, Any], gone: Sequence[str]) -> dict[str, int]:
    """Return the number of replicas that each node group shall have.

    Raises:
        Fault: the numbers are said twice or not at all, or for a node group or a replica that is not there.
    """
    count, configuration = request.get("NewReplicaCount"), structures(request, "ReplicaConfiguration")
    given = [item for item in (count is not None, bool(configuration), bool(gone)) if item]
    if len(given) != 1:
        raise invalid_combination("Give one of NewReplicaCount, ReplicaConfiguration and ReplicasToRemove.")
    counts = {item.node_group_id: len(item.replicas) for item in group.node_groups}
    if count is not None:
        return dict.fromkeys(counts, int(count))
    for item in configuration:
        counts[group.node_group(str(item["NodeGroupId"])).node_group_id] = int(item["NewReplicaCount"])
    for name in gone:
        owner = next(
            (item for item in group.node_groups if name in [member.cache_cluster_id for member in item.replicas]), None
        )
        if owner is None:
            raise invalid_value(f"{name} is not a replica of {group.replication_group_id}; the primary always stays.")
        counts[owner.node_group_id] -= 1
    return counts


def _refuse_wrong_way(group: ReplicationGroup, counts: Mapping[str, int], *, more: bool) -> None:
    for node_group in group.node_groups:
        present, wanted = len(node_group.replicas), counts[node_group.node_group_id]
        if wanted < 0 or (wanted < present if more else wanted > present):
            word = "below" if more else "above"
            raise invalid_value(
                f"{wanted} replicas of node group {node_group.node_group_id} are {word} the present number, {present}."
            )
    if all(len(item.replicas) == counts[item.node_group_id] for item in group.node_groups):
        raise Fault("NoOperationFault", "The numbers of replicas are what they shall be already.")


def _spec(group: ReplicationGroup, counts: Mapping[str, int]) -> ReplicationGroupSpec:
    different = set(counts.values())
    if len(different) == 1:
        return specs.with_replicas(group.spec, different.pop())
    return dataclasses.replace(
        group.spec,
        num_cache_clusters=None,
        num_node_groups=len(group.node_groups),
        replicas_per_node_group=None,
        node_group_configuration=tuple(
            NodeGroupSpec(node_group_id=item.node_group_id, slots=item.slots, replica_count=counts[item.node_group_id])
            for item in group.node_groups
        ),
    )
