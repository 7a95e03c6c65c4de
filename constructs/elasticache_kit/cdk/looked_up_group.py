"""What a lookup tells of a replication group, in either cluster mode."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from elasticache_kit.cdk.argument import construct_path, violation
from elasticache_kit.cdk.imported_replication_group import imported_spec
from elasticache_kit.cdk.lookup import Found, look_up, refuse_unresolved
from elasticache_kit.cdk.name import lower_case
from elasticache_kit.cdk.reference import DEFAULT_PORT
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.engine import EngineVersion
from elasticache_kit.model.node_type import NodeType
from elasticache_kit.model.replication_group.properties import asked_version
from elasticache_kit.model.rule import describe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

    from elasticache_kit.model.replication_group import ReplicationGroupSpec

_GROUP = "AWS::ElastiCache::ReplicationGroup"
_NODE = "AWS::ElastiCache::CacheCluster"
_OF_GROUP = ("ClusterMode", "CacheNodeType", "Engine", "TransitEncryptionEnabled")
_OF_NODE = ("EngineVersion", "VpcSecurityGroupIds")
_PRIMARY, _READER, _MEMBERS = "PrimaryEndPoint.Address", "ReaderEndPoint.Address", "ReadEndPoint.AddressesList"
_CONFIGURATION = "ConfigurationEndPoint.Address"
_ENDPOINTS = {
    "disabled": (_PRIMARY, "PrimaryEndPoint.Port", _READER, _MEMBERS),
    "enabled": (_CONFIGURATION, "ConfigurationEndPoint.Port"),
}
_FIRST_NODE = {"disabled": "-001", "enabled": "-0001-001"}
_CLASSES = {"disabled": "ReplicationGroup", "enabled": "ShardedReplicationGroup"}

# Two nodes of a type that no rule finds too small, and of a version that no rule can judge: nothing is refused on it.
_DUMMY = "dummy.looked-up-by-the-cdk-cli.example"
_DUMMY_SECURITY_GROUP = "sg-00000000000000000"
_DUMMY_GROUP = {"CacheNodeType": "cache.r7g.xlarge", "TransitEncryptionEnabled": True}
_DUMMY_ENDPOINTS: Mapping[str, Mapping[str, Any]] = {
    "disabled": {_PRIMARY: _DUMMY, _READER: _DUMMY, _MEMBERS: [_DUMMY, _DUMMY]},
    "enabled": {_CONFIGURATION: _DUMMY},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedUp:
    """A replication group as the lookup tells of it.

    Args:
        addresses: the addresses of its endpoints: primary and reader, or configuration.
        port: where its nodes listen.
        security_group_ids: the security groups of its nodes; None where its first node is not there to tell.
        spec: the group as the rulebook takes it.
    """

    addresses: tuple[str, ...]
    port: int
    security_group_ids: tuple[str, ...] | None
    spec: ReplicationGroupSpec


def look_up_group(
    scope: Construct,
    construct_id: str,
    replication_group_id: str,
    mode: Literal["disabled", "enabled"],
    **topology: Any,
) -> LookedUp:
    """Look a replication group up.

    Args:
        scope: the construct that it is to be part of.
        construct_id: its id in that scope.
        replication_group_id: its id.
        mode: the cluster mode that it must have; one that is `compatible` counts as disabled.
        topology: fields of the spec that the lookup does not tell.

    Raises:
        ValidationError: it cannot be looked up at synth, or it has the other cluster mode.
    """
    path = construct_path(scope, construct_id)
    refuse_unresolved(scope, path, "replication_group_id", replication_group_id)
    name = lower_case(replication_group_id)
    group = look_up(scope, _GROUP, name, _OF_GROUP, dummy={**_DUMMY_GROUP, "ClusterMode": mode})
    found_mode = str(group.values["ClusterMode"])
    if (found_mode == "enabled") is not (mode == "enabled"):
        # Before the endpoints are asked for: the CLI would only say that a property is not there.
        raise ValidationError(describe(path, [_other_mode(name, found_mode)]))
    endpoints = look_up(scope, _GROUP, name, _ENDPOINTS[mode], dummy=_DUMMY_ENDPOINTS[mode])
    first = _FIRST_NODE["disabled" if found_mode == "disabled" else "enabled"]
    # Only of a group that is there: the CDK would keep it for good that the node of a group yet to be made is not.
    node = (
        Found({}, is_dummy=True)
        if group.is_dummy
        else look_up(scope, _NODE, f"{name}{first}", _OF_NODE, dummy={}, must_exist=False)
    )
    names = (_CONFIGURATION,) if mode == "enabled" else (_PRIMARY, _READER)
    members = {} if mode == "enabled" else {"num_cache_clusters": len(endpoints.values[_MEMBERS])}
    ports = [int(value) for key, value in endpoints.values.items() if key.endswith(".Port")]
    return LookedUp(
        addresses=tuple(str(endpoints.values[key]) for key in names),
        port=ports[0] if ports else DEFAULT_PORT,
        security_group_ids=_security_group_ids(group, node),
        spec=_spec(group, node, cluster_mode=found_mode, **members, **topology),
    )


def _security_group_ids(group: Found, node: Found) -> tuple[str, ...] | None:
    if not node.is_dummy:
        return tuple(node.values["VpcSecurityGroupIds"])
    return (_DUMMY_SECURITY_GROUP,) if group.is_dummy else None


def _spec(group: Found, node: Found, **topology: Any) -> ReplicationGroupSpec:
    version = None
    if not group.is_dummy and not node.is_dummy:
        engine = group.values["Engine"]
        version = EngineVersion.of(engine, asked_version(engine, node.values["EngineVersion"]))
    spec = imported_spec(
        version,
        NodeType.of(group.values["CacheNodeType"]),
        transit_encryption_enabled=bool(group.values["TransitEncryptionEnabled"]),
        **topology,
    )
    return spec if group.is_dummy else replace(spec, engine=group.values["Engine"])


def _other_mode(name: str, mode: str) -> Any:
    right = _CLASSES["enabled" if mode == "enabled" else "disabled"]
    return violation(
        "cdk-lookup-cluster-mode",
        "replication_group_id",
        name,
        f"its cluster mode is {mode}, and this class is for the other one",
        f"take {right}.from_lookup",
    )
