"""GlobalReplicationGroupSpec: a global datastore as it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticache_kit.model.replication_group.spec import ReplicationGroupSpec
    from elasticache_kit.model.unknown import Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalMemberSpec:
    """A GlobalReplicationGroupMember; None is omitted, UNKNOWN is what only a deployment knows.

    Args:
        replication_group_id: the id of the replication group.
        replication_group_region: its Region.
        role: `PRIMARY` or `SECONDARY`.
        replication_group: what the group looks like, which is no property; None where that is not known.
    """

    replication_group_id: str | Unknown | None = None
    replication_group_region: str | Unknown | None = None
    role: str | Unknown | None = None

    replication_group: ReplicationGroupSpec | Unknown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReshardingConfigurationSpec:
    """A ReshardingConfiguration: where the nodes of one shard of a member are.

    Args:
        node_group_id: the id of the shard.
        preferred_availability_zones: the zone of each node.
    """

    node_group_id: str | Unknown | None = None
    preferred_availability_zones: tuple[str, ...] | Unknown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionalConfigurationSpec:
    """A RegionalConfiguration: the shards of one member.

    Args:
        replication_group_id: the id of the member.
        replication_group_region: its Region.
        resharding_configurations: one for each shard.
    """

    replication_group_id: str | Unknown | None = None
    replication_group_region: str | Unknown | None = None
    resharding_configurations: tuple[ReshardingConfigurationSpec, ...] | Unknown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalReplicationGroupSpec:
    """A global datastore; None is a property that is omitted, UNKNOWN one that only a deployment knows.

    The fields are the properties of AWS::ElastiCache::GlobalReplicationGroup in snake_case.
    """

    global_replication_group_id_suffix: str | Unknown | None = None
    global_replication_group_description: str | Unknown | None = None
    members: tuple[GlobalMemberSpec, ...] | Unknown | None = None
    automatic_failover_enabled: bool | Unknown | None = None
    cache_node_type: str | Unknown | None = None
    cache_parameter_group_name: str | Unknown | None = None
    engine: str | Unknown | None = None
    engine_version: str | Unknown | None = None
    global_node_group_count: int | Unknown | None = None
    regional_configurations: tuple[RegionalConfigurationSpec, ...] | Unknown | None = None
    tags: Mapping[str, str | Unknown] | Unknown | None = None
