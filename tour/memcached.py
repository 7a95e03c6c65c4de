"""Memcached: each key is on one node only, and a node that comes back is empty."""

from __future__ import annotations

import os
import ssl
from typing import TYPE_CHECKING, Any

from pymemcache.client.base import Client

from elasticache_kit.cache import memcached
from elasticache_kit.model.environment import CacheEnvironment
from tour.promise import require

if TYPE_CHECKING:
    from tour.place import Place

STACK = "memcached"
KEYS = tuple(f"memcached:{number}" for number in range(200))
Held = dict[str, set[str]]


def check(place: Place) -> str:
    """Write with a client that discovers the nodes, count on each, reboot one and count again."""
    name = place.output(STACK, "ClusterName")
    _write(place)
    before = _held(place, name)
    parts = list(before.values())
    require(len(parts) > 1 and all(parts), f"the nodes have {list(map(len, parts))} of {len(KEYS)} keys")
    require(sum(map(len, parts)) == len(set[str]().union(*parts)), "a key is on two nodes")
    require(set[str]().union(*parts) == set(KEYS), "a key is nowhere")
    rebooted = next(iter(before))
    api = place.aws("elasticache")
    api.reboot_cache_cluster(CacheClusterId=name, CacheNodeIdsToReboot=[rebooted])
    place.until(
        lambda: _statuses(api, name), lambda seen: seen == {"available"}, "the rebooted node is available again"
    )
    after = _held(place, name)
    require(not after[rebooted], f"node {rebooted} came back with {len(after[rebooted])} keys")
    others = {node: keys for node, keys in before.items() if node != rebooted}
    require({node: after[node] for node in others} == others, "another node has lost keys as well")
    counts = " + ".join(str(len(keys)) for keys in parts)
    return f"{len(KEYS)} keys on {len(parts)} nodes: {counts}; node {rebooted} rebooted and empty, no other lost one"


def _write(place: Place) -> None:
    endpoint = place.endpoint(STACK, "ConfigurationEndpoint")
    ca_file = os.environ["ELASTICACHE_KIT_CA_FILE"]
    environment = CacheEnvironment(
        endpoint=endpoint.address, port=endpoint.port, engine="memcached", ca_file=ca_file
    ).to_env()
    client: Any = memcached.connect(environ=environment)
    try:
        for key in KEYS:
            client.set(key, key, noreply=False)
    finally:
        client.close()


def _held(place: Place, name: str) -> Held:
    """Return which of the keys each node has."""
    (cluster,) = place.aws("elasticache").describe_cache_clusters(CacheClusterId=name, ShowCacheNodeInfo=True)[
        "CacheClusters"
    ]
    found: Held = {}
    for node in cluster["CacheNodes"]:
        at = node["Endpoint"]["Address"], node["Endpoint"]["Port"]
        trust = ssl.create_default_context(cafile=os.environ["ELASTICACHE_KIT_CA_FILE"])
        client: Any = Client(at, tls_context=trust, connect_timeout=5, timeout=5)
        try:
            found[node["CacheNodeId"]] = set(client.get_many(KEYS))
        finally:
            client.close()
    return found


def _statuses(api: Any, name: str) -> set[str]:
    (cluster,) = api.describe_cache_clusters(CacheClusterId=name, ShowCacheNodeInfo=True)["CacheClusters"]
    return {cluster["CacheClusterStatus"], *(node["CacheNodeStatus"] for node in cluster["CacheNodes"])}
