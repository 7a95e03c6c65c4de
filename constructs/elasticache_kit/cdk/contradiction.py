"""Contradictions: arguments that don't go together, of which the rulebook sees only what becomes of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from elasticache_kit.cdk.argument import violation
from elasticache_kit.cdk.family import untold_family
from elasticache_kit.cdk.network_type import unsupported
from elasticache_kit.cdk.notification import encrypted_topic
from elasticache_kit.cdk.tag import reserved
from elasticache_kit.cdk.token import is_token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.cdk.definition import Definition
    from elasticache_kit.model.rule import Violation

# What a secondary of a global datastore takes from the primary, with the value that asks for nothing.
_FROM_PRIMARY = {
    "engine_version": None,
    "cache_node_type": None,
    "cache_parameter_group": None,
    "transit_encryption_enabled": True,
    "transit_encryption_mode": None,
    "at_rest_encryption_enabled": True,
    "snapshot_source": None,
}


def contradictions(definition: Definition) -> Iterator[Violation]:
    """Yield what contradicts itself in the arguments of a replication group."""
    yield from _subnets_twice(definition)
    yield from _cluster_mode_of_parameter_group(definition)
    if definition.cache_parameter_group is None:
        yield from untold_family(definition.version, "give cache_parameter_group, or a version that is known at synth")
    yield from _one_zone(definition)
    yield from _network_type(definition)
    yield from _taken_from_primary(definition)
    yield from _one_log_twice(definition)
    yield from encrypted_topic(definition.notification_topic)
    yield from reserved(definition.tags)


def _subnets_twice(definition: Definition) -> Iterator[Violation]:
    if definition.vpc_subnets is not None and definition.cache_subnet_group is not None:
        yield violation(
            "cdk-subnets-twice",
            "vpc_subnets",
            definition.vpc_subnets,
            "cache_subnet_group is given too, and has its subnets already",
            "leave out one of the two",
        )


def _cluster_mode_of_parameter_group(definition: Definition) -> Iterator[Violation]:
    group, mode = definition.cache_parameter_group, definition.cluster_mode
    if group is None or group.cluster_enabled in {None, definition.cluster_enabled}:
        return
    asking = "cluster mode compatible" if mode == "compatible" else "this class"
    wanted, other = ("yes", "ReplicationGroup") if definition.cluster_enabled else ("no", "ShardedReplicationGroup")
    yield violation(
        "cdk-parameter-group-cluster-mode",
        "cache_parameter_group",
        group.node.path,
        f"its cluster-enabled is {'yes' if group.cluster_enabled else 'no'}, and {asking} needs {wanted}",
        f'set "cluster-enabled": "{wanted}" in its properties' + ("" if mode == "compatible" else f", or take {other}"),
    )


def _one_zone(definition: Definition) -> Iterator[Violation]:
    zones = definition.zones
    if definition.multi_az_enabled and len(set(zones)) == 1 and is_token(zones):
        # The rulebook compares names, which a stack without a fixed Region doesn't have.
        yield violation(
            "cdk-multi-az-one-zone",
            "multi_az_enabled",
            True,
            "Multi-AZ needs at least 2 Availability Zones, and the subnets are in 1 only",
            "give the VPC more zones (max_azs), or set multi_az_enabled=False",
        )


def _network_type(definition: Definition) -> Iterator[Violation]:
    # The subnets are asked only where the answer matters, each of them costs a question to the CDK.
    if definition.network_type not in {None, "ipv4"}:
        yield from unsupported(definition.network_type, definition.supported_network_types)


def _taken_from_primary(definition: Definition) -> Iterator[Violation]:
    if definition.global_replication_group_id is None:
        return
    for name, silence in _FROM_PRIMARY.items():
        value = getattr(definition, name)
        if value is not silence:
            yield violation(
                "cdk-global-secondary",
                name,
                value,
                "a secondary of a global datastore takes it from the primary",
                "leave it out here, and say it where the primary is made",
            )


def _one_log_twice(definition: Definition) -> Iterator[Violation]:
    deliveries = definition.log_delivery_configurations or ()
    made = Counter(delivery.log_type for delivery in deliveries if delivery.makes_log_group)
    for log_type, times in made.items():
        if times > 1:
            yield violation(
                "cdk-log-group-twice",
                "log_delivery_configurations",
                log_type,
                f"{times} log groups would be made for this log, and one is enough",
                "keep one LogDelivery.to_new_log_group for each log",
            )
