"""Names of endpoints and nodes, in a domain that exists nowhere else, and the addresses that they have at this moment.

On AWS an endpoint is a name. A failover with cluster mode disabled moves the name of the primary endpoint to another
node's address, and the reader endpoint's name has the addresses of all replicas.
See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Endpoints.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.errors import NotFoundError

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.fleet import Fleet
    from elasticache_kit.emulator.fleet.group import Group
    from elasticache_kit.emulator.fleet.memcached.cluster import MemcachedCluster

# `.test` is nobody's (RFC 6761), so no name of these is ever asked of the world or found there.
DOMAIN = "elasticache-kit.test"
# As AWS calls them.
PRIMARY, READER, CONFIGURATION, MEMCACHED_CONFIGURATION = "master", "replica", "clustercfg", "cfg"
LABELS = {"primary": PRIMARY, "reader": READER, "configuration": CONFIGURATION}


def domain(key: str) -> str:
    """Give the domain of a cache, which is the name of a serverless one's endpoint, too.

    Args:
        key: how the fleet calls it: `123456789012/eu-west-1/orders` has `orders.eu-west-1.123456789012.cache...`.
    """
    return ".".join([*reversed(key.lower().split("/")), "cache", DOMAIN])


def of(key: str, label: str) -> str:
    """Give the name of an endpoint or node of a cache."""
    return f"{label}.{domain(key)}"


def certified(key: str) -> tuple[str, ...]:
    """Give the names that the certificates of a cache are good for: all of its own."""
    return domain(key), of(key, "*")


def addresses(fleet: Fleet, name: str) -> tuple[str, ...] | None:
    """Say which addresses a name has now, None where there is no such name.

    A primary endpoint keeps the address of a primary that is dead until another one is promoted, as on AWS.
    """
    name = name.lower().rstrip(".")
    for key in fleet.keys:
        own = domain(key)
        if (name == own or name.endswith(f".{own}")) and key not in fleet.on_paper:
            try:
                return _look_up(fleet, key, name.removesuffix(own).rstrip("."))
            except NotFoundError:
                return None
    return None


def _look_up(fleet: Fleet, key: str, label: str) -> tuple[str, ...] | None:
    cluster = fleet.find_memcached(key)
    return _of_group(fleet.group(key), label) if cluster is None else _of_cluster(cluster, label)


def _of_group(group: Group, label: str) -> tuple[str, ...] | None:
    serving = tuple(node.address for node in group.nodes.values() if node.serves)
    if label == PRIMARY and "primary" in group.endpoints:
        return tuple(node.address for node in group.nodes.values() if group.is_primary(node))
    if label == READER and "reader" in group.endpoints:
        return tuple(node.address for node in group.endpoints["reader"].nodes)
    if label == CONFIGURATION and "configuration" in group.endpoints:
        return serving
    if not label and "configuration" in group.endpoints:
        # A serverless cache has one endpoint, which leads to whatever lives.
        return (group.endpoints["configuration"].address,)
    node = group.nodes.get(label)
    return None if node is None else (node.address,)


def _of_cluster(cluster: MemcachedCluster, label: str) -> tuple[str, ...] | None:
    if label in ("", MEMCACHED_CONFIGURATION):
        return (cluster.configuration_endpoint,)
    address = cluster.addresses.get(label)
    return None if address is None else (address,)
