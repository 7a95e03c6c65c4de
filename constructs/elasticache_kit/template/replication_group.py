"""AWS::ElastiCache::ReplicationGroup."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from elasticache_kit.model.replication_group import NodeGroupSpec, ReplicationGroupSpec
from elasticache_kit.template import log_delivery, parameter_group, subnet_group, user_group
from elasticache_kit.template.properties import Properties

if TYPE_CHECKING:
    from elasticache_kit.model.unknown import Unknown
    from elasticache_kit.template.document import Resource
    from elasticache_kit.template.scope import Scope

TYPE = "AWS::ElastiCache::ReplicationGroup"

_SNAPSHOT = "AWS::ElastiCache::Snapshot"


def spec(scope: Scope, resource: Resource) -> ReplicationGroupSpec:
    """Describe a replication group to the rulebook, with what the template tells of all that it names."""
    written = resource.properties
    own = _own(scope, resource)
    named = parameter_group.named(scope, written.get("CacheParameterGroupName"), Properties.of(scope, resource))
    engine, users = user_group.named(scope, written.get("UserGroupIds"))
    source = _seed(scope, resource)
    return replace(
        own,
        cache_parameter_group_name=named.cache_parameter_group_name,
        parameter_group_family=named.parameter_group_family,
        parameter_group_cluster_enabled=named.parameter_group_cluster_enabled,
        parameter_group_parameters=named.parameter_group_parameters,
        subnet_zones=subnet_group.named_zones(scope, written.get("CacheSubnetGroupName")),
        user_group_engine=engine,
        user_group_users=users,
        snapshot_engine=source.engine if source is not None else None,
        snapshot_cache_node_type=source.cache_node_type if source is not None else None,
        snapshot_num_node_groups=source.num_node_groups if source is not None else None,
    )


def named(scope: Scope, resource: Resource | None) -> ReplicationGroupSpec | None:
    """Describe a replication group that something else names; None where it is not in the template."""
    return spec(scope, resource) if resource is not None and resource.type == TYPE else None


def _own(scope: Scope, resource: Resource) -> ReplicationGroupSpec:
    """Describe what the properties of a group alone say."""
    properties = Properties.of(scope, resource)
    return ReplicationGroupSpec(
        replication_group_id=properties.text("ReplicationGroupId"),
        replication_group_description=properties.text("ReplicationGroupDescription"),
        engine=properties.text("Engine"),
        engine_version=properties.text("EngineVersion"),
        cache_node_type=properties.text("CacheNodeType"),
        num_cache_clusters=properties.integer("NumCacheClusters"),
        num_node_groups=properties.integer("NumNodeGroups"),
        replicas_per_node_group=properties.integer("ReplicasPerNodeGroup"),
        node_group_configuration=_node_groups(properties),
        cluster_mode=properties.text("ClusterMode"),
        automatic_failover_enabled=properties.boolean("AutomaticFailoverEnabled"),
        multi_az_enabled=properties.boolean("MultiAZEnabled"),
        cache_subnet_group_name=properties.text("CacheSubnetGroupName"),
        preferred_cache_cluster_azs=properties.known_texts("PreferredCacheClusterAZs"),
        transit_encryption_enabled=properties.boolean("TransitEncryptionEnabled"),
        transit_encryption_mode=properties.text("TransitEncryptionMode"),
        at_rest_encryption_enabled=properties.boolean("AtRestEncryptionEnabled"),
        kms_key_id=properties.text("KmsKeyId"),
        port=properties.integer("Port"),
        snapshot_retention_limit=properties.integer("SnapshotRetentionLimit"),
        snapshot_window=properties.text("SnapshotWindow"),
        preferred_maintenance_window=properties.text("PreferredMaintenanceWindow"),
        auto_minor_version_upgrade=properties.boolean("AutoMinorVersionUpgrade"),
        security_group_ids=properties.known_texts("SecurityGroupIds"),
        cache_security_group_names=properties.texts("CacheSecurityGroupNames"),
        # A token whose text is UNKNOWN is given, so one that a condition may take away counts as none.
        auth_token=None if scope.may_be_absent(resource.properties.get("AuthToken")) else properties.text("AuthToken"),
        user_group_ids=properties.texts("UserGroupIds"),
        log_delivery_configurations=log_delivery.specs(properties),
        notification_topic_arn=properties.text("NotificationTopicArn"),
        network_type=properties.text("NetworkType"),
        ip_discovery=properties.text("IpDiscovery"),
        durability=properties.text("Durability"),
        data_tiering_enabled=properties.boolean("DataTieringEnabled"),
        snapshot_name=properties.text("SnapshotName"),
        snapshot_arns=properties.texts("SnapshotArns"),
        snapshotting_cluster_id=properties.text("SnapshottingClusterId"),
        primary_cluster_id=properties.text("PrimaryClusterId"),
        global_replication_group_id=properties.text("GlobalReplicationGroupId"),
    )


def _node_groups(properties: Properties) -> tuple[NodeGroupSpec, ...] | Unknown | None:
    entries = properties.entries("NodeGroupConfiguration")
    if not isinstance(entries, tuple):
        return entries
    return tuple(
        NodeGroupSpec(
            node_group_id=entry.text("NodeGroupId"),
            slots=entry.text("Slots"),
            primary_availability_zone=entry.text("PrimaryAvailabilityZone"),
            replica_availability_zones=entry.known_texts("ReplicaAvailabilityZones"),
            replica_count=entry.integer("ReplicaCount"),
        )
        for entry in entries
    )


def _seed(scope: Scope, resource: Resource) -> ReplicationGroupSpec | None:
    """Return the group of this template whose snapshot a group starts from."""
    snapshot = scope.linked(resource.properties.get("SnapshotName"), _SNAPSHOT)
    source = scope.linked(snapshot.properties.get("ReplicationGroupId"), TYPE) if snapshot is not None else None
    return _own(scope, source) if source is not None else None
