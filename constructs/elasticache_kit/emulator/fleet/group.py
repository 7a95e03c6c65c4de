"""The engines of one replication group: what both cluster modes have in common."""

from __future__ import annotations

import shutil
import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet import replication
from elasticache_kit.emulator.fleet.admin import Admin, ReplyError
from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.emulator.fleet.node import Endpoint, Node
from elasticache_kit.errors import EmulatorError, EngineStartError, NotFoundError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from elasticache_kit.emulator.fleet.plan import GroupPlan, NodePlan
    from elasticache_kit.emulator.fleet.replication import Role
    from elasticache_kit.emulator.fleet.workshop import Workshop

START_TIMEOUT = 30.0
PER_NODE_TIMEOUT = 0.3


class Group(ABC):
    """The nodes of one replication group.

    One lock guards who is what; it is held for short steps only, never while a node starts or catches up. So a second
    node can be killed while the first one recovers.

    Args:
        plan: the order.
        workshop: what engines are made of.
        kinds: the endpoints that this cluster mode has.
    """

    def __init__(self, plan: GroupPlan, workshop: Workshop, kinds: tuple[str, ...]) -> None:
        self.plan, self.workshop = plan, workshop
        self._door = workshop.door
        self._lock = threading.RLock()
        self._stopped = False
        self.nodes: Mapping[str, Node] = {}
        self.endpoints: Mapping[str, Endpoint] = {}
        try:
            for node_group in plan.node_groups:
                for node in node_group.nodes:
                    self._make(node_group.node_group_id, node)
            for kind in kinds:
                self.endpoints = {**self.endpoints, kind: Endpoint(workshop.endpoint_address())}
        except EmulatorError:
            self._give_back()
            raise

    @abstractmethod
    def _holder(self, kind: str) -> Node | None:
        """Say to which node an endpoint shall lead now."""

    @abstractmethod
    def _start_all(self, deadline: Deadline) -> None:
        """Start all nodes for the first time and return when the group accepts writes."""

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

    @abstractmethod
    def _announce(self, node: Node, deadline: Deadline) -> None:
        """Return when the others tell clients of a node that is in sync."""

    @abstractmethod
    def _leave(self, node: Node) -> None:
        """Make the others forget a node that has ended."""

    @abstractmethod
    def is_primary(self, node: Node) -> bool:
        """Say whether a node is the primary of its shard, alive or not."""

    def start(self) -> None:
        """Start the group and return when it accepts writes; leave nothing running on failure.

        Raises:
            EngineStartError: a node did not come up.
        """
        try:
            self._start_all(Deadline(START_TIMEOUT + PER_NODE_TIMEOUT * len(self.nodes)))
            with self._lock:
                self._check_running()
                for node in self.nodes.values():
                    self._door.open(node)
                    node.in_service = True
            self.place_endpoints()
        except BaseException as error:
            self.stop()
            if isinstance(error, (OSError, ReplyError)):
                raise EngineStartError(f"{self.plan.key} could not be started: {error}.") from error
            raise

    def stop(self) -> None:
        """End all nodes and give their addresses back."""
        with self._lock:
            self._stopped = True
            for node in self.nodes.values():
                node.in_service = False
                node.engine.kill()
                self._door.close(node)
            self.place_endpoints()
            self._give_back()

    def kill(self, cache_cluster_id: str) -> None:
        """Kill a node; the reader and configuration endpoints turn to another one, the primary endpoint waits."""
        node = self.node(cache_cluster_id)
        # Not under the lock: a node must die also while another one is being promoted.
        node.in_service = False
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

    def roles(self) -> dict[str, Role]:
        """Ask every node what it is."""
        return {name: replication.role(node) for name, node in self.nodes.items()}

    def replicas_by_offset(self, node_group_id: str) -> tuple[str, ...]:
        """Give the living replicas of a shard that have been in sync, the most current one first."""
        members = (node for node in self.nodes.values() if node.node_group_id == node_group_id and node.serves)
        offsets = {node.cache_cluster_id: replication.offset(node) for node in members}
        ranked = sorted((-offset, name) for name, offset in offsets.items() if offset is not None)
        return tuple(name for _, name in ranked)

    def node(self, cache_cluster_id: str) -> Node:
        """Give a node by name.

        Raises:
            NotFoundError: there is none.
        """
        node = self.nodes.get(cache_cluster_id)
        if node is None:
            raise NotFoundError(f"{self.plan.key} has no node {cache_cluster_id}; it has {', '.join(self.nodes)}.")
        return node

    def siblings(self, node: Node) -> tuple[Node, ...]:
        """Give the other nodes of a node's shard."""
        same = (other for other in self.nodes.values() if other.node_group_id == node.node_group_id)
        return tuple(other for other in same if other is not node)

    def place_endpoints(self) -> None:
        """Make every endpoint lead where it shall, given who is alive and who is primary."""
        with self._lock:
            for kind, endpoint in self.endpoints.items():
                holder = None if self._stopped else self._holder(kind)
                try:
                    endpoint.lead_to(holder, self._door)
                except EngineStartError:
                    # An engine that died meanwhile: whoever saw it die places the endpoints again.
                    if holder is None or holder.engine.alive:
                        raise

    def await_sync(self, node: Node, deadline: Deadline) -> None:
        """Return when nothing keeps a node from taking part.

        Raises:
            EngineStartError: that takes too long, or the node or the group has ended.
        """
        self.await_absence(node, lambda _: self._lag(node), deadline)

    def await_absence(self, node: Node, obstacle: Callable[[Admin], str | None], deadline: Deadline) -> None:
        """Return when an obstacle is gone, asking a node again and again.

        Raises:
            EngineStartError: that takes too long, or the node or the group has ended.
        """

        def asked() -> str | None:
            self._check_running()
            if not node.engine.alive:
                raise node.engine.failure("the process ended")
            try:
                with node.engine.admin() as admin:
                    return obstacle(admin)
            except (OSError, ReplyError) as error:
                return f"it does not answer ({error})"

        reason = deadline.wait_for(asked)
        if reason is not None:
            raise node.engine.failure(reason)

    def _make(self, node_group_id: str, plan: NodePlan) -> Node:
        name = plan.cache_cluster_id
        node = Node(cache_cluster_id=name, node_group_id=node_group_id, engine=self.workshop.engine(name))
        # A new mapping each time: who iterates over the old one without the lock is not disturbed.
        self.nodes = {**self.nodes, name: node}
        return node

    def _bring_in(self, node: Node) -> None:
        deadline = Deadline(START_TIMEOUT)
        node.engine.ready(deadline)
        self._door.open(node)
        with self._lock:
            self._join(node)
        self.await_sync(node, deadline)
        self._announce(node, deadline)
        node.in_service = True
        self.place_endpoints()

    def _end(self, node: Node) -> None:
        self._check_running()
        node.in_service = False
        node.engine.kill()
        self._door.close(node)

    def _drop(self, node: Node) -> None:
        with self._lock:
            if self._stopped:
                return
            self._end(node)
            self.nodes = {name: other for name, other in self.nodes.items() if other is not node}
            self.place_endpoints()
            self._leave(node)
            self.workshop.block.give_back(node.address)
            shutil.rmtree(node.engine.directory, ignore_errors=True)

    def _give_back(self) -> None:
        for holder in (*self.nodes.values(), *self.endpoints.values()):
            self.workshop.block.give_back(holder.address)

    def _check_running(self) -> None:
        if self._stopped:
            raise EngineStartError(f"{self.plan.key} has been stopped.")
