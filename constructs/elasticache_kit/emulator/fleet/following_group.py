"""A sharded group that begins and ends to take its data from another one, as a secondary of a global datastore does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet.admin import ReplyError
from elasticache_kit.emulator.fleet.copying_group import NODE_TIMEOUT, READS_WHEN_DOWN, CopyingGroup
from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.errors import EngineStartError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from elasticache_kit.emulator.fleet.feed import Source
    from elasticache_kit.emulator.fleet.node import Node
    from elasticache_kit.emulator.fleet.plan import NodeGroupPlan

# A full copy is as slow as there is data; this ends only what has got stuck.
FOLLOW_TIMEOUT, TAKE_OVER_TIMEOUT, PER_NODE_TIMEOUT = 600.0, 30.0, 0.3


class FollowingGroup(CopyingGroup):
    """A sharded group that follows another one from the start or from some moment on, and takes writes again."""

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

    def _refuse_old_engines(self) -> None:
        if not self.workshop.binary.tells_client_port:
            program = f"{self.workshop.binary.engine} {self.workshop.binary.version}"
            reason = f"{program} cannot send clients elsewhere than other engines: take valkey 9.0 or newer"
            raise RefusedError(f"replication between groups in cluster mode, {self.plan.key}", [reason])
