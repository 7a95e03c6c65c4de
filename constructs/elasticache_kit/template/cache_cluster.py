"""AWS::ElastiCache::CacheCluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model.cache_cluster import CacheClusterSpec
from elasticache_kit.template import log_delivery, parameter_group, subnet_group
from elasticache_kit.template.properties import Properties

if TYPE_CHECKING:
    from elasticache_kit.template.document import Resource
    from elasticache_kit.template.scope import Scope

TYPE = "AWS::ElastiCache::CacheCluster"


def spec(scope: Scope, resource: Resource) -> CacheClusterSpec:
    """Describe a cache cluster to the rulebook, with what the template tells of all that it names."""
    properties = Properties.of(scope, resource)
    group = parameter_group.named(scope, resource.properties.get("CacheParameterGroupName"), properties)
    return CacheClusterSpec(
        cluster_name=properties.text("ClusterName"),
        engine=properties.text("Engine"),
        engine_version=properties.text("EngineVersion"),
        cache_node_type=properties.text("CacheNodeType"),
        num_cache_nodes=properties.integer("NumCacheNodes"),
        az_mode=properties.text("AZMode"),
        preferred_availability_zone=properties.text("PreferredAvailabilityZone"),
        preferred_availability_zones=properties.known_texts("PreferredAvailabilityZones"),
        cache_subnet_group_name=properties.text("CacheSubnetGroupName"),
        vpc_security_group_ids=properties.texts("VpcSecurityGroupIds"),
        cache_security_group_names=properties.texts("CacheSecurityGroupNames"),
        transit_encryption_enabled=properties.boolean("TransitEncryptionEnabled"),
        network_type=properties.text("NetworkType"),
        ip_discovery=properties.text("IpDiscovery"),
        port=properties.integer("Port"),
        preferred_maintenance_window=properties.text("PreferredMaintenanceWindow"),
        auto_minor_version_upgrade=properties.boolean("AutoMinorVersionUpgrade"),
        notification_topic_arn=properties.text("NotificationTopicArn"),
        log_delivery_configurations=log_delivery.specs(properties),
        snapshot_name=properties.text("SnapshotName"),
        snapshot_arns=properties.texts("SnapshotArns"),
        snapshot_retention_limit=properties.integer("SnapshotRetentionLimit"),
        snapshot_window=properties.text("SnapshotWindow"),
        subnet_zones=subnet_group.named_zones(scope, resource.properties.get("CacheSubnetGroupName")),
        cache_parameter_group_name=group.cache_parameter_group_name,
        parameter_group_family=group.parameter_group_family,
        parameter_group_cluster_enabled=group.parameter_group_cluster_enabled,
        parameter_group_parameters=group.parameter_group_parameters,
    )


def named(scope: Scope, resource: Resource | None) -> CacheClusterSpec | None:
    """Describe a cache cluster that something else names; None where it is not in the template."""
    return spec(scope, resource) if resource is not None and resource.type == TYPE else None
