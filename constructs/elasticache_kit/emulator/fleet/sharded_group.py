"""A replication group with cluster mode enabled: shards that know each other, and a configuration endpoint."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet import feed, replication
from elasticache_kit.emulator.fleet.admin import PATIENT_TIMEOUT, ReplyError
from elasticache_kit.emulator.fleet.cluster_group import ClusterGroup
from elasticache_kit.emulator.fleet.cluster_view import disorder, follows, ignorance, leads, unlinked
from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.emulator.fleet.nodes_conf import ClusterNode
from elasticache_kit.emulator.fleet.seed import plant
from elasticache_kit.model.slot import parse_ranges

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elasticache_kit.emulator.fleet.node import Leading, Node

HANDOVER_TIMEOUT = 2.0
PROMOTION_TIMEOUT = 10.0
ORDER_TIMEOUT = 0.5


class ShardedGroup(ClusterGroup):
    """Engines in cluster mode. They elect primaries by themselves too, so the present roles are always asked for.

    Nodes start with a nodes.conf that tells all of them everything: they need not meet. A primary that starts with
    slots of its own is not writable for two seconds, in case the cluster has moved on without it. So a new cluster
    starts with all nodes as replicas of owners that never existed, and the first primaries take the slots over: that
    has no delay.

    Args:
        plan: the order.
        workshop: what engines are made of.
    """

    @property
    def kinds(self) -> tuple[str, ...]:
        """The endpoints of cluster clients, and of all others too where the group is compatible."""
        return ("configuration", "primary", "reader") if self.plan.compatible else ("configuration",)

    def _holders(self, kind: str) -> tuple[Node, ...]:
        if (node_group_id := feed.shard_of(kind)) is not None:
            members = self.members(node_group_id)
            return tuple(node for node in members if node.serves and not follows(node))[:1]
        if kind != "configuration":
            serving = {node: follows(node) for node in self.nodes.values() if node.serves}
            leaders = tuple(node for node, behind in serving.items() if not behind)[:1]
            replicas = tuple(node for node, behind in serving.items() if behind)
            return replicas or leaders if kind == "reader" else leaders
        # Clients ask any node for the way, so one is enough, and it stays as long as it lives.
        present = self.endpoints[kind].nodes
        if present and present[0].serves:
            return present
        return tuple(node for node in self.nodes.values() if node.serves)[:1]

    def _way(self, kind: str) -> Leading:
        # Engines in cluster mode send clients away from a replica that do not say READONLY first, and those that know
        # nothing of clusters never do.
        return self._door.readers if kind == "reader" else self._door

    def is_primary(self, node: Node) -> bool:
        """Say whether a node is the primary of its shard: it says so itself, or others do of one that is down."""
        # Others learn only from its next ping that a primary has become a replica.
        if (own := replication.role(node)) != "down":
            return own == "primary"
        seen = self._view(node).get(self.node_id(node))
        return seen is not None and seen.primary_id is None

    def _start_all(self, deadline: Deadline) -> None:
        nodes, firsts = tuple(self.nodes.values()), self.firsts
        self._start_processes(firsts, deadline)
        for node in firsts:
            with node.engine.admin() as admin:
                # A node that finds the cluster in order becomes a primary without the delay. Where the start took
                # longer than the node timeout it does not, and has waited already.
                Deadline(ORDER_TIMEOUT).wait_for(partial(disorder, admin))
        self.take_over(deadline)
        if self.plan.seed:
            plant(self.plan.seed, {node.engine: self._planned_slots(node) for node in firsts}, self.workshop)
            for node in nodes:
                self.await_sync(node, deadline)

    def start_behind(self, leader: Node, deadline: Deadline) -> None:
        """Start the one shard as replicas of an owner that is no cluster: it answers nobody but its replicas."""
        self._behind = True
        self._start_processes(self.firsts, deadline, leader)
        for node in self.nodes.values():
            self.await_absence(node, lambda _, node=node: replication.lag_behind(node, leader), deadline)

    @property
    def firsts(self) -> list[Node]:
        """The first primary of each shard."""
        return [self.nodes[group.nodes[0].cache_cluster_id] for group in self.plan.node_groups]

    def take_over(self, deadline: Deadline) -> None:
        """Make the first node of each shard its primary, and all nodes known to each other and to clients."""
        nodes, firsts = self._taking_part, self.firsts
        if self._behind:
            self._behind = False
            for node in nodes:
                with node.engine.admin() as admin:
                    timeout = self._settings(node)["cluster-node-timeout"]
                    admin.command("CONFIG", "SET", "cluster-node-timeout", timeout)
        for node in firsts:
            with node.engine.admin(PATIENT_TIMEOUT) as admin:
                admin.command("CLUSTER", "FAILOVER", "TAKEOVER")
        for node in nodes:
            self.await_sync(node, deadline)
        for node in firsts:
            with node.engine.admin() as admin:
                # Engines do not tell clients of a replica before its offset is above zero. This moves it and changes
                # nothing: the functions stay what they are, none in a new cluster.
                (functions,) = admin.raw([("FUNCTION", "DUMP")])
                if isinstance(functions, bytes):
                    admin.command("FUNCTION", "RESTORE", functions, "FLUSH")
        for node in nodes:
            if node not in firsts:
                self._call(node, nodes)
        leaders = {node.node_group_id: self.node_id(node) for node in firsts}
        expected = {self.node_id(node): leaders[node.node_group_id] for node in nodes}
        for node in nodes:
            self.await_absence(node, lambda admin: ignorance(admin, expected), deadline)
            with node.engine.admin() as admin:
                # At once, because the engine saves its nodes.conf after each command that comes alone.
                admin.commands([("CLUSTER", "FORGET", owner) for owner in self._owners.values()])
        self._await_first_sight(deadline)

    @property
    def _taking_part(self) -> tuple[Node, ...]:
        """The nodes that a new cluster is made of."""
        return tuple(self.nodes.values())

    def _start_processes(self, firsts: Sequence[Node], deadline: Deadline, leader: Node | None = None) -> None:
        view = self._first_view(leader)
        # Each shard begins with an epoch of its own: no two first primaries shall claim slots with the same one.
        epochs = {group: len(self._owners) + index for index, group in enumerate(self._owners, start=1)}
        for node in self.nodes.values():
            if node not in firsts:
                # What a replica has left is older than what its primary has, or the same.
                node.engine.wipe()
            self._start(node, view, current_epoch=epochs[node.node_group_id])
        for node in self.nodes.values():
            node.engine.ready(deadline)
            if self._shares_port:
                self._door.open(node)

    def _planned_slots(self, node: Node) -> frozenset[int]:
        ranges = parse_ranges(",".join(self._slots[node.node_group_id]))
        return frozenset(slot for numbers in ranges for slot in numbers)

    def _first_view(self, leader: Node | None) -> dict[str, ClusterNode]:
        """Say how a new cluster looks: all nodes are replicas of owners without an address, which nobody looks for.

        With a leader, which need not be in cluster mode, they take it for the owner, and replicate from it.
        """
        view: dict[str, ClusterNode] = {}
        address = leader.address if leader else ""
        for epoch, (node_group_id, owner) in enumerate(self._owners.items(), start=1):
            slots = self._slots[node_group_id]
            view[owner] = ClusterNode(node_id=owner, address=address, slots=slots, epoch=epoch)
        for node in self.nodes.values():
            owner = self._owners[node.node_group_id]
            view[self.node_id(node)] = ClusterNode(node_id=self.node_id(node), address=node.address, primary_id=owner)
        return view

    def _start_replacement(self, node: Node) -> None:
        view = self._view(node)
        own_id = self.node_id(node)
        known = own_id in view
        primary = next(
            (view[self.node_id(other)] for other in self.siblings(node) if leads(view, self.node_id(other))), None
        )
        if primary is not None:
            view[own_id] = ClusterNode(node_id=own_id, address=node.address, primary_id=primary.node_id)
        elif own_id not in view:
            # Nobody of the cluster is left: the node starts it anew, with the slots that it was planned with.
            slots = self._slots[node.node_group_id]
            view[own_id] = ClusterNode(node_id=own_id, address=node.address, slots=slots, epoch=1)
        self._start(node, view, current_epoch=max(item.epoch for item in view.values()), known=known)

    def welcome(self, node: Node) -> None:
        """Make the others talk with a node, which learns from them who leads its shard."""
        others = self._others(node)
        self._call(node, others, both=True)
        for other in others:
            self._call(other, [node], both=True)
        deadline = Deadline(PROMOTION_TIMEOUT)
        rivals = [other for other in self.siblings(node) if other.serves and not follows(other)]
        if rivals and not follows(node):
            deadline.wait_for(lambda: None if follows(node) else "it leads still")

    def _lag(self, node: Node) -> str | None:
        with node.engine.admin() as admin:
            trouble, own = disorder(admin), admin.info("replication")
        if own["role"] == "master":
            return trouble
        primary = next((other for other in self.siblings(node) if other.address == own["master_host"]), None)
        if primary is None:
            return "it follows no node of its shard yet"
        return trouble or replication.lag(node.address, own, primary, held=bool(node.lag_seconds))

    def _promote(self, node: Node) -> None:
        if (present := self._primary(node)) is not None and present.serves:
            # The present primary holds its writes until its successor has all of them, so that none is lost. A link
            # that goes another way just now, as when TLS comes, is waited for: without it the engine refuses.
            self.await_absence(node, unlinked, Deadline(HANDOVER_TIMEOUT))
            self._catch_up(node, present)
            self._fail_over(node)
            Deadline(HANDOVER_TIMEOUT).wait_for(lambda: "it follows still" if follows(node) else None)
        if follows(node):
            self._fail_over(node, "TAKEOVER")
        node.in_service = True
        # Where another shard has no primary the cluster is down whatever this one does.
        if self._complete():
            deadline = Deadline(PROMOTION_TIMEOUT)
            self.await_absence(node, lambda admin: disorder(admin) or self._obscurity(node), deadline)

    def _catch_up(self, node: Node, primary: Node) -> None:
        """Hold the writes of a primary until a node that lags has all of them; the engine would not wait so long."""
        if not node.lag_seconds:
            return
        seconds = HANDOVER_TIMEOUT + node.lag_seconds
        with primary.engine.admin() as admin:
            admin.command("CLIENT", "PAUSE", int(seconds * 1000), "WRITE")
        Deadline(seconds).wait_for(lambda: replication.lag_behind(node, primary))

    def _fail_over(self, node: Node, *options: str) -> None:
        with node.engine.admin(PATIENT_TIMEOUT) as admin:
            try:
                admin.command("CLUSTER", "FAILOVER", *options)
            except ReplyError:
                # The engines' own election may have come first.
                if admin.info("replication")["role"] != "master":
                    raise

    def _primary(self, node: Node) -> Node | None:
        """Give the living primary of a node's shard, other than the node itself."""
        for other in self.siblings(node):
            if not follows(other):
                return other
        return None

    def _complete(self) -> bool:
        """Say whether every shard has a living primary."""
        led = {node.node_group_id for node in self.nodes.values() if not follows(node)}
        return led >= set(self._slots)
