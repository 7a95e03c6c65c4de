"""Where clients find a replication group and its nodes: addresses or names of engines, or names that lead nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.fleet import endpoint_name
from elasticache_kit.errors import NotFoundError

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region
    from elasticache_kit.emulator.state.replication_group import Member, ReplicationGroup

EndpointKind = Literal["primary", "reader", "configuration"]


def of_group(region: Region, group: ReplicationGroup, kind: EndpointKind) -> dict[str, Any] | None:
    """Give the address and port of an endpoint: a real one with a fleet, a name that leads nowhere without."""
    fleet, key = runtime.current().fleet, region.fleet_key(group.replication_group_id)
    if fleet is None:
        return {"Address": f"{endpoint_name.LABELS[kind]}.{_domain(region, group)}", "Port": group.port}
    lookups = {
        "primary": fleet.primary_endpoint,
        "reader": fleet.reader_endpoint,
        "configuration": fleet.configuration_endpoint,
    }
    try:
        address = lookups[kind](key)
    except NotFoundError:
        # A group whose creation failed, or whose deletion is nearly done, has no engines left to lead to.
        return None
    if address and runtime.current().names:
        address = endpoint_name.of(key, endpoint_name.LABELS[kind])
    return {"Address": address, "Port": group.port} if address else None


def of_node(region: Region, group: ReplicationGroup, member: Member) -> dict[str, Any] | None:
    """Give the address and port of a node, None where it has none, see `of_group`."""
    fleet = runtime.current().fleet
    if fleet is None:
        return {"Address": f"{member.cache_cluster_id}.{_domain(region, group)}", "Port": group.port}
    key = region.fleet_key(group.replication_group_id)
    try:
        address = fleet.node_address(key, member.cache_cluster_id)
    except NotFoundError:
        return None
    if runtime.current().names:
        address = endpoint_name.of(key, member.cache_cluster_id)
    return {"Address": address, "Port": group.port}


def _domain(region: Region, group: ReplicationGroup) -> str:
    # `.invalid` never resolves (RFC 6761): nobody can take such an endpoint for one on AWS.
    return f"{group.replication_group_id}.{region.name}.cache.invalid"
