"""The reader endpoint: reads go to the replicas in turn, and none to the primary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tour.promise import require

if TYPE_CHECKING:
    from collections.abc import Iterable

    from elasticache_kit.ops.inventory import Member
    from tour.place import Place

STACK = "replication-group"
CONNECTIONS = 12


def check(place: Place) -> str:
    """Read over several connections, and ask the engines how many reads each has answered."""
    (shard,) = place.group(place.output(STACK, "ReplicationGroupId")).node_groups
    before = _reads(place, shard.members)
    for _ in range(CONNECTIONS):
        with place.connect(place.endpoint(STACK, "ReaderEndpoint")) as client:
            client.get("anything")
    answered = {name: count - before[name] for name, count in _reads(place, shard.members).items()}
    (primary,) = [answered.pop(member.cache_cluster_id) for member in shard.members if member.role == "primary"]
    require(primary == 0, f"the primary has answered {primary} of {CONNECTIONS} reads")
    require(
        all(answered.values()) and sum(answered.values()) == CONNECTIONS,
        f"of {CONNECTIONS} reads the replicas have answered {answered}",
    )
    shares = " + ".join(map(str, answered.values()))
    return f"{CONNECTIONS} connections: {shares} on the replicas, none on the primary"


def _reads(place: Place, members: Iterable[Member]) -> dict[str, int]:
    """Return how many GETs each node has answered."""
    found: dict[str, int] = {}
    for member in members:
        with place.connect(member.endpoint) as client:
            told: dict[str, Any] = client.info("commandstats")
        found[member.cache_cluster_id] = int(told.get("cmdstat_get", {}).get("calls", 0))
    return found
