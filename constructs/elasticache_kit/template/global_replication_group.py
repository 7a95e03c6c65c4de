"""AWS::ElastiCache::GlobalReplicationGroup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model.global_replication_group import (
    GlobalMemberSpec,
    GlobalReplicationGroupSpec,
    RegionalConfigurationSpec,
    ReshardingConfigurationSpec,
)
from elasticache_kit.template import replication_group
from elasticache_kit.template.properties import Properties

if TYPE_CHECKING:
    from elasticache_kit.model.unknown import Unknown
    from elasticache_kit.template.document import Resource
    from elasticache_kit.template.located import Value
    from elasticache_kit.template.scope import Scope

TYPE = "AWS::ElastiCache::GlobalReplicationGroup"


def spec(scope: Scope, resource: Resource) -> GlobalReplicationGroupSpec:
    """Describe a global datastore to the rulebook, with what the template tells of its members."""
    properties = Properties.of(scope, resource)
    return GlobalReplicationGroupSpec(
        global_replication_group_id_suffix=properties.text("GlobalReplicationGroupIdSuffix"),
        global_replication_group_description=properties.text("GlobalReplicationGroupDescription"),
        members=_members(scope, properties, resource.properties.get("Members")),
        automatic_failover_enabled=properties.boolean("AutomaticFailoverEnabled"),
        cache_node_type=properties.text("CacheNodeType"),
        cache_parameter_group_name=properties.text("CacheParameterGroupName"),
        engine=properties.text("Engine"),
        engine_version=properties.text("EngineVersion"),
        global_node_group_count=properties.integer("GlobalNodeGroupCount"),
        regional_configurations=_regions(properties),
        tags=properties.tags(),
    )


def _members(scope: Scope, properties: Properties, written: Value) -> tuple[GlobalMemberSpec, ...] | Unknown | None:
    entries = properties.entries("Members")
    if not isinstance(entries, tuple):
        return entries
    # A list as written is as long as one that is resolved, unless entries were taken away.
    listed = written if isinstance(written, list) and len(written) == len(entries) else [None] * len(entries)
    return tuple(
        GlobalMemberSpec(
            replication_group_id=entry.text("ReplicationGroupId"),
            replication_group_region=entry.text("ReplicationGroupRegion"),
            role=entry.text("Role"),
            replication_group=replication_group.named(
                scope,
                scope.linked(
                    item.get("ReplicationGroupId") if isinstance(item, dict) else None, replication_group.TYPE
                ),
            ),
        )
        for entry, item in zip(entries, listed, strict=True)
    )


def _regions(properties: Properties) -> tuple[RegionalConfigurationSpec, ...] | Unknown | None:
    entries = properties.entries("RegionalConfigurations")
    if not isinstance(entries, tuple):
        return entries
    return tuple(
        RegionalConfigurationSpec(
            replication_group_id=entry.text("ReplicationGroupId"),
            replication_group_region=entry.text("ReplicationGroupRegion"),
            resharding_configurations=_shards(entry),
        )
        for entry in entries
    )


def _shards(properties: Properties) -> tuple[ReshardingConfigurationSpec, ...] | Unknown | None:
    entries = properties.entries("ReshardingConfigurations")
    if not isinstance(entries, tuple):
        return entries
    return tuple(
        ReshardingConfigurationSpec(
            node_group_id=entry.text("NodeGroupId"),
            preferred_availability_zones=entry.known_texts("PreferredAvailabilityZones"),
        )
        for entry in entries
    )
