"""A construct from a spec of the rulebook, so that a spec that breaks a rule there breaks it at synth, too.

A property of the spec that a construct has no argument for is left out: whoever uses the construct cannot say it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from aws_cdk import Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from elasticache_kit.cdk import (
    Authentication,
    EngineVersion,
    GlobalReplicationGroup,
    LogDelivery,
    MemcachedCluster,
    NodeGroupConfiguration,
    NodeGroupScaling,
    NodeType,
    ParameterGroup,
    ReplicaScaling,
    ReplicationGroup,
    ServerlessCache,
    ServerlessCacheSnapshot,
    ServerlessEngine,
    ShardedReplicationGroup,
    Snapshot,
    SnapshotSource,
    SubnetGroup,
    UserGroup,
)
from elasticache_kit.model.auto_scaling import REPLICAS
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.serverless_cache import UsageLimitSpec
from elasticache_kit.model.unknown import Unknown
from tests.cdk.site import Site, engine_of, plain_of, text_of, user_group_of, user_of

if TYPE_CHECKING:
    from elasticache_kit.model.rule import Subject


def construct_of(site: Site, subject: Subject, spec: Any) -> Any:
    """Make what a spec describes.

    Raises:
        ValidationError: an argument has the wrong type, or a rule is broken.
    """
    return MAKERS[subject](site, spec)


def zone(name: Any) -> Any:
    """Return the zone that a letter stands for."""
    return f"eu-west-1{name}"


def _version(spec: Any) -> EngineVersion | None:
    if spec.engine is None or spec.engine_version is None:
        return None
    return EngineVersion.of(spec.engine, spec.engine_version)


def _node_type(spec: Any) -> NodeType | None:
    return None if spec.cache_node_type is None else NodeType.of(spec.cache_node_type)


def _parameter_group(site: Site, spec: Any) -> Any:
    """Return the group of that name, or one that is made here where the spec says what is in it."""
    name, parameters = spec.cache_parameter_group_name, spec.parameter_group_parameters
    if parameters is not None:
        return ParameterGroup(
            site.stack,
            site.id(),
            engine_version=EngineVersion.of(spec.engine, spec.engine_version),
            properties=parameters,
        )
    if not isinstance(name, str) or not name.lower().startswith("default."):
        return None
    return ParameterGroup.from_cache_parameter_group_name(site.stack, site.id(), name)


def _authentication(site: Site, spec: Any) -> Authentication | None:
    if spec.user_group_ids:
        users = [user_of(site, user) for user in spec.user_group_users or ()] if spec.user_group_users else None
        engine = None if spec.user_group_engine is None else Engine(str(spec.user_group_engine))
        group = UserGroup.from_user_group_id(site.stack, site.id(), "people", engine=engine, users=users)
        return Authentication.user_group(group)
    return None if spec.auth_token is None else Authentication.auth_token()


def _source(site: Site, spec: Any) -> SnapshotSource | None:
    if spec.snapshot_arns:
        keys = [str(arn).split(":::")[1].partition("/")[2] for arn in spec.snapshot_arns]
        return SnapshotSource.from_bucket(s3.Bucket.from_bucket_name(site.stack, site.id(), "backups"), keys)
    name = spec.snapshot_name
    return SnapshotSource.from_snapshot_name(name) if isinstance(name, str) else None


def _replication_group(site: Site, spec: Any) -> Any:
    sharded = any((spec.num_node_groups is not None, spec.node_group_configuration, spec.replicas_per_node_group))
    kind = ShardedReplicationGroup if sharded else ReplicationGroup
    arguments = plain_of(
        kind,
        spec,
        engine_version=_version(spec),
        cache_node_type=_node_type(spec),
        cache_parameter_group=_parameter_group(site, spec),
        authentication=_authentication(site, spec),
        snapshot_source=_source(site, spec),
        kms_key=None if spec.kms_key_id is None else kms.Key.from_key_arn(site.stack, site.id(), _KEY),
    )
    zones = arguments.get("preferred_cache_cluster_azs")
    if zones:
        arguments["preferred_cache_cluster_azs"] = [zone(name) for name in zones]
    if spec.node_group_configuration:
        arguments["node_group_configuration"] = [_node_group(item) for item in spec.node_group_configuration]
    if spec.log_delivery_configurations:
        arguments["log_delivery_configurations"] = [_log(item) for item in spec.log_delivery_configurations]
    return kind(site.stack, site.id(), vpc=site.vpc, **arguments)


_KEY = "arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-1234-1234-123456789012"


def _node_group(item: Any) -> NodeGroupConfiguration:
    given = {found.name: getattr(item, found.name) for found in fields(item)}
    known = {name: value for name, value in given.items() if value is not None}
    if "replica_availability_zones" in known:
        known["replica_availability_zones"] = [zone(name) for name in known["replica_availability_zones"]]
    if "primary_availability_zone" in known:
        known["primary_availability_zone"] = zone(known["primary_availability_zone"])
    return NodeGroupConfiguration(**known)


def _log(item: Any) -> LogDelivery:
    return LogDelivery.to_delivery_stream(item.log_type, item.destination, log_format=item.log_format)


def _cache_cluster(site: Site, spec: Any) -> Any:
    arguments = plain_of(
        MemcachedCluster,
        spec,
        engine_version=_version(spec),
        cache_node_type=_node_type(spec),
        cache_parameter_group=_parameter_group(site, spec),
    )
    zones = arguments.get("preferred_availability_zones")
    if zones:
        arguments["preferred_availability_zones"] = [zone(name) for name in zones]
    return MemcachedCluster(site.stack, site.id(), vpc=site.vpc, **arguments)


def _serverless_cache(site: Site, spec: Any) -> Any:
    limits = None if isinstance(spec.cache_usage_limits, Unknown) else spec.cache_usage_limits
    storage = limits.data_storage if limits else None
    units = limits.ecpu_per_second if limits else None
    users = [user_of(site, user) for user in spec.user_group_users or ()] if spec.user_group_users else None
    group = None
    if spec.user_group_id is not None:
        engine = None if spec.user_group_engine is None else Engine(str(spec.user_group_engine))
        group = UserGroup.from_user_group_id(site.stack, site.id(), str(spec.user_group_id), engine=engine, users=users)
    arguments = plain_of(
        ServerlessCache,
        spec,
        engine=None
        if spec.engine is None
        else ServerlessEngine(engine=engine_of(spec.engine), major_engine_version=str(spec.major_engine_version)),
        user_group=group,
        data_storage_minimum=_bound(storage, "minimum"),
        data_storage_maximum=_bound(storage, "maximum"),
        ecpu_per_second_minimum=_bound(units, "minimum"),
        ecpu_per_second_maximum=_bound(units, "maximum"),
    )
    arguments.pop("security_groups", None)
    vpc = {} if spec.connection_type == "public" and not spec.subnet_ids else {"vpc": site.vpc}
    return ServerlessCache(site.stack, site.id(), **vpc, **arguments)


def _bound(limit: Any, name: str) -> int | None:
    return getattr(limit, name) if isinstance(limit, UsageLimitSpec) else None


def _serverless_cache_snapshot(site: Site, spec: Any) -> Any:
    cache = ServerlessCache.from_serverless_cache_attributes(
        site.stack, site.id(), serverless_cache_name=text_of(spec.serverless_cache_name) or "orders"
    )
    arguments = plain_of(ServerlessCacheSnapshot, spec)
    if isinstance(spec.kms_key_id, str):
        prefix = f"{_KEY.rpartition('/')[0]}/"
        arn = prefix + spec.kms_key_id[len(prefix) :]
        arguments["kms_key"] = kms.Key.from_key_arn(site.stack, site.id(), arn)
    return ServerlessCacheSnapshot(site.stack, site.id(), serverless_cache=cache, **arguments)


def _parameter_group_itself(site: Site, spec: Any) -> Any:
    family = str(spec.cache_parameter_group_family or "valkey9")
    engine = next(it for it in Engine if family.startswith(it.value))
    number = family.removeprefix(engine.value).replace(".x", "")
    version = EngineVersion.of(engine, number if "." in number else f"{number}.0")
    return ParameterGroup(site.stack, site.id(), engine_version=version, properties=spec.parameters)


def _subnet_group(site: Site, spec: Any) -> Any:
    return SubnetGroup(site.stack, site.id(), vpc=site.vpc, **plain_of(SubnetGroup, spec))


def _snapshot(site: Site, spec: Any) -> Any:
    arguments = plain_of(Snapshot, spec)
    if spec.replication_group_id is not None:
        arguments["replication_group"] = _group_of_snapshot(site, spec)
    return Snapshot(site.stack, site.id(), **arguments)


def _group_of_snapshot(site: Site, spec: Any) -> Any:
    attributes: dict[str, Any] = {"replication_group_id": str(spec.replication_group_id)}
    if isinstance(spec.source_cache_node_type, str):
        attributes["cache_node_type"] = NodeType.of(spec.source_cache_node_type)
    return ReplicationGroup.from_replication_group_attributes(site.stack, site.id(), **attributes)


def _global_replication_group(site: Site, spec: Any) -> Any:
    members: Any = spec.members
    groups = [_member(site, member) for member in members]
    made = GlobalReplicationGroup(
        site.stack,
        site.id(),
        primary_replication_group=groups[0],
        **plain_of(GlobalReplicationGroup, spec, engine_version=_version(spec), cache_node_type=_node_type(spec)),
    )
    for group in groups[1:]:
        made.add_secondary(group)
    return made


def _member(site: Site, member: Any) -> Any:
    """Return a member as an import, in a stack of its Region."""
    spec = member.replication_group
    region = member.replication_group_region
    stack = site.stack if region == "eu-west-1" else Stack(site.app, site.id(), env={"region": region})
    attributes: dict[str, Any] = {
        "replication_group_id": member.replication_group_id,
        "engine_version": None if isinstance(spec.engine, Unknown) else _version(spec),
        "cache_node_type": None if isinstance(spec.cache_node_type, Unknown) else _node_type(spec),
        "num_cache_clusters": spec.num_cache_clusters,
    }
    known = {name: value for name, value in attributes.items() if value is not None}
    return ReplicationGroup.from_replication_group_attributes(stack, site.id(), **known)


def _scalable_target(site: Site, spec: Any) -> Any:
    group: Any = spec.replication_group
    made = _replication_group(site, group) if group is not None else None
    kind: Any = ReplicaScaling if spec.scalable_dimension == REPLICAS else NodeGroupScaling
    target = kind(
        site.stack,
        site.id(),
        replication_group=made,
        min_capacity=spec.min_capacity,
        max_capacity=spec.max_capacity,
    )
    policies: Any = spec.policies
    for policy in policies or ():
        target.track(site.id("Policy"), policy.predefined_metric_type, policy.target_value or 50)
    return target


MAKERS: dict[Subject, Callable[[Site, Any], Any]] = {
    "cache_cluster": _cache_cluster,
    "global_replication_group": _global_replication_group,
    "parameter_group": _parameter_group_itself,
    "replication_group": _replication_group,
    "scalable_target": _scalable_target,
    "serverless_cache": _serverless_cache,
    "serverless_cache_snapshot": _serverless_cache_snapshot,
    "snapshot": _snapshot,
    "subnet_group": _subnet_group,
    "user": user_of,
    "user_group": user_group_of,
}
