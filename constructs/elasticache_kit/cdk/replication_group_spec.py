"""What is known at synth of the definition of a replication group, as the rulebook takes it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from elasticache_kit.cdk.argument import at_synth
from elasticache_kit.model.unknown import UNKNOWN, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticache_kit.cdk.definition import Definition
    from elasticache_kit.model.replication_group import ReplicationGroupSpec
    from elasticache_kit.model.window import MaintenanceWindow, SnapshotWindow

# What a secondary of a global datastore does not say, because its primary does.
_OF_PRIMARY = dict.fromkeys(
    (
        "engine",
        "engine_version",
        "cache_node_type",
        "cache_parameter_group_name",
        "parameter_group_family",
        "parameter_group_parameters",
        "transit_encryption_enabled",
        "at_rest_encryption_enabled",
    ),
    UNKNOWN,
)


def known_spec(definition: Definition) -> ReplicationGroupSpec:
    """Describe a definition to the rulebook; what only a deployment knows is UNKNOWN."""
    deliveries = definition.log_delivery_configurations
    spec = replace(
        definition.topology,
        replication_group_id=at_synth(definition.replication_group_id),
        replication_group_description=at_synth(definition.description),
        automatic_failover_enabled=definition.automatic_failover_enabled,
        multi_az_enabled=definition.multi_az_enabled,
        # Either an existing group or one that is made here, whose name only a deployment knows.
        cache_subnet_group_name=UNKNOWN,
        subnet_zones=at_synth(definition.zones) or UNKNOWN,
        security_group_ids=_security_group_ids(definition),
        kms_key_id=at_synth(definition.kms_key.key_ref.key_arn) if definition.kms_key else None,
        port=at_synth(definition.port),
        network_type=at_synth(definition.network_type),
        ip_discovery=at_synth(definition.discovery),
        durability=at_synth(definition.durability),
        snapshot_retention_limit=at_synth(definition.snapshot_retention_limit),
        snapshot_window=at_synth(window_text(definition.snapshot_window)),
        preferred_maintenance_window=at_synth(window_text(definition.preferred_maintenance_window)),
        auto_minor_version_upgrade=definition.minor_versions,
        cluster_mode=at_synth(definition.cluster_mode),
        parameter_group_cluster_enabled=definition.cluster_enabled,
        log_delivery_configurations=None if deliveries is None else tuple(item.spec() for item in deliveries),
        notification_topic_arn=UNKNOWN if definition.notification_topic else None,
        **_users(definition),
        **(_identity(definition) if definition.global_replication_group_id is None else _OF_PRIMARY),
        global_replication_group_id=at_synth(definition.global_replication_group_id),
    )
    if definition.snapshot_source is None or definition.global_replication_group_id is not None:
        return spec
    return definition.snapshot_source.described(spec)


def _identity(definition: Definition) -> dict[str, Any]:
    """Return what a secondary of a global datastore takes from its primary."""
    return {
        "engine": definition.version.engine,
        "engine_version": at_synth(definition.version.version),
        "cache_node_type": at_synth(definition.node_type.name),
        "cache_parameter_group_name": _parameter_group_name(definition),
        "parameter_group_family": _parameter_group_family(definition),
        "parameter_group_parameters": _parameters(definition),
        "transit_encryption_enabled": definition.transit_encryption_enabled,
        "transit_encryption_mode": at_synth(definition.transit_encryption_mode),
        "at_rest_encryption_enabled": definition.at_rest_encryption_enabled,
        "data_tiering_enabled": definition.data_tiering_enabled,
    }


def _users(definition: Definition) -> dict[str, Any]:
    if definition.authentication is None:
        return {}
    return definition.authentication.spec(definition.path, definition.version.engine)


def _security_group_ids(definition: Definition) -> tuple[str, ...] | Unknown:
    if not definition.security_groups:
        return UNKNOWN  # one of its own
    return at_synth(tuple(group.security_group_id for group in definition.security_groups))


def _parameter_group_name(definition: Definition) -> str | Unknown:
    """Return the name of the parameter group; its path stands in where only its family is known at synth."""
    group = definition.cache_parameter_group
    if group is None or group.cache_parameter_group_family is None:
        return at_synth(definition.parameter_group_name)
    name = at_synth(group.cache_parameter_group_name)
    return group.node.path if name is UNKNOWN else name


def _parameter_group_family(definition: Definition) -> str | Unknown:
    if definition.cache_parameter_group is None:
        return definition.version.family or UNKNOWN
    return definition.cache_parameter_group.cache_parameter_group_family or UNKNOWN


def _parameters(definition: Definition) -> Mapping[str, str | Unknown] | Unknown | None:
    """Return the parameters that differ from the family's defaults, as far as they are known."""
    if definition.cache_parameter_group is None:
        return {}
    given = definition.cache_parameter_group.properties
    return UNKNOWN if given is None else {name: at_synth(value) for name, value in given.items()}


def window_text(window: MaintenanceWindow | SnapshotWindow | str | None) -> str | None:
    """Return a window as CloudFormation takes it."""
    return None if window is None else str(window)
