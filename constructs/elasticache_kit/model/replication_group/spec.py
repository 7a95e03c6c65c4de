"""ReplicationGroupSpec: a replication group as it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticache_kit.model.log_delivery import LogDeliverySpec
    from elasticache_kit.model.unknown import Unknown
    from elasticache_kit.model.user import UserSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeGroupSpec:
    """One NodeGroupConfiguration; None is a member that is omitted, UNKNOWN one that only a deployment knows.

    Args:
        node_group_id: 1 to 4 digits.
        slots: ranges such as `0-8191`, separated by commas.
        primary_availability_zone: the zone of the primary.
        replica_availability_zones: the zone of each replica.
        replica_count: the number of replicas.
    """

    node_group_id: str | Unknown | None = None
    slots: str | Unknown | None = None
    primary_availability_zone: str | Unknown | None = None
    replica_availability_zones: tuple[str, ...] | Unknown | None = None
    replica_count: int | Unknown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicationGroupSpec:
    """A replication group; None is a property that is omitted, UNKNOWN one that only a deployment knows.

    The fields are the properties of AWS::ElastiCache::ReplicationGroup in snake_case. More is to be said of these, all
    but the first of which are no properties:

    Args:
        auth_token: UNKNOWN is a token that is given, and whose text only a deployment knows.
        serverless_cache_snapshot_name: the snapshot of a serverless cache to start from, which only the API takes.
        subnet_zones: the Availability Zones that the subnet group covers; None where that is not known.
        parameter_group_cluster_enabled: whether the parameter group sets cluster-enabled to yes. Default: what the
            name of one of AWS's own groups says.
        parameter_group_family: the family of the parameter group. Default: what the name of one of AWS's own says.
        parameter_group_parameters: the parameters that the parameter group sets; None where that is not known.
        user_group_engine: the engine of the user group; None where that is not known.
        user_group_users: the users of the user group; None where they are not known.
        snapshot_engine: the engine of the snapshot to start from; None where that is not known.
        snapshot_cache_node_type: the node type that the snapshot was taken from; None where that is not known.
        snapshot_num_node_groups: the number of shards in the snapshot; None where that is not known.
    """

    replication_group_id: str | Unknown | None = None
    replication_group_description: str | Unknown | None = None
    engine: str | Unknown | None = None
    engine_version: str | Unknown | None = None
    cache_node_type: str | Unknown | None = None
    cache_parameter_group_name: str | Unknown | None = None
    num_cache_clusters: int | Unknown | None = None
    num_node_groups: int | Unknown | None = None
    replicas_per_node_group: int | Unknown | None = None
    node_group_configuration: tuple[NodeGroupSpec, ...] | Unknown | None = None
    cluster_mode: str | Unknown | None = None
    automatic_failover_enabled: bool | Unknown | None = None
    multi_az_enabled: bool | Unknown | None = None
    cache_subnet_group_name: str | Unknown | None = None
    preferred_cache_cluster_azs: tuple[str, ...] | Unknown | None = None
    transit_encryption_enabled: bool | Unknown | None = None
    transit_encryption_mode: str | Unknown | None = None
    at_rest_encryption_enabled: bool | Unknown | None = None
    kms_key_id: str | Unknown | None = None
    port: int | Unknown | None = None
    snapshot_retention_limit: int | Unknown | None = None
    snapshot_window: str | Unknown | None = None
    preferred_maintenance_window: str | Unknown | None = None
    auto_minor_version_upgrade: bool | Unknown | None = None
    security_group_ids: tuple[str, ...] | Unknown | None = None
    cache_security_group_names: tuple[str | Unknown, ...] | Unknown | None = None
    auth_token: str | Unknown | None = None
    user_group_ids: tuple[str | Unknown, ...] | Unknown | None = None
    log_delivery_configurations: tuple[LogDeliverySpec, ...] | Unknown | None = None
    notification_topic_arn: str | Unknown | None = None
    network_type: str | Unknown | None = None
    ip_discovery: str | Unknown | None = None
    durability: str | Unknown | None = None
    data_tiering_enabled: bool | Unknown | None = None
    snapshot_name: str | Unknown | None = None
    snapshot_arns: tuple[str | Unknown, ...] | Unknown | None = None
    serverless_cache_snapshot_name: str | Unknown | None = None
    snapshotting_cluster_id: str | Unknown | None = None
    primary_cluster_id: str | Unknown | None = None
    global_replication_group_id: str | Unknown | None = None

    subnet_zones: tuple[str, ...] | Unknown | None = None
    parameter_group_cluster_enabled: bool | Unknown | None = None
    parameter_group_family: str | Unknown | None = None
    parameter_group_parameters: Mapping[str, str | Unknown] | Unknown | None = None
    user_group_engine: str | Unknown | None = None
    user_group_users: tuple[UserSpec, ...] | Unknown | None = None
    snapshot_engine: str | Unknown | None = None
    snapshot_cache_node_type: str | Unknown | None = None
    snapshot_num_node_groups: int | Unknown | None = None
