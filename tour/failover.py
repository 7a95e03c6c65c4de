"""Failover: the primary is killed, a replica takes its place behind the same endpoint, and the lost node comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tour.promise import require

if TYPE_CHECKING:
    from elasticache_kit.ops.inventory import ReplicationGroup
    from tour.place import Place

STACK = "replication-group"
KEYS = 300


def check(place: Place) -> str:
    """Show the plan, which changes nothing; run it; read back what was written before, at the same endpoint."""
    name, endpoint = place.output(STACK, "ReplicationGroupId"), place.endpoint(STACK, "PrimaryEndpoint")
    first, (shard,) = _primary(place.group(name)), place.group(name).node_groups
    replicas = len(shard.members) - 1
    with place.connect(endpoint) as client:
        for number in range(KEYS):
            client.set(f"failover:{number}", number)
        require(client.wait(replicas, 5000) == replicas, "not every replica has what was written")
    place.run("failover", name)
    require(_primary(place.group(name)) == first, "the plan alone, without --apply, has failed the primary over")
    place.run("failover", name, "--apply")
    second = place.group(name)
    require(_primary(second) != first, f"{first} is still the primary")
    require(second.node_groups[0].primary_endpoint == endpoint, "the primary endpoint is another one")
    with place.connect(endpoint) as client:
        read = [client.get(f"failover:{number}") for number in range(KEYS)]
        client.set("failover:after", "written")
        require(client.wait(replicas, 5000) == replicas, "the lost node is not a replica again")
    lost = sum(value is None for value in read)
    require(lost == 0, f"{lost} of {KEYS} keys are lost")
    return f"{first} killed, {_primary(second)} promoted behind the same endpoint, {KEYS} keys there, replica replaced"


def _primary(group: ReplicationGroup) -> str:
    (shard,) = group.node_groups
    (found,) = [member.cache_cluster_id for member in shard.members if member.role == "primary"]
    return found
