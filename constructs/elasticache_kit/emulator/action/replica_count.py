"""The number of replicas of a replication group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator import provision, runtime
from elasticache_kit.emulator.action import replication_group_spec as specs
from elasticache_kit.emulator.action.replication_group_view import available, describe
from elasticache_kit.emulator.action.turn import taking_turns
from elasticache_kit.emulator.fault import invalid_combination, invalid_value, refuse
from elasticache_kit.model import replication_group as rulebook

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region


@taking_turns
def increase_replica_count(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Give every node group more replicas."""
    return _change_replicas(region, request, more=True)


@taking_turns
def decrease_replica_count(region: Region, request: Mapping[str, Any]) -> dict[str, Any]:
    """Take replicas away from every node group; the primary always stays."""
    return _change_replicas(region, request, more=False)


def _change_replicas(region: Region, request: Mapping[str, Any], *, more: bool) -> dict[str, Any]:
    group = available(region, request["ReplicationGroupId"])
    if not request.get("ApplyImmediately"):
        raise invalid_value("Replica counts change at once only: ApplyImmediately must be true.")
    if request.get("ReplicaConfiguration") or request.get("ReplicasToRemove"):
        raise invalid_value(
            "ReplicaConfiguration and ReplicasToRemove are not implemented by the local emulator yet: "
            "use NewReplicaCount."
        )
    count = request.get("NewReplicaCount")
    present = len(group.node_groups[0].replicas)
    if count is None:
        raise invalid_combination("NewReplicaCount must be given.")
    if more and count <= present:
        raise invalid_value(f"NewReplicaCount must be above the present number of replicas, {present}.")
    if not more and count >= present:
        raise invalid_value(f"NewReplicaCount must be below the present number of replicas, {present}.")
    spec = specs.with_replicas(group.spec, count)
    refuse(rulebook.check(spec))
    refuse(rulebook.check_change(group.spec, spec))
    group.status = "modifying"
    answer = {"ReplicationGroup": describe(region, group)}

    def finish() -> None:
        provision.resize(region, group, count)
        group.spec = spec

    runtime.current().lifecycle.start(
        f"replicas of {group.replication_group_id}", lambda: provision.change(group, finish)
    )
    return answer
