"""The engines of one replication group: what both cluster modes have in common."""

from __future__ import annotations

import shutil
from abc import abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet.admin import ReplyError
from elasticache_kit.emulator.fleet.changing_group import ChangingGroup, account_commands
from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.emulator.fleet.plan import NodePlan
from elasticache_kit.errors import EngineStartError, NotFoundError, RefusedError

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.feed import Source
    from elasticache_kit.emulator.fleet.node import Node

START_TIMEOUT = 30.0
PER_NODE_TIMEOUT = 1.0


class Group(ChangingGroup):
    """The life of one replication group: its start and end, and what becomes of its nodes between."""

    @abstractmethod
    def _start_all(self, deadline: Deadline) -> None:
        """Start all nodes for the first time and return when the group accepts writes."""

    @abstractmethod
    def start_behind(self, leader: Node, deadline: Deadline) -> None:
        """Start all nodes as replicas of a node of another group, and return when they have what it has."""

    @abstractmethod
    def take_over(self, deadline: Deadline) -> None:
        """Stop following the node of the other group, and return when the first node accepts writes."""

    @abstractmethod
    def follow(self, sources: Mapping[str, Source]) -> None:
        """Take all data from other places from now on, and no writes; or from clients again, with what there is.

        Args:
            sources: the place for each shard, by its id; none to take writes.

        Raises:
            EngineStartError: there is no link to one, or an engine does not answer.
            RefusedError: the engines cannot do that.
        """

    @abstractmethod
    def takes_feed(self, node: Node) -> bool:
        """Say whether a node takes its data from outside of the group."""

    @abstractmethod
    def _start_replacement(self, node: Node) -> None:
        """Start a node that has lost everything, as a replica where it has a primary."""

    @abstractmethod
    def _start_again(self, node: Node) -> None:
        """Start a node in the role that it had."""

    @abstractmethod
    def _lag(self, node: Node) -> str | None:
        """Say what keeps a started node from taking part, or None."""

    @abstractmethod
    def _promote(self, node: Node) -> None:
        """Make a living node the primary of its shard."""

    @abstractmethod
    def _join(self, node: Node) -> None:
        """Make a node that has started known to the others."""

    def _orient(self, node: Node, deadline: Deadline) -> None:
        """Return when a node that has started sends clients to the right places; without cluster mode it sends none."""

    @abstractmethod
    def _announce(self, node: Node, deadline: Deadline) -> None:
        """Return when the others tell clients of a node that is in sync."""

    @abstractmethod
    def _leave(self, node: Node) -> None:
        """Make the others forget a node that has ended."""

    @abstractmethod
    def welcome(self, node: Node) -> None:
        """Make a node that the others could not reach follow the shard as it is now."""

    @abstractmethod
    def redirect(self, node_group_id: str) -> None:
        """Make the replicas of a shard take the way to their primary that `link_port` says."""

    def start(self) -> None:
        """Start the group and return when it accepts writes; leave nothing running on failure.

        Raises:
            EngineStartError: a node did not come up.
        """
        try:
            self._start_all(Deadline(START_TIMEOUT + PER_NODE_TIMEOUT * len(self.nodes)))
            self.serve()
        except BaseException as error:
            self.stop()
            if isinstance(error, (OSError, ReplyError)):
                raise EngineStartError(f"{self.plan.key} could not be started: {error}.") from error
            raise

    def start_over(self, primaries: Collection[str], *, keeps: bool) -> None:
        """Start all nodes again after all of them have ended, and return when the group accepts writes.

        Args:
            primaries: who leads its shard, by cache cluster id.
            keeps: whether these have what they have written to their disk; else the group is empty.

        Raises:
            EngineStartError: a node did not come up.
        """
        with self._lock:
            self._check_running()
            groups = [replace(item, nodes=self._order(item.node_group_id, primaries)) for item in self.plan.node_groups]
            # What it began with is older than anything that it has.
            self.plan = replace(self.plan, node_groups=tuple(groups), seed=())
        for name, node in self.nodes.items():
            node.isolated = False
            if not (keeps and name in primaries):
                node.engine.wipe()
        self._start_all(Deadline(START_TIMEOUT + PER_NODE_TIMEOUT * len(self.nodes)))
        self.serve()

    def stop(self) -> None:
        """End all nodes and give their addresses back."""
        with self._lock:
            self.give_way()
            self.place_endpoints()
            self._give_back()

    def kill(self, cache_cluster_id: str) -> None:
        """Kill a node; the reader and configuration endpoints turn to another one, the primary endpoint waits."""
        node = self.node(cache_cluster_id)
        # Not under the lock: a node must die also while another one is being promoted.
        node.in_service = False
        # A killed process keeps its connections for some milliseconds more, in which a replica would catch up.
        self.workshop.links.cut((node.address, self.workshop.link_port))
        node.engine.kill()
        with self._lock:
            if not node.engine.alive:
                self._door.close(node)
            self.place_endpoints()

    def promote(self, cache_cluster_id: str) -> None:
        """Make a node the primary of its shard and return when it accepts writes."""
        node = self.node(cache_cluster_id)
        if not node.engine.alive:
            raise EngineStartError(f"{cache_cluster_id} cannot be promoted: it is not running.")
        with self._lock:
            try:
                self._promote(node)
            except (OSError, ReplyError) as error:
                raise node.engine.failure(f"it was not promoted: {error}") from error
            self.place_endpoints()

    def recover(self, cache_cluster_id: str) -> None:
        """Replace a node: the new one starts empty at the same address, as a replica of the present primary."""
        node = self.node(cache_cluster_id)
        with self._lock:
            self._end(node)
            node.engine.wipe()
            self._start_replacement(node)
        self._bring_in(node)

    def restart(self, cache_cluster_id: str) -> None:
        """Reboot a node: its data is gone, its role stays."""
        node = self.node(cache_cluster_id)
        with self._lock:
            self._end(node)
            node.engine.wipe(keep=("nodes.conf",))
            self._start_again(node)
        self._bring_in(node)

    def adopt(self, node: Node) -> None:
        """Take in a node of the group whose place this one takes: it starts empty at its address, as a replica."""
        with self._lock:
            self._check_running()
            self.nodes = {**self.nodes, node.cache_cluster_id: node}
            self.lay_links(node.node_group_id)
            node.engine.wipe()
            self._start_replacement(node)
        self._bring_in(node)

    def give_way(self) -> None:
        """End all nodes; their addresses and the endpoints stay, for the group that takes this one's place."""
        with self._lock:
            self._stopped = True
            self._condemn(self.nodes.values())
            for node in self.nodes.values():
                node.engine.kill()
                self._door.close(node)

    def _condemn(self, nodes: Collection[Node]) -> None:
        """Kill the processes of nodes at one stroke and do not wait until they have ended."""
        for node in nodes:
            node.in_service = False
        self.workshop.spawner.condemn(node.engine.child for node in nodes if node.engine.child)

    def serve(self) -> None:
        """Let clients in."""
        with self._lock:
            self._check_running()
            for node in self.nodes.values():
                self._door.open(node)
                node.in_service = True
        self.place_endpoints()

    def add_replica(self, node_group_id: str, plan: NodePlan) -> None:
        """Add a replica to a shard and return when it is in sync."""
        if all(group.node_group_id != node_group_id for group in self.plan.node_groups):
            raise NotFoundError(f"{self.plan.key} has no node group {node_group_id}.")
        with self._lock:
            self._check_running()
            if plan.cache_cluster_id in self.nodes:
                raise RefusedError(f"adding {plan.cache_cluster_id}", ["a node of this name exists"])
            node = self._make(node_group_id, plan)
        try:
            with self._lock:
                # Others follow this one, too, where it comes to lead.
                self.lay_links(node_group_id)
                self._start_replacement(node)
            self._bring_in(node)
        except BaseException:
            self._drop(node)
            raise

    def remove_replica(self, cache_cluster_id: str) -> None:
        """End a replica and forget it."""
        node = self.node(cache_cluster_id)
        if self.is_primary(node):
            raise RefusedError(f"removing {cache_cluster_id}", ["it is a primary; promote another node first"])
        self._drop(node)

    def await_sync(self, node: Node, deadline: Deadline) -> None:
        """Return when nothing keeps a node from taking part.

        Raises:
            EngineStartError: that takes too long, or the node or the group has ended.
        """
        self.await_absence(node, lambda _: self._lag(node), deadline)

    def _order(self, node_group_id: str, primaries: Collection[str]) -> tuple[NodePlan, ...]:
        names = [node.cache_cluster_id for node in self.members(node_group_id)]
        return tuple(NodePlan(cache_cluster_id=name) for name in sorted(names, key=lambda name: name not in primaries))

    def _bring_in(self, node: Node) -> None:
        deadline = Deadline(START_TIMEOUT)
        node.engine.ready(deadline)
        with self._lock:
            self._join(node)
        self._orient(node, deadline)
        self._door.open(node)
        self.await_sync(node, deadline)
        self._announce(node, deadline)
        with self._lock:
            # What has been changed since the process started.
            live = [("CONFIG", "SET", name, value) for name, value in self._live.items()]
            self._tell(node, [*account_commands(self.accounts), *live])
            node.in_service = True
            self.place_endpoints()

    def _end(self, node: Node) -> None:
        self._check_running()
        node.in_service = False
        node.engine.kill()
        self._door.close(node)
        self.place_endpoints()

    def _drop(self, node: Node) -> None:
        with self._lock:
            if self._stopped:
                return
            self._end(node)
            self.nodes = {name: other for name, other in self.nodes.items() if other is not node}
            self.place_endpoints()
            self._leave(node)
            self.workshop.give_back(node.address)
            shutil.rmtree(node.engine.directory, ignore_errors=True)
