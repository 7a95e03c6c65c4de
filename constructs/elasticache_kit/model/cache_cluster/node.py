"""Rules of the node type, the network and the port."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model import node_offer
from elasticache_kit.model.cache_cluster import effective
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.cache_cluster.spec import CacheClusterSpec

NETWORK_TYPES = ("ipv4", "ipv6", "dual_stack")
IP_DISCOVERIES = ("ipv4", "ipv6")
DEFAULT_PORT = 11211
_LARGEST_PORT = 65535
_TIERED = "r6gd"


def node_type_exists(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-node-type-exists."""
    name = known(spec.cache_node_type)
    if name is None or not name.startswith(f"cache.{_TIERED}."):
        yield from node_offer.missing(name, lambda: effective.version(spec))


def node_type_known(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-node-type-known."""
    yield from node_offer.unheard_of(effective.node_type(spec))


def previous_generation(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-prev-generation."""
    node_type = effective.node_type(spec)
    yield from node_offer.closed(node_type)
    yield from node_offer.previous(node_type)


def tiered(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-r6gd."""
    node_type = effective.node_type(spec)
    if node_type.family == _TIERED:
        yield Finding(
            "cache_node_type",
            node_type.name,
            f"{_TIERED} nodes are for replication groups",
            "take a node type of the family r6g or r7g",
        )


def network_values(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-network-values."""
    for name, value, allowed in (
        ("network_type", spec.network_type, NETWORK_TYPES),
        ("ip_discovery", spec.ip_discovery, IP_DISCOVERIES),
    ):
        if isinstance(value, str) and value not in allowed:
            yield Finding(name, value, f"it is one of {', '.join(allowed)}", "take one of them")


def ipv6(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-ipv6."""
    network = known(spec.network_type)
    if network not in {"ipv6", "dual_stack"}:
        return
    version = effective.version(spec)
    if not version.supports("ipv6"):
        needed = "memcached 1.6.6" if version.engine is Engine.MEMCACHED else "redis 6.2"
        yield Finding(
            "network_type",
            network,
            f"IPv6 needs {needed}, not {version}",
            "take a newer engine_version, or network_type='ipv4'",
        )
    node_type = effective.node_type(spec)
    if node_type.known and not node_type.supports("ipv6_or_dual_stack"):
        yield Finding(
            "cache_node_type",
            node_type.name,
            "IPv6 needs nodes on the Nitro System, which these are not",
            "take a newer node type, or network_type='ipv4'",
        )


def port(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-port."""
    number = known(spec.port)
    if number is not None and not 1 <= number <= _LARGEST_PORT:
        yield Finding("port", number, f"a port is 1 to {_LARGEST_PORT}", f"take {DEFAULT_PORT}, or leave it out")


def cache_security_groups(spec: CacheClusterSpec) -> Iterator[Finding]:
    """mc-cache-security-groups."""
    if names := known(spec.cache_security_group_names):
        yield Finding(
            "cache_security_group_names",
            names,
            "cache security groups went with EC2-Classic",
            "name security groups of the VPC in vpc_security_group_ids",
        )


CHECKS = {
    "mc-node-type-exists": node_type_exists,
    "mc-node-type-known": node_type_known,
    "mc-prev-generation": previous_generation,
    "mc-r6gd": tiered,
    "mc-network-values": network_values,
    "mc-ipv6": ipv6,
    "mc-port": port,
    "mc-cache-security-groups": cache_security_groups,
}
