"""The AWS::ElastiCache types that can be deployed: each is its API's create, modify and delete, and waits as AWS does."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Self

import botocore.session
from moto.core.common_models import CloudFormationModel
from moto.elasticache.models import elasticache_backends

from elasticache_kit.emulator.action import parameter_group, replication_group, subnet_group
from elasticache_kit.emulator.fault import Fault

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region

POLL_SECONDS = 0.05
BOOLEANS = {"true": True, "false": False}


def _region(account_id: str, region_name: str) -> Region:
    backend: Any = elasticache_backends[account_id][region_name]
    return backend.region


@cache
def _shape(operation: str) -> Any:
    model = botocore.session.get_session().get_service_model("elasticache")
    return model.operation_model(operation).input_shape


def typed(value: Any, shape: Any) -> Any:
    """Give a template's value the type that the API's shape has: templates may write numbers and booleans as text."""
    if shape is None:
        return value
    if isinstance(value, Mapping):
        members = getattr(shape, "members", {})
        return {key: typed(item, members.get(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [typed(item, getattr(shape, "member", None)) for item in value]
    if isinstance(value, str) and shape.type_name == "boolean":
        return BOOLEANS.get(value.lower(), value)
    if isinstance(value, str) and shape.type_name == "integer" and value.lstrip("-").isdigit():
        return int(value)
    return str(value) if shape.type_name == "string" and isinstance(value, int) else value


class _ElastiCacheResource:
    """What the three types share: identity, attributes, and replacement where CloudFormation replaces."""

    TYPE: ClassVar[str]
    CREATE: ClassVar[str]
    NAME: ClassVar[str]
    ATTRIBUTES: ClassVar[frozenset[str]]
    REPLACED_BY: ClassVar[frozenset[str]]

    def __init__(self, physical_id: str, properties: dict[str, Any], region: Region) -> None:
        self.physical_resource_id = physical_id
        self.properties = properties
        self.region = region
        self.left_original = False

    @classmethod
    def cloudformation_name_type(cls) -> str:
        return ""

    @classmethod
    def cloudformation_type(cls) -> str:
        return cls.TYPE

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr in cls.ATTRIBUTES

    @classmethod
    def is_created(cls) -> bool:
        return True

    @classmethod
    def physical_name(cls, properties: Mapping[str, Any], generated: str) -> str:
        """The name that was asked for, or one of CloudFormation's making, cut to what the service takes."""
        return str(properties.get(cls.NAME) or generated).lower()

    @classmethod
    def replaces(cls, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
        """Tell whether a change of properties needs a new resource."""
        return any(old.get(name) != new.get(name) for name in cls.REPLACED_BY)

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **_: Any
    ) -> Self:
        properties = typed(cloudformation_json.get("Properties", {}), _shape(cls.CREATE))
        region = _region(account_id, region_name)
        made = cls(cls.physical_name(properties, resource_name), properties, region)
        made.create()
        return made

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource: Any, new_resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> Self:
        properties = typed(cloudformation_json.get("Properties", {}), _shape(cls.CREATE))
        if cls.replaces(original_resource.properties, properties):
            new = cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)
            new.left_original = True
            return new
        changed = cls(original_resource.physical_resource_id, properties, original_resource.region)
        changed.update(original_resource.properties)
        return changed

    def create(self) -> None:
        raise NotImplementedError

    def update(self, old: Mapping[str, Any]) -> None:
        raise NotImplementedError


class SubnetGroupResource(_ElastiCacheResource, CloudFormationModel):
    """AWS::ElastiCache::SubnetGroup."""

    TYPE = "AWS::ElastiCache::SubnetGroup"
    CREATE = "CreateCacheSubnetGroup"
    NAME = "CacheSubnetGroupName"
    ATTRIBUTES = frozenset({"CacheSubnetGroupName"})
    REPLACED_BY = frozenset({"CacheSubnetGroupName"})

    def get_cfn_attribute(self, attribute_name: str) -> str:
        del attribute_name
        return self.physical_resource_id

    def create(self) -> None:
        subnet_group.create_cache_subnet_group(self.region, self._request())

    def update(self, old: Mapping[str, Any]) -> None:
        del old
        subnet_group.modify_cache_subnet_group(self.region, self._request())

    def delete(self, account_id: str, region_name: str) -> None:
        del account_id, region_name
        subnet_group.delete_cache_subnet_group(self.region, {self.NAME: self.physical_resource_id})

    def _request(self) -> dict[str, Any]:
        return {
            "CacheSubnetGroupName": self.physical_resource_id,
            "CacheSubnetGroupDescription": self.properties.get("Description"),
            "SubnetIds": self.properties.get("SubnetIds", []),
        }


class ParameterGroupResource(_ElastiCacheResource, CloudFormationModel):
    """AWS::ElastiCache::ParameterGroup: its name is always of CloudFormation's making."""

    TYPE = "AWS::ElastiCache::ParameterGroup"
    CREATE = "CreateCacheParameterGroup"
    NAME = "CacheParameterGroupName"
    ATTRIBUTES = frozenset({"CacheParameterGroupName"})
    REPLACED_BY = frozenset({"CacheParameterGroupFamily"})

    def get_cfn_attribute(self, attribute_name: str) -> str:
        del attribute_name
        return self.physical_resource_id

    def create(self) -> None:
        request = {
            "CacheParameterGroupName": self.physical_resource_id,
            "CacheParameterGroupFamily": self.properties.get("CacheParameterGroupFamily"),
            "Description": self.properties.get("Description"),
        }
        parameter_group.create_cache_parameter_group(self.region, request)
        try:
            self._assign()
        except Fault:
            del self.region.parameter_groups[self.physical_resource_id]
            raise

    def update(self, old: Mapping[str, Any]) -> None:
        group = self.region.parameter_group(self.physical_resource_id)
        before, group.values = group.values, {}
        try:
            self._assign()
        except Fault:
            group.values = before
            raise
        del old

    def delete(self, account_id: str, region_name: str) -> None:
        del account_id, region_name
        parameter_group.delete_cache_parameter_group(self.region, {self.NAME: self.physical_resource_id})

    def _assign(self) -> None:
        values = self.properties.get("Properties", {})
        group = self.region.parameter_group(self.physical_resource_id)
        # CloudFormation sends booleans of a parameter group as they were written: every value is text.
        parameter_group.assign(group, {name: _parameter_text(value) for name, value in values.items()})


class ReplicationGroupResource(_ElastiCacheResource, CloudFormationModel):
    """AWS::ElastiCache::ReplicationGroup."""

    TYPE = "AWS::ElastiCache::ReplicationGroup"
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
    # CFN:AWS::ElastiCache::ReplicationGroup createOnlyProperties (schema of 2026-10-20).
    REPLACED_BY = frozenset(
        {
            "AtRestEncryptionEnabled",
            "CacheSubnetGroupName",
            "DataTieringEnabled",
            "GlobalReplicationGroupId",
            "KmsKeyId",
            "NetworkType",
            "Port",
            "PreferredCacheClusterAZs",
            "ReplicationGroupId",
            "SnapshotArns",
            "SnapshotName",
        }
    )
    # What changes by a call of its own.
    _SIZES = ("NumCacheClusters", "NumNodeGroups", "ReplicasPerNodeGroup", "NodeGroupConfiguration")

    @classmethod
    def physical_name(cls, properties: Mapping[str, Any], generated: str) -> str:
        if properties.get(cls.NAME):
            return str(properties[cls.NAME]).lower()
        # 40 characters at most; the end is what makes a generated name unique.
        prefix, _, suffix = generated.lower().rpartition("-")
        name = f"{prefix[: 39 - len(suffix)].rstrip('-')}-{suffix}"
        while "--" in name:
            name = name.replace("--", "-")
        return name if name[0].isalpha() else f"x{name}"[:40]

    @classmethod
    def replaces(cls, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
        return super().replaces(old, new) or old.get("NumNodeGroups") != new.get("NumNodeGroups")

    def get_cfn_attribute(self, attribute_name: str) -> Any:
        group = self.region.replication_group(self.physical_resource_id)
        shown = replication_group.describe(self.region, group)
        kind, _, part = attribute_name.partition(".")
        node_group = shown["NodeGroups"][0] if shown["NodeGroups"] else {}
        if attribute_name == "EffectiveDurability":
            return "disabled"
        if kind == "ReadEndPoint":
            endpoints = [member["ReadEndpoint"] for member in node_group.get("NodeGroupMembers", [])]
            values = [str(item["Address" if part.startswith("Addresses") else "Port"]) for item in endpoints]
            return values if part.endswith("List") else f"[{', '.join(values)}]"
        endpoint = {
            "ConfigurationEndPoint": shown.get("ConfigurationEndpoint"),
            "PrimaryEndPoint": node_group.get("PrimaryEndpoint"),
            "ReaderEndPoint": node_group.get("ReaderEndpoint"),
        }.get(kind)
        if endpoint is None:
            raise Fault(
                "InvalidParameterValue",
                f"{self.physical_resource_id} has no attribute {attribute_name}: cluster mode is "
                f"{'enabled' if group.cluster_mode_enabled else 'disabled'}.",
            )
        return str(endpoint[part])

    def create(self) -> None:
        request = {**self.properties, "ReplicationGroupId": self.physical_resource_id}
        replication_group.create_replication_group(self.region, request)
        self._wait()

    def update(self, old: Mapping[str, Any]) -> None:
        self._resize(old)
        names = {name for name in {*old, *self.properties} if old.get(name) != self.properties.get(name)}
        changed = {name: self.properties[name] for name in names - {*self._SIZES, "Tags"} if name in self.properties}
        if changed:
            request = {"ReplicationGroupId": self.physical_resource_id, "ApplyImmediately": True, **changed}
            replication_group.modify_replication_group(self.region, request)
            self._wait()

    def delete(self, account_id: str, region_name: str) -> None:
        del account_id, region_name
        group = self.region.replication_groups.get(self.physical_resource_id)
        if group is None:
            return
        if group.status not in ("available", "create-failed"):
            self._wait()
        replication_group.delete_replication_group(self.region, {"ReplicationGroupId": self.physical_resource_id})
        while self.physical_resource_id in self.region.replication_groups:
            time.sleep(POLL_SECONDS)

    def delete_with_snapshot(self, account_id: str, region_name: str) -> None:
        """Delete as DeletionPolicy Snapshot asks: a final snapshot is recorded first."""
        backend: Any = elasticache_backends[account_id][region_name]
        group = self.region.replication_group(self.physical_resource_id)
        name = f"{self.physical_resource_id[:30]}-final-{secrets.token_hex(4)}"
        replication_group.record_final_snapshot(backend, self.region, group, name)
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
        change = (
            replication_group.increase_replica_count if wanted > present else replication_group.decrease_replica_count
        )
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
            if group.status == "available":
                return
            if group.status == "create-failed":
                raise Fault("InvalidReplicationGroupState", f"Creation failed: {group.failure}")
            time.sleep(POLL_SECONDS)


def _parameter_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
