"""What a sharded group is while it takes all its data from another one, shard by shard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet import feed, followed_shard, replication
from elasticache_kit.emulator.fleet.followed_shard import FollowedShard
from elasticache_kit.emulator.fleet.node import Endpoint
from elasticache_kit.emulator.fleet.sharded_group import ShardedGroup
from elasticache_kit.errors import EngineStartError
from elasticache_kit.model.slot import parse_ranges

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.deadline import Deadline
    from elasticache_kit.emulator.fleet.node import Node
    from elasticache_kit.emulator.fleet.nodes_conf import ClusterNode
    from elasticache_kit.emulator.fleet.plan import GroupPlan
    from elasticache_kit.emulator.fleet.workshop import Workshop

READS_WHEN_DOWN, NODE_TIMEOUT, SHORT_TIMEOUT = "cluster-allow-reads-when-down", "cluster-node-timeout", "500"


class CopyingGroup(ShardedGroup):
    """A sharded group whose nodes all follow the feed of their shard, where there are `sources`.

    An engine in cluster mode follows only what its nodes.conf calls its primary. So each shard has an owner that never
    existed, with the address of the feed. One node of the shard leads: it has the slots in its own view although it is
    a replica, so it answers reads and refuses writes with READONLY. All others send clients to an address that leads to
    it, whoever it is. Where there is one shard alone the engine finds no primary, and says CLUSTERDOWN to writes.

    Args:
        plan: the order.
        workshop: what engines are made of.
        bare: whether to make no endpoints, because the group inherits them; they are made when omitted.
    """

    def __init__(self, plan: GroupPlan, workshop: Workshop, *, bare: bool = False) -> None:
        # Who leads which shard while the group follows; the first node of the plan where nothing is noted.
        self._leaders: dict[str, str] = {}
        super().__init__(plan, workshop, bare=bare)

    @property
    def firsts(self) -> list[Node]:
        """Who leads each shard, or is to."""
        return [head for shard in self.plan.node_groups if (head := self._head(shard.node_group_id))]

    def is_primary(self, node: Node) -> bool:
        """Say whether a node leads its shard."""
        return node is self._head(node.node_group_id) if self.sources else super().is_primary(node)

    def leader(self, node_group_id: str) -> Node:
        """Give the living node that leads a shard, also where that is a replica of another group."""
        if not self.sources:
            return super().leader(node_group_id)
        head = self._head(node_group_id)
        if head is None or not head.serves:
            raise EngineStartError(f"Node group {node_group_id} of {self.plan.key} has no living primary.")
        return head

    def takes_feed(self, node: Node) -> bool:
        """Say whether a node takes its data from outside of the group: all do, or none."""
        del node
        return bool(self.sources)

    def welcome(self, node: Node) -> None:
        """Make a node talk with the others; one that has lost the lead meanwhile starts anew."""
        if not self.sources:
            super().welcome(node)
        elif self.is_primary(node):
            self._join(node)
        else:
            self.recover(node.cache_cluster_id)

    def redirect(self, node_group_id: str) -> None:
        """Make the nodes of a shard take the way that `lag_seconds` says."""
        if not self.sources:
            super().redirect(node_group_id)
            return
        for node in self.members(node_group_id):
            self._slow(node)
            if node.reachable:
                with node.engine.admin() as admin:
                    # One that follows whom it followed before keeps its connection.
                    admin.command("CLIENT", "KILL", "TYPE", "master")

    def _start_behind_feed(self, node: Node) -> None:
        self._behind = node.by_address = True
        self._slow(node)
        self._start(node, self._view_behind(node), current_epoch=len(self._owners))

    def _start_replacement(self, node: Node) -> None:
        if self.sources:
            self._start_behind_feed(node)
        else:
            super()._start_replacement(node)

    def _start_again(self, node: Node) -> None:
        if self.sources:
            self._start_behind_feed(node)
        else:
            super()._start_again(node)

    def _view_behind(self, node: Node) -> dict[str, ClusterNode]:
        shards = {
            node_group_id: FollowedShard(
                owner_id=owner,
                source=self.sources[node_group_id],
                slots=self._slots[node_group_id],
                client_address=self._place_of_shard(node_group_id),
                leader=self._head(node_group_id),
            )
            for node_group_id, owner in self._owners.items()
        }
        return followed_shard.view(node, {other: self.node_id(other) for other in self.nodes.values()}, shards)

    def _settings(self, node: Node) -> dict[str, str]:
        # With one shard that nobody owns the cluster is down, and its engines answer reads all the same.
        own = super()._settings(node)
        if len(self.plan.node_groups) == 1 and self.sources:
            return {**own, READS_WHEN_DOWN: "yes"}
        if len(self.plan.node_groups) == 1 and self._leaders:
            # From down to up it waits for as long as that, five seconds at most.
            return {**own, NODE_TIMEOUT: SHORT_TIMEOUT}
        return own

    def _holders(self, kind: str) -> tuple[Node, ...]:
        if not self.sources:
            return super()._holders(kind)
        if kind.startswith(feed.FEED):
            return ()
        node_group_id = feed.shard_of(kind) or self.plan.node_groups[0].node_group_id
        wanted = [self._head(node_group_id)]
        if kind == "configuration":
            # Who does not lead tells clients of all nodes, who does only of itself in its shard.
            wanted = [*self.endpoints[kind].nodes, *sorted(self.nodes.values(), key=self.is_primary)]
        return tuple(node for node in wanted if node is not None and node.serves)[:1]

    def _lag(self, node: Node) -> str | None:
        return replication.silence(node) if self.sources else super()._lag(node)

    def _announce(self, node: Node, deadline: Deadline) -> None:
        if self.sources:
            self._join(node)
        else:
            super()._announce(node, deadline)

    def _orient(self, node: Node, deadline: Deadline) -> None:
        # Ending a link is no remedy here: an engine with such a node timeout does not make another one for years.
        if not self.sources:
            super()._orient(node, deadline)

    def _await_ports(self, deadline: Deadline) -> None:
        if not self.sources:
            super()._await_ports(deadline)

    def _promote(self, node: Node) -> None:
        if not self.sources:
            super()._promote(node)
            return
        old = self._head(node.node_group_id)
        self._leaders[node.node_group_id] = node.cache_cluster_id
        node.in_service = True
        if old is node:
            return
        slots = parse_ranges(",".join(self._slots[node.node_group_id]))
        pairs = [edge for part in slots for edge in (part.start, part.stop - 1)]
        with node.engine.admin() as admin:
            admin.command("CLUSTER", "DELSLOTSRANGE", *pairs)
            admin.command("CLUSTER", "ADDSLOTSRANGE", *pairs)
        if old is not None and old.serves:
            # It cannot give its slots back to somebody who is not there, only begin without them.
            self.recover(old.cache_cluster_id)

    def _head(self, node_group_id: str) -> Node | None:
        """Give the node that leads a shard; None where the shard has no nodes, because it comes or goes."""
        members, noted = self.members(node_group_id), self._leaders.get(node_group_id)
        return next((node for node in members if node.cache_cluster_id == noted), next(iter(members), None))

    def _slow(self, node: Node) -> None:
        source = self.sources[node.node_group_id]
        if source.door:
            source.door.slow(node.address, node.lag_seconds)

    def _place_of_shard(self, node_group_id: str) -> str:
        """Give the address that leads to whoever leads a shard."""
        kind = f"shard {node_group_id}"
        if kind not in self.endpoints:
            self.endpoints = {**self.endpoints, kind: Endpoint(self.workshop.endpoint_address(kind))}
        return self.endpoints[kind].address
