"""Cluster mode disabled: one primary, and replicas that each have all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tour.promise import require

if TYPE_CHECKING:
    from tour.place import Place

STACK = "replication-group"
KEYS = 200


def check(place: Place) -> str:
    """Write through the primary endpoint, and count on every node."""
    group = place.group(place.output(STACK, "ReplicationGroupId"))
    (shard,) = group.node_groups
    replicas = len(shard.members) - 1
    with place.connect(place.endpoint(STACK, "PrimaryEndpoint")) as client:
        require(not client.info("cluster")["cluster_enabled"], "the engine says that cluster mode is enabled")
        for number in range(KEYS):
            client.set(f"off:{number}", number)
        require(client.wait(replicas, 5000) == replicas, "not every replica has what was written")
    for member in shard.members:
        with place.connect(member.endpoint) as node:
            held = sum(1 for _ in node.scan_iter("off:*", count=KEYS))
        require(held == KEYS, f"{member.cache_cluster_id} has {held} of {KEYS} keys")
    return f"{KEYS} keys on the primary and on each of {replicas} replicas"
