"""A replication group with more nodes than a small machine starts with ease."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet.elastic_group import ElasticGroup
from elasticache_kit.emulator.fleet.nodes_conf import ClusterNode
from elasticache_kit.emulator.fleet.seed import plant

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.deadline import Deadline
    from elasticache_kit.emulator.fleet.node import Node

# Each node has a link to each other one, and a message goes over each of them once in half this time.
TIMEOUT_PER_NODE, LEAST_TIMEOUT = 120, 15000


class LargeGroup(ElasticGroup):
    """A sharded group that is started for as little work as possible, which grows with the square of its nodes.

    All processes start at one stroke, and with the slots that they have: a primary then waits two seconds before it
    takes writes, in case the cluster has moved on without it, but there are no owners to take over from and to forget.
    Clients hear of the replicas once their nodes have heard of each other, within half of the node timeout.
    """

    def _start_all(self, deadline: Deadline) -> None:
        if self.sources:
            super()._start_all(deadline)
            return
        nodes = tuple(self.nodes.values())
        firsts = [self.nodes[group.nodes[0].cache_cluster_id] for group in self.plan.node_groups]
        view = self._settled_view(firsts)
        with self.workshop.spawner.together():
            for node in nodes:
                if node not in firsts:
                    # What a replica has left is older than what its primary has, or the same.
                    node.engine.wipe()
                self._start(node, view, current_epoch=len(firsts))
        for node in nodes:
            node.engine.ready(deadline)
        for node in nodes:
            self.await_sync(node, deadline)
        self._await_first_sight(deadline)
        if self.plan.seed:
            plant(self.plan.seed, {node.engine: self._planned_slots(node) for node in firsts}, self.workshop)
            for node in nodes:
                self.await_sync(node, deadline)

    def _settled_view(self, firsts: list[Node]) -> dict[str, ClusterNode]:
        """Say how the cluster looks when all is done: each primary has its slots, by an epoch of its own."""
        view: dict[str, ClusterNode] = {}
        for epoch, first in enumerate(firsts, start=1):
            primary_id = self.node_id(first)
            slots = self._slots[first.node_group_id]
            view[primary_id] = ClusterNode(node_id=primary_id, address=first.address, slots=slots, epoch=epoch)
            for replica in self.siblings(first):
                own_id = self.node_id(replica)
                view[own_id] = ClusterNode(node_id=own_id, address=replica.address, primary_id=primary_id)
        return view

    def _settings(self, node: Node) -> dict[str, str]:
        if self._behind:
            return super()._settings(node)
        timeout = str(max(LEAST_TIMEOUT, TIMEOUT_PER_NODE * len(self.nodes)))
        return {**super()._settings(node), "cluster-node-timeout": timeout, **self._asked_timeout}

    @property
    def _asked_timeout(self) -> dict[str, str]:
        asked = self.plan.settings.get("cluster-node-timeout")
        return {} if asked is None else {"cluster-node-timeout": asked}
