"""Rules of IPv4 and IPv6."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model.replication_group import effective
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.replication_group.spec import ReplicationGroupSpec

NETWORK_TYPES = ("ipv4", "ipv6", "dual_stack")
IP_DISCOVERIES = ("ipv4", "ipv6")


def values(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-network-values."""
    for name, value, allowed in (
        ("network_type", spec.network_type, NETWORK_TYPES),
        ("ip_discovery", spec.ip_discovery, IP_DISCOVERIES),
    ):
        if isinstance(value, str) and value.lower() not in allowed:
            yield Finding(name, value, f"it is one of {', '.join(allowed)}", "take one of them")


def engine(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-ipv6-engine."""
    if speaks_ipv6(spec) and not (version := effective.version(spec)).supports("ipv6"):
        yield Finding(
            "network_type",
            spec.network_type,
            f"IPv6 needs valkey 7.2 or redis 6.2, not {version}",
            "take a newer engine_version, or network_type='ipv4'",
        )


def node_type(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-ipv6-nitro."""
    if not speaks_ipv6(spec):
        return
    node = effective.node_type(spec)
    if node.known and not node.supports("ipv6_or_dual_stack"):
        yield Finding(
            "cache_node_type",
            node.name,
            "IPv6 needs nodes on the Nitro System, which these are not",
            "take a newer node type, or network_type='ipv4'",
        )


def discovery(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-ip-discovery."""
    network, address = known(spec.network_type), known(spec.ip_discovery)
    if network in IP_DISCOVERIES and address in IP_DISCOVERIES and network != address:
        yield Finding(
            "ip_discovery",
            address,
            f"the nodes speak {network} alone",
            f"set ip_discovery={network!r}, or network_type='dual_stack'",
        )


def speaks_ipv6(spec: ReplicationGroupSpec) -> bool:
    """Tell whether the nodes have IPv6 addresses: not where NetworkType is omitted."""
    return known(spec.network_type) in {"ipv6", "dual_stack"}


CHECKS = {
    "rg-network-values": values,
    "rg-ipv6-engine": engine,
    "rg-ipv6-nitro": node_type,
    "rg-ip-discovery": discovery,
}
