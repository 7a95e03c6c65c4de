"""AWS::ElastiCache::ReplicationGroup."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from moto.core.common_models import CloudFormationModel

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.action import replica_count, replication_group, replication_group_change, snapshot_record
from elasticache_kit.emulator.cloudformation.elasticache import ElastiCacheResource
from elasticache_kit.emulator.fault import Fault, invalid_state, invalid_value

POLL_SECONDS = 0.05


class ReplicationGroupResource(ElastiCacheResource, CloudFormationModel):
    """A replication group of a stack; each step waits until the group is available, as CloudFormation does."""

    CREATE = "CreateReplicationGroup"
    NAME = "ReplicationGroupId"
    ATTRIBUTES = frozenset(
        {
            "ConfigurationEndPoint.Address",
            "ConfigurationEndPoint.Port",
            "EffectiveDurability",
            "PrimaryEndPoint.Address",
            "PrimaryEndPoint.Port",
            "ReadEndPoint.Addresses",
            "ReadEndPoint.AddressesList",
            "ReadEndPoint.Ports",
            "ReadEndPoint.PortsList",
            "ReaderEndPoint.Address",
            "ReaderEndPoint.Port",
        }
    )
    # What changes by a call of its own.
    _SIZES = ("NumCacheClusters", "NumNodeGroups", "ReplicasPerNodeGroup", "NodeGroupConfiguration")

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::ElastiCache::ReplicationGroup"

    @classmethod
    def physical_name(cls, properties: Mapping[str, Any], generated: str) -> str:
        """Return the id that was asked for, or a generated one that is a valid id: 40 characters, no double hyphen."""
        if properties.get(cls.NAME):
            return str(properties[cls.NAME]).lower()
        # The end is what makes a generated name unique.
        prefix, _, suffix = generated.lower().rpartition("-")
        name = f"{prefix[: 39 - len(suffix)].rstrip('-')}-{suffix}"
        while "--" in name:
            name = name.replace("--", "-")
        return name if name[0].isalpha() else f"x{name}"[:40]

    @classmethod
    def replaces(cls, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
        """Tell whether a change needs a new group; for now a change of the number of node groups does as well."""
        return super().replaces(old, new) or old.get("NumNodeGroups") != new.get("NumNodeGroups")

    def get_cfn_attribute(self, attribute_name: str) -> str | list[str]:
        """Return an endpoint, or a list of those that can be read from.

        Raises:
            Fault: InvalidParameterValue for an endpoint that the cluster mode of the group does not have.
        """
        group = self.region.replication_group(self.physical_resource_id)
        shown = replication_group.describe(self.region, group)
        kind, _, part = attribute_name.partition(".")
        node_groups: list[dict[str, Any]] = shown["NodeGroups"]
        node_group = node_groups[0] if node_groups else {}
        if attribute_name == "EffectiveDurability":
            return "disabled"
        if kind == "ReadEndPoint" and not group.cluster_mode_enabled:
            members: list[dict[str, Any]] = node_group.get("NodeGroupMembers", [])
            field = "Address" if part.startswith("Addresses") else "Port"
            values = [str(member["ReadEndpoint"][field]) for member in members]
            return values if part.endswith("List") else f"[{', '.join(values)}]"
        endpoints: dict[str, dict[str, Any] | None] = {
            "ConfigurationEndPoint": shown.get("ConfigurationEndpoint"),
            "PrimaryEndPoint": node_group.get("PrimaryEndpoint"),
            "ReaderEndPoint": node_group.get("ReaderEndpoint"),
        }
        endpoint = endpoints.get(kind)
        if endpoint is None:
            raise invalid_value(
                f"{self.physical_resource_id} has no attribute {attribute_name}: cluster mode is "
                f"{'enabled' if group.cluster_mode_enabled else 'disabled'}."
            )
        return str(endpoint[part])

    def look(self) -> None:
        """Raise ReplicationGroupNotFoundFault where there is none."""
        self.region.replication_group(self.physical_resource_id)

    def create(self) -> None:
        """Call CreateReplicationGroup and wait."""
        request = {**self.properties, "ReplicationGroupId": self.physical_resource_id}
        replication_group.create_replication_group(self.region, request)
        try:
            self._wait()
        except Fault:
            # A failed resource goes with the rollback, and nobody but this knows of it.
            self.delete("", "")
            raise

    def update(self, old: Mapping[str, Any]) -> None:
        """Change the number of replicas, then the rest by ModifyReplicationGroup, and wait for each; then the tags."""
        self._resize(old)
        names = {name for name in {*old, *self.properties} if old.get(name) != self.properties.get(name)}
        changed = {name: self.properties[name] for name in names - {*self._SIZES, "Tags"} if name in self.properties}
        if changed:
            request = {"ReplicationGroupId": self.physical_resource_id, "ApplyImmediately": True, **changed}
            replication_group_change.modify_replication_group(self.region, request)
            self._wait()
        if old.get("Tags") != self.properties.get("Tags"):
            group = self.region.replication_group(self.physical_resource_id)
            before: list[dict[str, str]] = old.get("Tags") or []
            self.region.tagging.untag_resource_using_names(group.arn, [tag["Key"] for tag in before])
            self.region.tag([group.arn], self.properties)

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DeleteReplicationGroup and wait until the group is gone; one that is gone already counts as deleted."""
        del account_id, region_name
        group = self.region.replication_groups.get(self.physical_resource_id)
        if group is None:
            return
        while group.status not in ("available", "create-failed") or replication_group.busy(group):
            _pause()
        replication_group.delete_replication_group(self.region, {"ReplicationGroupId": self.physical_resource_id})
        while self.physical_resource_id in self.region.replication_groups:
            _pause()

    def delete_with_snapshot(self, account_id: str, region_name: str) -> None:
        """Delete as DeletionPolicy Snapshot asks: a final snapshot is recorded first."""
        group = self.region.replication_group(self.physical_resource_id)
        name = f"{self.physical_resource_id[:30]}-final-{secrets.token_hex(4)}"
        snapshot_record.complete(self.region, snapshot_record.of_group(self.region, group, name))
        self.delete(account_id, region_name)

    def _resize(self, old: Mapping[str, Any]) -> None:
        group = self.region.replication_group(self.physical_resource_id)
        present = len(group.node_groups[0].replicas)
        wanted = present
        if self.properties.get("NumCacheClusters") not in (None, old.get("NumCacheClusters")):
            wanted = int(self.properties["NumCacheClusters"]) - 1
        elif self.properties.get("ReplicasPerNodeGroup") not in (None, old.get("ReplicasPerNodeGroup")):
            wanted = int(self.properties["ReplicasPerNodeGroup"])
        if wanted == present:
            return
        change = replica_count.increase_replica_count if wanted > present else replica_count.decrease_replica_count
        request = {
            "ReplicationGroupId": self.physical_resource_id,
            "NewReplicaCount": wanted,
            "ApplyImmediately": True,
        }
        change(self.region, request)
        self._wait()

    def _wait(self) -> None:
        while True:
            group = self.region.replication_group(self.physical_resource_id)
            if group.status in ("available", "create-failed"):
                if group.failure:
                    raise invalid_state(f"{self.physical_resource_id} failed: {group.failure}")
                return
            _pause()


def _pause() -> None:
    # Raises where the emulator stops: a sleep would leave a thread behind that waits for ever.
    runtime.current().lifecycle.pause(POLL_SECONDS)
