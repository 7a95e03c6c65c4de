"""How a node sees the shards of a cluster that takes all its data from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet.nodes_conf import ClusterNode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticache_kit.emulator.fleet.feed import Source
    from elasticache_kit.emulator.fleet.node import Node

# Where nobody listens: what is followed is no member of the cluster.
NO_BUS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedShard:
    """A shard whose owner is elsewhere.

    Args:
        owner_id: the node id of the owner, who never existed here.
        source: where the data of the shard comes from.
        slots: its hash slots.
        client_address: where clients find whoever leads it.
        leader: who that is; None while the shard has no nodes.
    """

    owner_id: str
    source: Source
    slots: tuple[str, ...]
    client_address: str
    leader: Node | None


def view(node: Node, node_ids: Mapping[Node, str], shards: Mapping[str, FollowedShard]) -> dict[str, ClusterNode]:
    """Say what a node starts with: each shard belongs to its owner, but the own one to the node itself if it leads it.

    Args:
        node: who looks.
        node_ids: the ids of all nodes of the cluster.
        shards: all shards, by node group id.
    """
    seen: dict[str, ClusterNode] = {}
    for epoch, (node_group_id, shard) in enumerate(shards.items(), start=1):
        seen[shard.owner_id] = ClusterNode(
            node_id=shard.owner_id,
            # It replicates from its own, and never talks with the others.
            address=shard.source.host if node_group_id == node.node_group_id else "",
            port=shard.source.port,
            bus_port=NO_BUS,
            client_address=shard.client_address,
            slots=() if shard.leader is node else shard.slots,
            epoch=epoch,
        )
    for other, node_id in node_ids.items():
        shard = shards[other.node_group_id]
        held = shard.slots if other is node is shard.leader else ()
        seen[node_id] = ClusterNode(node_id=node_id, address=other.address, primary_id=shard.owner_id, slots=held)
    return seen
