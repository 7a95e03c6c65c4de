"""Who is in a replication group, and where its endpoints lead."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet import feed, replication
from elasticache_kit.emulator.fleet.admin import Admin, ReplyError
from elasticache_kit.emulator.fleet.feed import FeedDoor, Source
from elasticache_kit.emulator.fleet.links import Link
from elasticache_kit.emulator.fleet.node import Endpoint, Node
from elasticache_kit.emulator.fleet.sign_in import password_hash
from elasticache_kit.errors import EmulatorError, EngineStartError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from elasticache_kit.emulator.fleet.deadline import Deadline
    from elasticache_kit.emulator.fleet.node import Leading
    from elasticache_kit.emulator.fleet.plan import GroupPlan, NodePlan
    from elasticache_kit.emulator.fleet.replication import Role
    from elasticache_kit.emulator.fleet.workshop import Workshop


# So long may take what the kernel tells of the end of a process, on a busy machine.
NOTICE_SECONDS = 0.5


class Roster(ABC):
    """The nodes and endpoints of one replication group.

    One lock guards who is what; it is held for short steps only, never while a node starts or catches up. So a second
    node can be killed while the first one recovers.

    Args:
        plan: the present order; changes replace it.
        workshop: what engines are made of.
        bare: whether to make no endpoints, because the group inherits them; they are made when omitted.
    """

    def __init__(self, plan: GroupPlan, workshop: Workshop, *, bare: bool = False) -> None:
        self.plan, self.workshop = plan, workshop
        self._door = workshop.door
        self._lock = threading.RLock()
        self._stopped = False
        # Where each shard takes its data from, by its id; from clients where there is none.
        self.sources: Mapping[str, Source] = {}
        self.nodes: Mapping[str, Node] = {}
        self.endpoints: Mapping[str, Endpoint] = {}
        try:
            for node_group in plan.node_groups:
                for node in node_group.nodes:
                    self._make(node_group.node_group_id, node)
            if not bare:
                self.inherit({})
        except EmulatorError:
            self._give_back()
            raise

    @property
    def accounts(self) -> Mapping[str, tuple[str, ...]]:
        """The engines' rules by user name."""
        return self.plan.sign_in.accounts(self.workshop.account, password_hash(self.workshop.iam_secret))

    @property
    @abstractmethod
    def kinds(self) -> tuple[str, ...]:
        """The endpoints that this cluster mode has."""

    @abstractmethod
    def _holders(self, kind: str) -> tuple[Node, ...]:
        """Say to which nodes an endpoint shall lead now."""

    def _way(self, kind: str) -> Leading:
        """Say how clients get from an endpoint to its holders: by the door of the group."""
        del kind
        return self._door

    @abstractmethod
    def is_primary(self, node: Node) -> bool:
        """Say whether a node is the primary of its shard, alive or not."""

    def roles(self) -> dict[str, Role]:
        """Ask every node what it is."""
        return {name: replication.role(node) for name, node in self.nodes.items()}

    def replicas_by_offset(self, node_group_id: str) -> tuple[str, ...]:
        """Give the living replicas of a shard that have been in sync, the most current one first."""
        members = (node for node in self.nodes.values() if node.node_group_id == node_group_id and node.serves)
        offsets = {node.cache_cluster_id: replication.offset(node) for node in members}
        ranked = sorted((-offset, name) for name, offset in offsets.items() if offset is not None)
        return tuple(name for _, name in ranked)

    def successors(self, node_group_id: str) -> tuple[str, ...]:
        """Give who can lead a shard whose primary is lost, the best first.

        That is whom the engines of a cluster have elected meanwhile, or else the most current replica.
        """
        members = self.members(node_group_id)
        elected = [node for node in members if node.serves and replication.role(node) == "primary"]
        return (*(node.cache_cluster_id for node in elected), *self.replicas_by_offset(node_group_id))

    def node(self, cache_cluster_id: str) -> Node:
        """Give a node by name.

        Raises:
            NotFoundError: there is none.
        """
        node = self.nodes.get(cache_cluster_id)
        if node is None:
            raise NotFoundError(f"{self.plan.key} has no node {cache_cluster_id}; it has {', '.join(self.nodes)}.")
        return node

    def members(self, node_group_id: str) -> tuple[Node, ...]:
        """Give the nodes of a shard."""
        return tuple(node for node in self.nodes.values() if node.node_group_id == node_group_id)

    def leader(self, node_group_id: str) -> Node:
        """Give the living primary of a shard.

        Raises:
            EngineStartError: it has none.
        """
        for node in self.members(node_group_id):
            if node.serves and replication.role(node) == "primary":
                return node
        raise EngineStartError(f"Node group {node_group_id} of {self.plan.key} has no living primary.")

    def siblings(self, node: Node) -> tuple[Node, ...]:
        """Give the other nodes of a node's shard."""
        same = (other for other in self.nodes.values() if other.node_group_id == node.node_group_id)
        return tuple(other for other in same if other is not node)

    def link_port(self, node: Node) -> int:
        """Say at which port of its primary a node finds what the primary sends."""
        return self.workshop.link_port if node.lag_seconds else self.workshop.engine_port

    def lay_links(self, node_group_id: str) -> bool:
        """Lay the slow way to every node of a shard that has replicas which are to take it; say whether it has any."""
        members, port = self.members(node_group_id), self.workshop.link_port
        delays = {node.address: node.lag_seconds for node in members if node.lag_seconds}
        for node in members if delays else ():
            link = Link(target=(node.address, self.workshop.engine_port), streams=delays)
            self.workshop.links.lay((node.address, port), link)
        return bool(delays)

    def inherit(self, endpoints: Mapping[str, Endpoint]) -> None:
        """Take over the endpoints that lead elsewhere now, and make those that are not among them."""
        for kind in self.kinds:
            found = endpoints.get(kind) or Endpoint(self.workshop.endpoint_address(kind))
            self.endpoints = {**self.endpoints, kind: found}

    def retire(self, endpoint: Endpoint) -> None:
        """Let an endpoint lead nowhere, for good."""
        endpoint.lead_to((), self._door)
        self.workshop.give_back(endpoint.address)

    def feed(self) -> Mapping[str, Source]:
        """Give the places where other groups take the data of this one from, by the id of each shard."""
        with self._lock:
            sources = {shard.node_group_id: self._feed(shard.node_group_id) for shard in self.plan.node_groups}
        self.place_endpoints()
        return sources

    def close_feed(self) -> None:
        """Give nobody data any more; whoever asks for the feed after that gets another one."""
        for kind, endpoint in tuple(self.endpoints.items()):
            if kind.startswith(feed.FEED):
                self._remove_endpoint(kind, endpoint)

    def _feed(self, node_group_id: str) -> Source:
        kind = feed.kind(node_group_id)
        found = self.endpoints.get(kind)
        if found is None:
            door = FeedDoor(self.workshop.front, self.workshop.links, self.plan.port, self.plan.key)
            found = Endpoint(self.workshop.endpoint_address(kind), door=door)
            self.endpoints = {**self.endpoints, kind: found}
        return Source(found.address, self.plan.port, door=found.door if isinstance(found.door, FeedDoor) else None)

    def _remove_endpoint(self, kind: str, endpoint: Endpoint) -> None:
        with self._lock:
            self.endpoints = {other: kept for other, kept in self.endpoints.items() if other != kind}
            self.retire(endpoint)

    def place_endpoints(self) -> None:
        """Make every endpoint lead where it shall, given who is alive and who is primary."""
        with self._lock:
            for kind, endpoint in self.endpoints.items():
                holders = () if self._stopped else self._holders(kind)
                try:
                    endpoint.lead_to(holders, self._way(kind))
                except EngineStartError:
                    # An engine that died meanwhile: whoever saw it die places the endpoints again.
                    if not any(holder.engine.ends_within(NOTICE_SECONDS) for holder in holders):
                        raise

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
        node = Node(
            cache_cluster_id=name,
            node_group_id=node_group_id,
            engine=self.workshop.engine(name),
            availability_zone=plan.availability_zone,
        )
        # A new mapping each time: who iterates over the old one without the lock is not disturbed.
        self.nodes = {**self.nodes, name: node}
        return node

    def _check_running(self) -> None:
        if self._stopped:
            raise EngineStartError(f"{self.plan.key} has been stopped.")

    def _give_back(self) -> None:
        for holder in (*self.nodes.values(), *self.endpoints.values()):
            self.workshop.give_back(holder.address)
