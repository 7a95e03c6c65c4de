"""Durability: a write that was acknowledged is there after all nodes have lost their power at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.drills import local_fault
from elasticache_kit.ops import session
from tour.promise import require
from tour.stack import DURABLE

if TYPE_CHECKING:
    from tour.place import Place

KEYS = 300


def check(place: Place) -> str:
    """Find the durable group, and see whether what it has survives."""
    return survive(place, _group(place))


def survive(place: Place, name: str) -> str:
    """Write, take the power from every node, give it back, read."""
    group = place.group(name)
    require(group.durability == "sync", f"the effective durability is {group.durability}")
    with place.connect_cluster(group.configuration_endpoint) as client:
        for number in range(KEYS):
            client.set(f"durable:{number}", number)
    here = session.connect()
    fault = local_fault.begin(here, {"kind": "power-loss", "ReplicationGroupId": name})
    try:
        down = _statuses(place, name)
        require(down == {"failed"}, f"the nodes without power are {down}")
    finally:
        local_fault.end(here, fault)
    place.until(lambda: _statuses(place, name), lambda seen: seen == {"available"}, "the nodes are available again")
    with place.connect_cluster(group.configuration_endpoint) as client:
        lost = [number for number in range(KEYS) if client.get(f"durable:{number}") != str(number)]
    require(not lost, f"{len(lost)} of {KEYS} acknowledged writes are lost")
    nodes = sum(len(shard.members) for shard in group.node_groups)
    return f"{nodes} nodes without power at once, {KEYS} of {KEYS} acknowledged writes there afterwards"


def _group(place: Place) -> str:
    found = place.aws("cloudformation").describe_stack_resources(StackName=DURABLE)["StackResources"]
    (name,) = [
        item["PhysicalResourceId"] for item in found if item["ResourceType"] == "AWS::ElastiCache::ReplicationGroup"
    ]
    return name


def _statuses(place: Place, name: str) -> set[str | None]:
    return {member.status for shard in place.group(name).node_groups for member in shard.members}
