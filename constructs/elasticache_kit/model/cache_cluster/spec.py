"""CacheClusterSpec: a cache cluster as it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticache_kit.model.log_delivery import LogDeliverySpec
    from elasticache_kit.model.unknown import Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheClusterSpec:
    """A cache cluster; None is a property that is omitted, UNKNOWN one that only a deployment knows.

    The fields are the properties of AWS::ElastiCache::CacheCluster in snake_case, and these, which are none:

    Args:
        subnet_zones: the Availability Zones that the subnet group covers; None where that is not known.
        parameter_group_family: the family of the parameter group. Default: what the name of one of AWS's own says.
        parameter_group_cluster_enabled: whether the parameter group sets cluster-enabled to yes. Default: what the
            name of one of AWS's own groups says.
        parameter_group_parameters: the parameters that the parameter group sets; None where that is not known.
    """

    cluster_name: str | Unknown | None = None
    engine: str | Unknown | None = None
    engine_version: str | Unknown | None = None
    cache_node_type: str | Unknown | None = None
    num_cache_nodes: int | Unknown | None = None
    az_mode: str | Unknown | None = None
    preferred_availability_zone: str | Unknown | None = None
    preferred_availability_zones: tuple[str, ...] | Unknown | None = None
    cache_parameter_group_name: str | Unknown | None = None
    cache_subnet_group_name: str | Unknown | None = None
    vpc_security_group_ids: tuple[str | Unknown, ...] | Unknown | None = None
    cache_security_group_names: tuple[str | Unknown, ...] | Unknown | None = None
    transit_encryption_enabled: bool | Unknown | None = None
    network_type: str | Unknown | None = None
    ip_discovery: str | Unknown | None = None
    port: int | Unknown | None = None
    preferred_maintenance_window: str | Unknown | None = None
    auto_minor_version_upgrade: bool | Unknown | None = None
    notification_topic_arn: str | Unknown | None = None
    log_delivery_configurations: tuple[LogDeliverySpec, ...] | Unknown | None = None
    snapshot_name: str | Unknown | None = None
    snapshot_arns: tuple[str | Unknown, ...] | Unknown | None = None
    snapshot_retention_limit: int | Unknown | None = None
    snapshot_window: str | Unknown | None = None

    subnet_zones: tuple[str, ...] | Unknown | None = None
    parameter_group_family: str | Unknown | None = None
    parameter_group_cluster_enabled: bool | Unknown | None = None
    parameter_group_parameters: Mapping[str, str | Unknown] | Unknown | None = None
