"""Cluster mode enabled: the keys are spread over shards, and a client finds each by asking once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from valkey.exceptions import ResponseError

from elasticache_kit.ops.inventory import Endpoint
from tour.promise import require

if TYPE_CHECKING:
    from tour.place import Place

STACK = "sharded-replication-group"
KEYS = 300


def check(place: Place) -> str:
    """Write through the configuration endpoint, count on every shard, and ask one shard for the keys of the others."""
    group = place.group(place.output(STACK, "ReplicationGroupId"))
    with place.connect_cluster(place.endpoint(STACK, "ConfigurationEndpoint")) as client:
        for number in range(KEYS):
            client.set(f"on:{number}", number)
        read: list[Any] = [client.get(f"on:{number}") for number in range(KEYS)]
        nodes = [Endpoint(node.host, node.port) for node in client.get_primaries()]
    require(read == [str(number) for number in range(KEYS)], "a key does not have the value that was written")
    require(len(nodes) == len(group.node_groups), f"{len(nodes)} primaries for {len(group.node_groups)} shards")
    require(len(nodes) > 1, "the keys are on one shard")
    held = [_held(place, node) for node in nodes]
    require(all(held) and sum(held) == KEYS, f"the shards have {held} of {KEYS} keys")
    moved = _moved(place, nodes[0])
    require(moved == KEYS - held[0], f"one shard sends on for {moved} of {KEYS} keys and has {held[0]}")
    return f"{KEYS} keys on {len(nodes)} shards: {' + '.join(map(str, held))}; the first sends on for {moved}"


def _held(place: Place, node: Endpoint) -> int:
    with place.connect(node) as client:
        return sum(1 for _ in client.scan_iter("on:*", count=KEYS))


def _moved(place: Place, node: Endpoint) -> int:
    """Count the keys for which a shard names another one."""
    moved = 0
    with place.connect(node) as client:
        for number in range(KEYS):
            try:
                client.get(f"on:{number}")
            except ResponseError as error:
                moved += str(error).startswith("MOVED ")
    return moved
