"""A replication group with more nodes than a small machine starts with ease."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet.cluster_view import ignorance
from elasticache_kit.emulator.fleet.copying_group import NODE_TIMEOUT
from elasticache_kit.emulator.fleet.elastic_group import ElasticGroup
from elasticache_kit.emulator.fleet.nodes_conf import ClusterNode
from elasticache_kit.emulator.fleet.seed import plant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from elasticache_kit.emulator.fleet.admin import Admin
    from elasticache_kit.emulator.fleet.deadline import Deadline
    from elasticache_kit.emulator.fleet.node import Node
    from elasticache_kit.emulator.fleet.plan import GroupPlan
    from elasticache_kit.emulator.fleet.workshop import Workshop

# What an engine does with nothing to do grows with the number of nodes: it wakes so often in a second and looks at each
# of the others, and each of them hears of it within half the node timeout. All together shall do both a thousand times.
TOGETHER_PER_SECOND = 1000
MOST_HERTZ, LEAST_TIMEOUT = 10, 15_000
# Ten minutes. On a busy machine a start takes longer than what is enough later, and whoever takes others for lost, or
# makes links to them anew, would slow it even more.
STARTING_TIMEOUT = 600_000
# Of how many others a message tells, in percent. While they start, of the fewest, for all know each other; then of as
# many as by default, for whoever has been told of need not be asked.
GOSSIP, STARTING_GOSSIP, DEFAULT_GOSSIP = "cluster-message-gossip-perc", "1", "10"
# The node timeout, for each node there is, of a replica that makes itself known: whom it has not heard of for half of
# it hears of it when it looks at the others next, and who does not answer within half of it gets a new link, which is
# much more work. So many replicas do that at a time, and for so many looks.
SPEAKING_TIMEOUT_PER_NODE, LEAST_SPEAKING_TIMEOUT = 20, 1000
SPEAKERS, LOOKS = 50, 2


class LargeGroup(ElasticGroup):
    """A sharded group that is started for as little work as possible, which grows with the square of its nodes.

    All processes start at one stroke, and with the slots that they have: a primary then waits two seconds before it
    takes writes, in case the cluster has moved on without it, but there are no owners to take over from and to forget.

    Nobody takes anybody for lost while they start, however busy the machine is. Later, the more nodes there are the
    longer it takes until engines replace one that hangs by themselves; ends and partitions are seen by the emulator.
    With more than 100 nodes an engine also wakes less often than ten times a second, and blocking commands end later.
    """

    def __init__(self, plan: GroupPlan, workshop: Workshop, *, bare: bool = False) -> None:
        self._starting = False
        super().__init__(plan, workshop, bare=bare)

    def _start_all(self, deadline: Deadline) -> None:
        if self.sources:
            super()._start_all(deadline)
            return
        self._starting = True
        nodes = tuple(self.nodes.values())
        firsts = self.firsts
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
        self._make_known([node for node in nodes if node not in firsts], deadline)
        self._await_first_sight(deadline)
        self._calm_down(deadline)
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

    def _make_known(self, replicas: Sequence[Node], deadline: Deadline) -> None:
        """Have replicas say that they have data, without which clients do not hear of them.

        Their first messages came too soon for that. They say so over the links that they have. What they think of
        others meanwhile counts for nothing, for replicas have no vote.
        """
        if not replicas:
            return
        timeout = max(LEAST_SPEAKING_TIMEOUT, SPEAKING_TIMEOUT_PER_NODE * len(self.nodes))
        # Whoever has heard of one since then has heard that it has data.
        time.sleep(timeout / 1000 / 2)
        for first in range(0, len(replicas), SPEAKERS):
            speakers = replicas[first : first + SPEAKERS]
            self._set(speakers, {NODE_TIMEOUT: timeout}, deadline)
            time.sleep(LOOKS / self._hertz)
            self._set(speakers, {NODE_TIMEOUT: STARTING_TIMEOUT}, deadline)
        leaders = {node.node_group_id: self.node_id(node) for node in self.firsts}
        expected = {self.node_id(node): leaders[node.node_group_id] for node in replicas}
        nodes = list(self.nodes.values())
        for node in nodes:
            # Clients may ask any. Those that have missed something, on a busy machine, ask again themselves.
            self._insist(
                node, lambda admin: ignorance(admin, expected), lambda node=node: self._call(node, nodes), deadline
            )

    def _calm_down(self, deadline: Deadline) -> None:
        """Have engines watch over each other from now on, which they do not while they start."""
        self._starting = False
        nodes = list(self.nodes.values())
        self._set(nodes, {NODE_TIMEOUT: self._timeout}, deadline)
        self._set([node for node in nodes if node.engine.runs.gossips_less], {GOSSIP: DEFAULT_GOSSIP}, deadline)

    def _set(self, nodes: Sequence[Node], settings: Mapping[str, str | int], deadline: Deadline) -> None:
        """Change settings of nodes that may be too busy to answer soon."""
        commands = [("CONFIG", "SET", name, value) for name, value in settings.items()]

        def told(admin: Admin) -> None:
            admin.commands(commands)

        def change(node: Node) -> None:
            self.await_absence(node, told, deadline)

        # On a busy machine each takes its time.
        with ThreadPoolExecutor(SPEAKERS) as pool:
            list(pool.map(change, nodes))

    def _settings(self, node: Node) -> dict[str, str]:
        settings = super()._settings(node)
        if self._behind:
            return settings
        if self._starting and node.engine.binary.gossips_less:
            settings[GOSSIP] = STARTING_GOSSIP
        return {**settings, "hz": str(self._hertz), NODE_TIMEOUT: str(self._timeout)}

    @property
    def _attempt_seconds(self) -> float:
        # Whoever shall talk anew does so when it looks at the others next.
        return max(super()._attempt_seconds, 4 / self._hertz)

    @property
    def _hertz(self) -> int:
        """How often in a second an engine wakes, and looks at all others."""
        return max(1, min(MOST_HERTZ, TOGETHER_PER_SECOND // len(self.nodes)))

    @property
    def _timeout(self) -> int:
        """The node timeout in milliseconds."""
        if self._starting:
            return STARTING_TIMEOUT
        asked = self.plan.settings.get(NODE_TIMEOUT)
        return int(asked or max(LEAST_TIMEOUT, 2 * len(self.nodes) ** 2 * 1000 // TOGETHER_PER_SECOND))
