"""The engines of one replication group: what both cluster modes have in common."""

from __future__ import annotations

import shutil
import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from elasticache_kit.emulator.admin import ReplyError
from elasticache_kit.emulator.deadline import Deadline
from elasticache_kit.emulator.engine import Engine
from elasticache_kit.emulator.node import Door, Endpoint, Node
from elasticache_kit.errors import EmulatorError, EngineStartError, NotFoundError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from elasticache_kit.emulator.address import AddressBlock
    from elasticache_kit.emulator.binary import EngineBinary
    from elasticache_kit.emulator.plan import GroupPlan, NodePlan
    from elasticache_kit.emulator.spawner import Spawner

Role = Literal["primary", "replica", "down"]

START_TIMEOUT = 30.0
PER_NODE_TIMEOUT = 0.3
BUS_OFFSET = 10000
HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """What engines are made of: the program, who starts it, where addresses come from, how clients get in."""

    binary: EngineBinary
    spawner: Spawner
    block: AddressBlock
    door: Door
    directory: Path


class Group(ABC):
    """The nodes of one replication group.

    One lock guards who is what; it is held for short steps only, never while a node starts or catches up. So a second
    node can be killed while the first one recovers.

    Args:
        plan: the order.
        workshop: what engines are made of.
    """

    def __init__(self, plan: GroupPlan, workshop: Workshop) -> None:
        self.plan = plan
        self._workshop, self._door = workshop, workshop.door
        self._lock = threading.RLock()
        self._stopped = False
        self._addresses: list[str] = []
        self.nodes: Mapping[str, Node] = {}
        try:
            self.nodes = {
                node.cache_cluster_id: self._make(node_group.node_group_id, node)
                for node_group in plan.node_groups
                for node in node_group.nodes
            }
            self._make_endpoints()
        except EmulatorError:
            self._give_back()
            raise

    @abstractmethod
    def _make_endpoints(self) -> None:
        """Make the endpoints that this cluster mode has."""

    @abstractmethod
    def endpoints(self) -> Mapping[str, Endpoint]:
        """Give the endpoints by kind: `primary` and `reader`, or `configuration`."""

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
        """Make a new node known to the others."""

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
            for endpoint in self.endpoints().values():
                endpoint.lead_to(None, self._door)
            self._give_back()

    def kill(self, cache_cluster_id: str) -> None:
        """Kill a node; the reader and configuration endpoints turn to another one, the primary endpoint waits."""
        node = self.node(cache_cluster_id)
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
            self._check_running()
            node.in_service = False
            node.engine.kill()
            self._door.close(node)
            node.engine.wipe()
            self._start_replacement(node)
        self._bring_in(node)

    def restart(self, cache_cluster_id: str) -> None:
        """Reboot a node: its data is gone, its role stays."""
        node = self.node(cache_cluster_id)
        with self._lock:
            self._check_running()
            node.in_service = False
            node.engine.kill()
            self._door.close(node)
            self._start_again(node)
        self._bring_in(node)

    def add_replica(self, node_group_id: str, plan: NodePlan) -> None:
        """Add a replica to a shard and return when it is in sync."""
        if not any(group.node_group_id == node_group_id for group in self.plan.node_groups):
            raise NotFoundError(f"{self.plan.key} has no node group {node_group_id}.")
        with self._lock:
            self._check_running()
            if plan.cache_cluster_id in self.nodes:
                raise RefusedError(f"adding {plan.cache_cluster_id}", ["a node of this name exists"])
            node = self._make(node_group_id, plan)
            self.nodes = {**self.nodes, plan.cache_cluster_id: node}
        try:
            with self._lock:
                self._start_replacement(node)
            node.engine.ready(Deadline(START_TIMEOUT))
            with self._lock:
                self._join(node)
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
        """Ask every node what it is; one that does not answer is down."""
        return {name: _role(node) for name, node in self.nodes.items()}

    def replicas_by_offset(self, node_group_id: str) -> tuple[str, ...]:
        """Give the living replicas of a shard that have been in sync, the most current one first."""
        offsets: dict[str, int] = {}
        for name, node in self.nodes.items():
            if node.node_group_id != node_group_id or not node.serves:
                continue
            replication = _replication(node)
            if replication.get("role") == "slave":
                offsets[name] = int(replication.get("slave_repl_offset", "-1"))
        return tuple(sorted(offsets, key=lambda name: (-offsets[name], name)))

    def node(self, cache_cluster_id: str) -> Node:
        """Give a node by name.

        Raises:
            NotFoundError: there is none.
        """
        node = self.nodes.get(cache_cluster_id)
        if node is None:
            raise NotFoundError(f"{self.plan.key} has no node {cache_cluster_id}; it has {', '.join(self.nodes)}.")
        return node

    def place_endpoints(self) -> None:
        """Make every endpoint lead where it shall, given who is alive and who is primary."""
        with self._lock:
            for kind, endpoint in self.endpoints().items():
                holder = None if self._stopped else self._holder(kind)
                try:
                    endpoint.lead_to(holder, self._door)
                except EngineStartError:
                    # An engine that died meanwhile: whoever saw it die places the endpoints again.
                    if holder is None or holder.engine.alive:
                        raise

    def siblings(self, node: Node) -> tuple[Node, ...]:
        """Give the other nodes of a node's shard."""
        same = (other for other in self.nodes.values() if other.node_group_id == node.node_group_id)
        return tuple(other for other in same if other is not node)

    def take_address(self, ports: tuple[int, ...]) -> str:
        """Take an address that is given back when the group stops."""
        address = self._workshop.block.take(ports)
        self._addresses.append(address)
        return address

    @property
    def engine_port(self) -> int:
        """Where the engines listen."""
        return self._door.engine_port(self.plan.port)

    @property
    def bus_port(self) -> int:
        """Where the engines talk to each other in cluster mode."""
        port = self.plan.port + BUS_OFFSET
        return port if port <= HIGHEST_PORT else self.plan.port - BUS_OFFSET

    def _make(self, node_group_id: str, plan: NodePlan) -> Node:
        address = self.take_address((self.plan.port, self.engine_port, self.bus_port))
        directory = self._workshop.directory / plan.cache_cluster_id
        engine = Engine(self._workshop.binary, self._workshop.spawner, directory, address, self.engine_port)
        engine.wipe()
        return Node(cache_cluster_id=plan.cache_cluster_id, node_group_id=node_group_id, engine=engine)

    def _bring_in(self, node: Node) -> None:
        node.engine.ready(Deadline(START_TIMEOUT))
        self._door.open(node)
        self.await_sync(node)
        node.in_service = True
        self.place_endpoints()

    def await_sync(self, node: Node, deadline: Deadline | None = None) -> None:
        """Return when nothing keeps a node from taking part.

        Raises:
            EngineStartError: that takes too long, or the node or the group has ended.
        """

        def obstacle() -> str | None:
            self._check_running()
            if not node.engine.alive:
                raise node.engine.failure("the process ended before it was in sync")
            try:
                return self._lag(node)
            except (OSError, ReplyError) as error:
                return f"it does not answer ({error})"

        reason = (deadline or Deadline(START_TIMEOUT)).wait_for(obstacle)
        if reason is not None:
            raise node.engine.failure(reason)

    def _drop(self, node: Node) -> None:
        with self._lock:
            node.in_service = False
            node.engine.kill()
            self._door.close(node)
            self.nodes = {name: other for name, other in self.nodes.items() if other is not node}
            self.place_endpoints()
            self._leave(node)
            self._addresses.remove(node.address)
            self._workshop.block.give_back(node.address)
            shutil.rmtree(node.engine.directory, ignore_errors=True)

    def _give_back(self) -> None:
        for address in self._addresses:
            self._workshop.block.give_back(address)
        self._addresses.clear()

    def _check_running(self) -> None:
        if self._stopped:
            raise EngineStartError(f"{self.plan.key} has been stopped.")


def _replication(node: Node) -> dict[str, str]:
    try:
        with node.engine.admin() as admin:
            return admin.info("replication")
    except (OSError, ReplyError):
        return {}


def _role(node: Node) -> Role:
    if not node.engine.alive:
        return "down"
    roles: dict[str | None, Role] = {"master": "primary", "slave": "replica"}
    return roles.get(_replication(node).get("role"), "down")
