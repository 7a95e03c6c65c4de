"""How a node sees the shards of a cluster that takes all its data from elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from elasticache_kit.emulator.fleet.engine import Engine
from elasticache_kit.emulator.fleet.feed import Source
from elasticache_kit.emulator.fleet.followed_shard import FollowedShard, view
from elasticache_kit.emulator.fleet.node import Node

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.nodes_conf import ClusterNode

SLOTS = {"0001": ("0-8191",), "0002": ("8192-16383",)}


def make(name: str, node_group_id: str, address: str) -> Node:
    """Make a node whose engine never starts."""
    nothing = cast("Any", None)
    engine = Engine(nothing, nothing, Path(name), address, 6379)
    return Node(cache_cluster_id=name, node_group_id=node_group_id, engine=engine)


LEADER, REPLICA, OTHER = (
    make("a", "0001", "127.20.1.1"),
    make("b", "0001", "127.20.1.2"),
    make("c", "0002", "127.20.1.3"),
)
NODE_IDS = {LEADER: "leader", REPLICA: "replica", OTHER: "other"}
SHARDS = {
    name: FollowedShard(
        owner_id=f"owner-{name}",
        source=Source(f"127.20.2.{int(name)}", 6380),
        slots=SLOTS[name],
        client_address=f"127.20.3.{int(name)}",
        leader=leader,
    )
    for name, leader in (("0001", LEADER), ("0002", OTHER))
}


def holders(seen: dict[str, ClusterNode]) -> dict[str, str]:
    """Say who has which slots."""
    return {slot: name for name, node in seen.items() for slot in node.slots}


@pytest.mark.parametrize(
    ("node", "first", "second"),
    [
        (LEADER, "leader", "owner-0002"),
        (REPLICA, "owner-0001", "owner-0002"),
        (OTHER, "owner-0001", "other"),
    ],
)
def test_slots_are_with_their_owners_but_for_those_that_a_node_leads(node: Node, first: str, second: str) -> None:
    """Every slot is in one place."""
    assert holders(view(node, NODE_IDS, SHARDS)) == {"0-8191": first, "8192-16383": second}


def test_a_node_replicates_from_the_owner_of_its_shard_and_clients_go_elsewhere() -> None:
    """The own owner has the address of the feed and no bus; the others have none for engines."""
    seen = view(REPLICA, NODE_IDS, SHARDS)
    own, other = seen["owner-0001"], seen["owner-0002"]
    assert (own.address, own.port, own.client_address) == ("127.20.2.1", 6380, "127.20.3.1")
    assert (other.address, other.client_address) == ("", "127.20.3.2")
    assert {name: seen[name].primary_id for name in NODE_IDS.values()} == {
        "leader": "owner-0001",
        "replica": "owner-0001",
        "other": "owner-0002",
    }
