"""A replication group with cluster mode enabled whose shards come and go."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet.admin import PATIENT_TIMEOUT
from elasticache_kit.emulator.fleet.cluster_view import disorder, follows
from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.emulator.fleet.following_group import FollowingGroup
from elasticache_kit.emulator.fleet.nodes_conf import ClusterNode
from elasticache_kit.errors import RefusedError

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.node import Node
    from elasticache_kit.emulator.fleet.plan import NodeGroupPlan

FOUNDING_TIMEOUT = 30.0


class ElasticGroup(FollowingGroup):
    """A sharded group that takes shards in and gives them up; what moves slots between them is in `resharding`."""

    def open_shard(self, plan: NodeGroupPlan) -> None:
        """Add a shard without slots: a primary, then its replicas; return when all are in sync.

        Raises:
            EngineStartError: a node did not come up; nothing of the shard is left.
            RefusedError: a shard or node of this name exists.
        """
        first, *replicas = plan.nodes
        with self._lock:
            self._check_running()
            taken = [name for node in plan.nodes if (name := node.cache_cluster_id) in self.nodes]
            if plan.node_group_id in self._slots or taken:
                raise RefusedError(f"adding node group {plan.node_group_id}", ["it exists, or a node of it does"])
            self._know_shard(plan.node_group_id, None)
            self.plan = replace(self.plan, node_groups=(*self.plan.node_groups, replace(plan, slots=None)))
            node = self._make(plan.node_group_id, first)
        try:
            self._found(node)
            self._bring_in(node)
            for replica in replicas:
                self.add_replica(plan.node_group_id, replica)
        except BaseException:
            self.close_shard(plan.node_group_id)
            raise

    def _found(self, node: Node) -> None:
        """Start the first primary of a new shard, in the way of a new cluster, for the same reason."""
        owner = self._owners[node.node_group_id]
        with self._lock:
            view, own_id = self._view(node), self.node_id(node)
            view[owner] = ClusterNode(node_id=owner)
            view[own_id] = ClusterNode(node_id=own_id, address=node.address, primary_id=owner)
            self._start(node, view, current_epoch=max(known.epoch for known in view.values()))
        deadline = Deadline(FOUNDING_TIMEOUT)
        node.engine.ready(deadline)
        self._join(node)
        self.await_absence(node, disorder, deadline)
        with node.engine.admin(PATIENT_TIMEOUT) as admin:
            admin.commands([("CLUSTER", "FAILOVER", "TAKEOVER")])
            self.await_absence(node, lambda _: "it is no primary yet" if follows(node) else None, deadline)
            admin.command("CLUSTER", "FORGET", owner)

    def close_shard(self, node_group_id: str) -> None:
        """End a shard and make the others forget it; its slots must have gone elsewhere."""
        members = self.members(node_group_id)
        for node in members:
            # All before the first is forgotten: a replica does not forget its primary.
            self.kill(node.cache_cluster_id)
        for node in members:
            self._drop(node)
        self._forget_shard(node_group_id)

    def own_slots(self, node_group_id: str, slots: str) -> None:
        """Note which slots a shard has from now on: a shard that loses all its nodes comes back with them."""
        with self._lock:
            self._know_shard(node_group_id, slots)
            groups = self.plan.node_groups
            self.plan = replace(
                self.plan,
                node_groups=tuple(
                    replace(group, slots=slots) if group.node_group_id == node_group_id else group for group in groups
                ),
            )
