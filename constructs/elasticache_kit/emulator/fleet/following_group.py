"""A sharded group that takes all its data from another one, shard by shard, as a secondary of a global datastore."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet import feed, followed_shard, replication
from elasticache_kit.emulator.fleet.admin import ReplyError
from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.emulator.fleet.followed_shard import FollowedShard
from elasticache_kit.emulator.fleet.node import Endpoint
from elasticache_kit.emulator.fleet.sharded_group import ShardedGroup
from elasticache_kit.errors import EngineStartError, RefusedError
from elasticache_kit.model.slot import parse_ranges

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from elasticache_kit.emulator.fleet.feed import Source
    from elasticache_kit.emulator.fleet.node import Node
    from elasticache_kit.emulator.fleet.nodes_conf import ClusterNode
    from elasticache_kit.emulator.fleet.plan import GroupPlan, NodeGroupPlan
    from elasticache_kit.emulator.fleet.workshop import Workshop

# A full copy is as slow as there is data; this ends only what has got stuck.
FOLLOW_TIMEOUT, TAKE_OVER_TIMEOUT, PER_NODE_TIMEOUT = 600.0, 30.0, 0.3
READS_WHEN_DOWN, NODE_TIMEOUT, SHORT_TIMEOUT = "cluster-allow-reads-when-down", "cluster-node-timeout", "500"


class FollowingGroup(ShardedGroup):
    """A sharded group whose nodes all follow the feed of their shard, from the start or from some moment on.

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

    def follow(self, sources: Mapping[str, Source]) -> None:
        """Start all nodes anew behind other places; or take writes again, at once."""
        if not sources:
            self._stand_alone()
            return
        with self._lock:
            self._check_running()
            living = [node for node in self.nodes.values() if node.engine.alive]
            # Who leads now does so afterwards: clients and records know it.
            heads = [node for node in living if self.is_primary(node)]
            self._condemn(living)
            for node in living:
                self._end(node)
            self._leaders = {node.node_group_id: node.cache_cluster_id for node in heads}
            self.sources = sources
        self._start_following(living, Deadline(FOLLOW_TIMEOUT))
        with self._lock:
            self._check_running()
            for node in living:
                self._door.open(node)
                node.in_service = True
        self.place_endpoints()

    def rebuild(self, slots: Mapping[str, str], new: Sequence[NodeGroupPlan], sources: Mapping[str, Source]) -> None:
        """Begin anew behind a group that has other shards now: with the same ones, and copies of what is in them.

        Args:
            slots: the slots of each shard that shall be there, by its id.
            new: the nodes of those that are not there yet.
            sources: where each shard takes its data from.
        """
        gone = [shard.node_group_id for shard in self.plan.node_groups if shard.node_group_id not in slots]
        for node_group_id in gone:
            for node in self.members(node_group_id):
                self._drop(node)
            self._forget_shard(node_group_id)
        # Those that stay are ended by `follow`, those that come start when all others know of them.
        there = {shard.node_group_id: shard for shard in self.plan.node_groups}
        coming = [shard for shard in new if shard.node_group_id not in there]
        with self._lock:
            self._check_running()
            known = there | {shard.node_group_id: shard for shard in coming}
            shards = tuple(replace(known[name], slots=text) for name, text in slots.items())
            self.plan = replace(self.plan, node_groups=shards)
            for name, text in slots.items():
                self._know_shard(name, text)
            made = [self._make(shard.node_group_id, node) for shard in coming for node in shard.nodes]
        self.follow(sources)
        with self._lock:
            for node in made:
                self._start_replacement(node)
        for node in made:
            self._bring_in(node)

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

    def _start_all(self, deadline: Deadline) -> None:
        if not self.sources:
            super()._start_all(deadline)
            return
        self._leaders = {}
        self._start_following(tuple(self.nodes.values()), deadline)

    def _start_following(self, nodes: Sequence[Node], deadline: Deadline) -> None:
        self._refuse_old_engines()
        with self._lock:
            for node in nodes:
                node.engine.wipe()
                self._start_behind_feed(node)
        for node in nodes:
            node.engine.ready(deadline)
        for node in nodes:
            self.await_sync(node, deadline)

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

    def _stand_alone(self) -> None:
        """Make a cluster of the nodes as they are; the ones that lead become primaries with what they have."""
        if not self.sources:
            return
        heads = [self.leader(shard.node_group_id) for shard in self.plan.node_groups]
        with self._lock:
            self._check_running()
            self._leaders = {head.node_group_id: head.cache_cluster_id for head in heads}
            before, self.sources = self.sources, {}
        try:
            self.take_over(Deadline(TAKE_OVER_TIMEOUT + PER_NODE_TIMEOUT * len(self.nodes)))
        except (OSError, ReplyError, EngineStartError) as error:
            self.sources = before
            self.follow(before)
            raise EngineStartError(f"{self.plan.key} follows as before, it could not take writes: {error}") from error
        with self._lock:
            nodes, self._leaders = self._taking_part, {}
        for node in nodes:
            settings = {READS_WHEN_DOWN: "no", **self._settings(node)}
            self._tell(node, [("CONFIG", "SET", name, settings[name]) for name in (READS_WHEN_DOWN, NODE_TIMEOUT)])
            node.by_address = False
            self._door.open(node)
        for node_group_id in {node.node_group_id for node in self.nodes.values() if node.lag_seconds}:
            self.redirect(node_group_id)
        self.place_endpoints()

    @property
    def _taking_part(self) -> tuple[Node, ...]:
        # One that is dead just now is replaced later, by a replica of what there is then.
        return tuple(node for node in self.nodes.values() if node.reachable) if self._leaders else super()._taking_part

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

    def _refuse_old_engines(self) -> None:
        if not self.workshop.binary.tells_client_port:
            program = f"{self.workshop.binary.engine} {self.workshop.binary.version}"
            reason = f"{program} cannot send clients elsewhere than other engines: take valkey 9.0 or newer"
            raise RefusedError(f"replication between groups in cluster mode, {self.plan.key}", [reason])
