"""AWS::ElastiCache::ReplicationGroup."""

from __future__ import annotations

import contextlib
import dataclasses
import secrets
from collections.abc import Mapping
from typing import Any, ClassVar

from moto.core.common_models import CloudFormationModel

from elasticache_kit.emulator.action import replication_group_spec as specs
from elasticache_kit.emulator.action.replication_group_view import busy
from elasticache_kit.emulator.cloudformation import log_delivery
from elasticache_kit.emulator.cloudformation.elasticache import ElastiCacheResource, dug, pause
from elasticache_kit.emulator.cloudformation.shard import Shards
from elasticache_kit.emulator.fault import Fault, invalid_state
from elasticache_kit.model.replication_group.durability import effective

# Where the description has each kind of endpoint.
ENDPOINTS = {
    "ConfigurationEndPoint": "ConfigurationEndpoint",
    "PrimaryEndPoint": "NodeGroups.0.PrimaryEndpoint",
    "ReaderEndPoint": "NodeGroups.0.ReaderEndpoint",
}


class ReplicationGroupResource(ElastiCacheResource, CloudFormationModel):
    """A replication group of a stack; each step waits until the group is available, as CloudFormation does."""

    CREATE = "CreateReplicationGroup"
    MODIFY = "ModifyReplicationGroup"
    NAME = "ReplicationGroupId"
    DEFAULTS: ClassVar[Mapping[str, Any]] = {
        "AutoMinorVersionUpgrade": True,
        "AutomaticFailoverEnabled": False,
        "MultiAZEnabled": False,
        "SnapshotRetentionLimit": 0,
    }
    APART = frozenset(
        {
            "AuthToken", "CacheParameterGroupName", "LogDeliveryConfigurations", "NodeGroupConfiguration",
            "NotificationTopicArn", "NumCacheClusters", "NumNodeGroups", "ReplicasPerNodeGroup", "UserGroupIds",
        }
    )  # fmt: skip
    SHOWN: ClassVar[Mapping[str, str]] = {
        "AtRestEncryptionEnabled": "AtRestEncryptionEnabled",
        "AutoMinorVersionUpgrade": "AutoMinorVersionUpgrade",
        "CacheNodeType": "CacheNodeType",
        "Engine": "Engine",
        "IpDiscovery": "IpDiscovery",
        "KmsKeyId": "KmsKeyId",
        "NetworkType": "NetworkType",
        "ReplicationGroupDescription": "Description",
        "SnapshotRetentionLimit": "SnapshotRetentionLimit",
        "SnapshotWindow": "SnapshotWindow",
        "TransitEncryptionEnabled": "TransitEncryptionEnabled",
        "TransitEncryptionMode": "TransitEncryptionMode",
        "UserGroupIds": "UserGroupIds",
    }

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::ElastiCache::ReplicationGroup"

    def attribute(self, name: str) -> Any:
        """Return an endpoint, what can be read from, or the durability: an endpoint of another cluster mode is None."""
        shown = self.shown()
        kind, _, part = name.partition(".")
        if kind == "EffectiveDurability":
            # What the service would resolve: nobody here writes a log that survives all nodes.
            return effective(self.region.replication_group(self.physical_resource_id).spec)
        if kind == "ReadEndPoint":
            if shown["ClusterEnabled"]:
                return None
            member = "ReadEndpoint.Address" if part.startswith("Addresses") else "ReadEndpoint.Port"
            found: list[Any] = dug(shown, f"NodeGroups.0.NodeGroupMembers.{member}") or []
            values = [str(value) for value in found if value is not None]
            return values if part else {"AddressesList": self.attribute(f"{kind}.AddressesList"),
                                        "PortsList": self.attribute(f"{kind}.PortsList")}  # fmt: skip
        endpoint: Mapping[str, Any] | None = dug(shown, ENDPOINTS[kind])
        return endpoint[part] if endpoint and part else endpoint

    def update(self, old: Mapping[str, Any]) -> None:
        """Change shards and replicas, then the rest by ModifyReplicationGroup, and wait for each; then the tags."""
        Shards(self).resize(old)
        if request := self.differences(old):
            self._modify(**request)
        token = self.properties.get("AuthToken")
        if token and token != old.get("AuthToken"):
            # CloudFormation's page: another token is set. ElastiCache sets one that was rotated in before.
            self._modify(AuthToken=token, AuthTokenUpdateStrategy="ROTATE")
            self._modify(AuthToken=token, AuthTokenUpdateStrategy="SET")
        self.retag(old)

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DeleteReplicationGroup and wait until the group is gone; a secondary leaves its global datastore first.

        A group that is gone already counts as deleted.
        """
        del account_id, region_name
        self._delete()

    def delete_with_snapshot(self, account_id: str, region_name: str) -> None:
        """Delete as DeletionPolicy Snapshot asks, with a final snapshot."""
        del account_id, region_name
        self._delete(
            FinalSnapshotIdentifier=f"{self.physical_resource_id[:30].rstrip('-')}-final-{secrets.token_hex(4)}"
        )

    def shown(self) -> Mapping[str, Any]:
        """Call DescribeReplicationGroups."""
        found = self.api("DescribeReplicationGroups", ReplicationGroupId=self.physical_resource_id)
        return found["ReplicationGroups"][0]

    def actual(self) -> Mapping[str, Any] | None:
        """Add what the description has in other words, or only for the nodes."""
        found = super().actual()
        if found is None:
            return None
        shown, group = self.shown(), self.region.replication_group(self.physical_resource_id)
        groups: list[str] = (
            list(group.spec.security_group_ids) if isinstance(group.spec.security_group_ids, tuple) else []
        )
        return {
            **found,
            "AutomaticFailoverEnabled": shown["AutomaticFailover"] == "enabled",
            "CacheParameterGroupName": group.parameter_group_name,
            "CacheSubnetGroupName": group.spec.cache_subnet_group_name,
            "EngineVersion": group.engine_version,
            "MultiAZEnabled": shown["MultiAZ"] == "enabled",
            "NotificationTopicArn": group.topic.arn if group.topic else None,
            "NumCacheClusters": len(shown["MemberClusters"]),
            "NumNodeGroups": len(shown["NodeGroups"]),
            "Port": group.port,
            "PreferredMaintenanceWindow": group.maintenance_window,
            "ReplicasPerNodeGroup": max(len(item["NodeGroupMembers"]) for item in shown["NodeGroups"]) - 1,
            "SecurityGroupIds": groups,
        }

    def wait(self) -> None:
        """Wait until the group is available.

        Raises:
            Fault: it could not be made, or a change of it failed.
        """
        while True:
            group = self.region.replication_group(self.physical_resource_id)
            if group.status in ("available", "create-failed") and not busy(group):
                if group.failure:
                    raise invalid_state(f"{self.physical_resource_id} failed: {group.failure}")
                return
            pause()

    def differences(self, old: Mapping[str, Any]) -> dict[str, Any]:
        """Say where events and logs go, who is let in, and which parameter group holds."""
        request = {**super().differences(old), **log_delivery.removed(old, self.properties)}
        if self.region.replication_group(self.physical_resource_id).cluster_mode_enabled:
            # Cluster mode always fails over: without the property there is no other way to have it.
            request = {
                key: value for key, value in request.items() if (key, value) != ("AutomaticFailoverEnabled", False)
            }
        changed = {name for name in self.APART if self.properties.get(name) != old.get(name)}
        if "NotificationTopicArn" in changed:
            topic = self.properties.get("NotificationTopicArn")
            request["NotificationTopicStatus"] = "active" if topic else "inactive"
            request["NotificationTopicArn"] = topic
        if "UserGroupIds" in changed:
            request |= self._user_groups(old)
        if "CacheParameterGroupName" in changed:
            request["CacheParameterGroupName"] = self._parameter_group()
        if request.get("TransitEncryptionEnabled"):
            request["TransitEncryptionMode"] = self.properties.get("TransitEncryptionMode")
        if "AuthToken" in changed and not self.properties.get("AuthToken"):
            if request.get("UserGroupIdsToAdd"):
                request["AuthTokenUpdateStrategy"] = "DELETE"
            else:
                self.remarks.append(f"AuthToken has left the template: {self.physical_resource_id} still asks for it.")
        return {name: value for name, value in request.items() if value is not None}

    def _modify(self, **request: Any) -> None:
        self.api(
            "ModifyReplicationGroup", ReplicationGroupId=self.physical_resource_id, ApplyImmediately=True, **request
        )
        self.wait()

    def _user_groups(self, old: Mapping[str, Any]) -> dict[str, Any]:
        wanted: list[str] = self.properties.get("UserGroupIds") or []
        present: list[str] = old.get("UserGroupIds") or []
        if not wanted:
            return {"RemoveUserGroups": True}
        return {
            "UserGroupIdsToAdd": [item for item in wanted if item not in present] or None,
            "UserGroupIdsToRemove": [item for item in present if item not in wanted] or None,
        }

    def _parameter_group(self) -> str:
        """Return the parameter group of the template, or the default one where none is given any more."""
        spec = self.region.replication_group(self.physical_resource_id).spec
        version = self.properties.get("EngineVersion", spec.engine_version)
        changed = dataclasses.replace(
            spec,
            cache_parameter_group_name=None,
            engine=self.properties.get("Engine", spec.engine),
            engine_version=version,
        )
        return str(self.properties.get("CacheParameterGroupName") or specs.parameter_group_name(changed))

    def _delete(self, **request: Any) -> None:
        group = self.region.replication_groups.get(self.physical_resource_id)
        if group is None:
            return
        # One that failed goes all the same.
        with contextlib.suppress(Fault):
            self.wait()
        if group.global_replication_group_id and group.global_role == "SECONDARY":
            self.api(
                "DisassociateGlobalReplicationGroup",
                GlobalReplicationGroupId=group.global_replication_group_id,
                ReplicationGroupId=self.physical_resource_id,
                ReplicationGroupRegion=self.region.name,
            )
            while group.global_replication_group_id:
                pause()
        self.gone("DeleteReplicationGroup", ReplicationGroupId=self.physical_resource_id, **request)
