"""The shards and replicas of a replication group that a stack changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elasticache_kit.emulator.fault import invalid_value

if TYPE_CHECKING:
    from elasticache_kit.emulator.cloudformation.elasticache import ElastiCacheResource

# What stays as it is for as long as the shard exists.
_FIXED = ("PrimaryAvailabilityZone", "ReplicaAvailabilityZones", "Slots")


@dataclass(frozen=True, slots=True)
class Shards:
    """Brings a group to the numbers of its template: shards first, then the replicas in each.

    Args:
        resource: the group.
    """

    resource: ElastiCacheResource

    def resize(self, old: Mapping[str, Any]) -> None:
        """Change the numbers of shards and replicas that differ, each by its own operation.

        Args:
            old: the properties before.

        Raises:
            Fault: an operation is refused, or a shard shall be what no operation makes of it.
        """
        new = self.resource.properties
        before: list[dict[str, Any]] = old.get("NodeGroupConfiguration") or []
        after: list[dict[str, Any]] = new.get("NodeGroupConfiguration") or []
        if new.get("NumNodeGroups") != old.get("NumNodeGroups") or before != after:
            self._reshard(before, after)
        if (
            any(new.get(name) != old.get(name) for name in ("NumCacheClusters", "ReplicasPerNodeGroup"))
            or before != after
        ):
            self._replicate(after)

    def _reshard(self, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
        present = self._present()
        wanted = int(self.resource.properties.get("NumNodeGroups") or len(after) or len(present))
        if wanted == len(present):
            self._refuse_moved(before, after)
            return
        gone = list(present)[wanted:]
        zones = [
            [item["PrimaryAvailabilityZone"], *item.get("ReplicaAvailabilityZones", [])]
            for item in after[len(present) :]
            if "PrimaryAvailabilityZone" in item
        ]
        come = [{"PreferredAvailabilityZones": item} for item in zones]
        self._call(
            "ModifyReplicationGroupShardConfiguration",
            NodeGroupCount=wanted,
            NodeGroupsToRemove=gone or None,
            ReshardingConfiguration=come if len(come) == wanted - len(present) else None,
        )

    def _refuse_moved(self, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
        for old, new in zip(before, after, strict=False):
            if moved := [name for name in _FIXED if name in new and old.get(name) != new[name]]:
                raise invalid_value(
                    f"NodeGroupConfiguration: {', '.join(moved)} of a shard of {self.resource.physical_resource_id} "
                    "cannot be changed in place."
                )

    def _replicate(self, configuration: list[dict[str, Any]]) -> None:
        new, present = self.resource.properties, self._present()
        wanted = dict(present)
        if new.get("NumCacheClusters") is not None:
            wanted = dict.fromkeys(present, int(new["NumCacheClusters"]) - 1)
        elif new.get("ReplicasPerNodeGroup") is not None:
            wanted = dict.fromkeys(present, int(new["ReplicasPerNodeGroup"]))
        for name, item in zip(present, configuration, strict=False):
            if "ReplicaCount" in item:
                wanted[name] = int(item["ReplicaCount"])
        for operation, chosen in (
            ("IncreaseReplicaCount", {name: count for name, count in wanted.items() if count > present[name]}),
            ("DecreaseReplicaCount", {name: count for name, count in wanted.items() if count < present[name]}),
        ):
            if chosen:
                self._call(operation, **_asked(chosen, len(present)))

    def _present(self) -> dict[str, int]:
        """Return the number of replicas of each shard."""
        groups: list[dict[str, Any]] = self.resource.shown()["NodeGroups"]
        return {item["NodeGroupId"]: len(item["NodeGroupMembers"]) - 1 for item in groups}

    def _call(self, operation: str, **request: Any) -> None:
        name = self.resource.physical_resource_id
        self.resource.api(operation, ReplicationGroupId=name, ApplyImmediately=True, **request)
        self.resource.wait()


def _asked(counts: Mapping[str, int], shards: int) -> dict[str, Any]:
    """Say the number once where it is the same everywhere: a group without cluster mode takes no other form."""
    if len(counts) == shards and len(set(counts.values())) == 1:
        return {"NewReplicaCount": next(iter(counts.values()))}
    return {"ReplicaConfiguration": [{"NodeGroupId": name, "NewReplicaCount": count} for name, count in counts.items()]}
