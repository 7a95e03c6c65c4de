"""Rules of Availability Zones, of the port and of who reaches it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model.replication_group import effective
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import Unknown, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.replication_group.spec import ReplicationGroupSpec

_LARGEST_PORT = 65535
_SMALLEST_USUAL_PORT = 1150


def preferred_zones_count(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-preferred-azs-count."""
    zones = known(spec.preferred_cache_cluster_azs)
    if not zones:
        return
    counts = effective.replica_counts(spec)
    nodes = len(counts) + sum(counts)
    if len(counts) > 1:
        yield Finding(
            "preferred_cache_cluster_azs",
            zones,
            f"it goes with 1 shard only, not with {len(counts)}",
            "name the zones of each shard in node_group_configuration",
        )
    elif len(zones) != nodes:
        yield Finding(
            "preferred_cache_cluster_azs",
            zones,
            f"it lists {len(zones)} zones for {nodes} nodes",
            "list one zone for each node, the primary's first",
        )


def replica_zones_count(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-ngc-replica-azs-count."""
    for index, node_group in enumerate(known(spec.node_group_configuration) or ()):
        zones, count = node_group.replica_availability_zones, node_group.replica_count
        if count is None:
            count = spec.replicas_per_node_group
        if zones is None or count is None or isinstance(zones, Unknown) or isinstance(count, Unknown):
            continue
        if len(zones) != count:
            yield Finding(
                f"node_group_configuration[{index}].replica_availability_zones",
                zones,
                f"it lists {len(zones)} zones for {count} replicas",
                "list one zone for each replica",
            )


def zones_in_subnet_group(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-azs-in-subnet-group."""
    covered = known(spec.subnet_zones)
    if not covered:
        return
    for name, zones in _named_zones(spec):
        outside = sorted(set(zones) - set(covered))
        if outside:
            yield Finding(
                name,
                zones,
                f"the subnet group has no subnet in {', '.join(outside)}",
                f"take zones of {', '.join(sorted(covered))}, or add a subnet",
            )


def port(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-port."""
    number = known(spec.port)
    if number is not None and not 1 <= number <= _LARGEST_PORT:
        yield Finding("port", number, f"a port is 1 to {_LARGEST_PORT}", "take 6379, or leave it out")


def port_range(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-port-range."""
    number = known(spec.port)
    if number is not None and 1 <= number < _SMALLEST_USUAL_PORT:
        yield Finding(
            "port",
            number,
            f"ElastiCache is said to take {_SMALLEST_USUAL_PORT} to {_LARGEST_PORT} only",
            "take 6379, or leave it out",
        )


def _named_zones(spec: ReplicationGroupSpec) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield every property that names zones; what is UNKNOWN names none."""
    if isinstance(spec.preferred_cache_cluster_azs, tuple):
        yield "preferred_cache_cluster_azs", spec.preferred_cache_cluster_azs
    configuration = spec.node_group_configuration
    for index, node_group in enumerate(configuration if isinstance(configuration, tuple) else ()):
        place = f"node_group_configuration[{index}]"
        if isinstance(node_group.primary_availability_zone, str):
            yield f"{place}.primary_availability_zone", (node_group.primary_availability_zone,)
        if isinstance(node_group.replica_availability_zones, tuple):
            yield f"{place}.replica_availability_zones", node_group.replica_availability_zones


def cache_security_groups(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-cache-security-groups."""
    if names := known(spec.cache_security_group_names):
        yield Finding(
            "cache_security_group_names",
            names,
            "cache security groups went with EC2-Classic",
            "name security groups of the VPC in security_group_ids",
        )


CHECKS = {
    "rg-cache-security-groups": cache_security_groups,
    "rg-preferred-azs-count": preferred_zones_count,
    "rg-ngc-replica-azs-count": replica_zones_count,
    "rg-azs-in-subnet-group": zones_in_subnet_group,
    "rg-port": port,
    "rg-port-range": port_range,
}
