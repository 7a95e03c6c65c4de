"""Rules of automatic failover and Multi-AZ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model.replication_group import effective
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.replication_group.spec import ReplicationGroupSpec

_FEWEST_ZONES = 2
_MORE_NODES = {
    "num_cache_clusters": "set num_cache_clusters to 2 or more",
    "replicas_per_node_group": "set replicas_per_node_group to 1 or more",
    "node_group_configuration": "set replica_count to 1 or more in every node_group_configuration",
}


def needs_replica(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-failover-needs-replica."""
    if effective.automatic_failover(spec) and not effective.cluster_mode_enabled(spec) and _has_no_replica(spec):
        yield Finding(
            *_nodes(spec),
            "automatic failover needs at least 2 nodes",
            f"{_more_nodes(spec)}, or automatic_failover_enabled=False",
        )


def single_nodes(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-failover-single-node-cme."""
    if effective.cluster_mode_enabled(spec) and not any(effective.replica_counts(spec)):
        yield Finding(
            *_nodes(spec),
            "no shard has a replica: one that loses its node loses its data",
            "give every shard a replica, unless the data can be lost",
        )


def cluster_mode_needs_failover(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-cme-needs-failover."""
    if effective.cluster_mode_enabled(spec) and not effective.automatic_failover(spec):
        yield Finding(
            "automatic_failover_enabled",
            spec.automatic_failover_enabled,
            "cluster mode needs automatic failover",
            "set automatic_failover_enabled=True",
        )


def multi_az_needs_failover(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-multiaz-needs-failover."""
    if effective.multi_az(spec) and not effective.automatic_failover(spec):
        yield Finding(
            "multi_az_enabled",
            True,
            "Multi-AZ is of no use without automatic failover",
            "set automatic_failover_enabled=True, or multi_az_enabled=False",
        )


def multi_az_needs_replica(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-multiaz-needs-replica."""
    if effective.multi_az(spec) and 0 in effective.replica_counts(spec):
        yield Finding(
            "multi_az_enabled",
            True,
            "Multi-AZ needs at least 1 replica in every shard",
            f"{_more_nodes(spec)}, or multi_az_enabled=False",
        )


def multi_az_two_zones(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-multiaz-two-zones."""
    if not effective.multi_az(spec):
        return
    for name, zones in _zone_sets(spec):
        if zones and len(set(zones)) < _FEWEST_ZONES:
            yield Finding(
                name,
                zones,
                f"Multi-AZ needs at least {_FEWEST_ZONES} Availability Zones",
                "name zones that differ, or set multi_az_enabled=False",
            )
    covered = known(spec.subnet_zones)
    if covered and len(set(covered)) < _FEWEST_ZONES:
        yield Finding(
            "multi_az_enabled",
            True,
            f"Multi-AZ needs at least {_FEWEST_ZONES} Availability Zones, and the subnet group has {covered[0]} only",
            "add a subnet in another zone, or set multi_az_enabled=False",
        )


def _zone_sets(spec: ReplicationGroupSpec) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the zones that a property names for the nodes of one shard."""
    if isinstance(spec.preferred_cache_cluster_azs, tuple):
        yield "preferred_cache_cluster_azs", spec.preferred_cache_cluster_azs
    configuration = spec.node_group_configuration
    for index, node_group in enumerate(configuration if isinstance(configuration, tuple) else ()):
        primary, replicas = node_group.primary_availability_zone, node_group.replica_availability_zones
        if isinstance(primary, str) and isinstance(replicas, tuple) and replicas:
            yield f"node_group_configuration[{index}]", (primary, *replicas)


def _has_no_replica(spec: ReplicationGroupSpec) -> bool:
    return 0 in effective.replica_counts(spec)


def _nodes(spec: ReplicationGroupSpec) -> tuple[str, object]:
    """Return the property that says how many replicas there are, with its value."""
    name = effective.replicas_property(spec)
    return name, getattr(spec, name)


def _more_nodes(spec: ReplicationGroupSpec) -> str:
    return _MORE_NODES[effective.replicas_property(spec)]


CHECKS = {
    "rg-failover-needs-replica": needs_replica,
    "rg-failover-single-node-cme": single_nodes,
    "rg-cme-needs-failover": cluster_mode_needs_failover,
    "rg-multiaz-needs-failover": multi_az_needs_failover,
    "rg-multiaz-needs-replica": multi_az_needs_replica,
    "rg-multiaz-two-zones": multi_az_two_zones,
}
