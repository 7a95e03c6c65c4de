"""What engines in cluster mode tell each other, and what they tell clients of each other."""

from __future__ import annotations

import contextlib
import secrets
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet import introduction, nodes_conf
from elasticache_kit.emulator.fleet.admin import ReplyError
from elasticache_kit.emulator.fleet.cluster_view import follows, handshake, ignorance, misdirection, stranger
from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.emulator.fleet.group import Group

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from elasticache_kit.emulator.fleet.admin import Admin
    from elasticache_kit.emulator.fleet.node import Node
    from elasticache_kit.emulator.fleet.nodes_conf import ClusterNode
    from elasticache_kit.emulator.fleet.plan import GroupPlan
    from elasticache_kit.emulator.fleet.workshop import Workshop

ID_BYTES = 20
ATTEMPTS, ATTEMPT_SECONDS = 5, 0.4


class ClusterBus(Group):
    """Who of a group in cluster mode knows whom; see `introduction` for what goes wrong where that is left to engines.

    Args:
        plan: the order.
        workshop: what engines are made of.
        bare: whether to make no endpoints, because the group inherits them; they are made when omitted.
    """

    def __init__(self, plan: GroupPlan, workshop: Workshop, *, bare: bool = False) -> None:
        self._ids: dict[str, str] = {}
        super().__init__(plan, workshop, bare=bare)

    def node_id(self, node: Node) -> str:
        """Give the id by which the engines know a node."""
        return self._ids.setdefault(node.cache_cluster_id, secrets.token_hex(ID_BYTES))

    @property
    def _fronted(self) -> bool:
        """Whether clients connect to another port than the engines' own."""
        return self.plan.port != self.workshop.engine_port

    @property
    def _attempt_seconds(self) -> float:
        """How long engines have to do what they were told to, until they are told again."""
        return ATTEMPT_SECONDS

    def _others(self, node: Node) -> list[Node]:
        return [other for other in self.nodes.values() if other is not node and other.serves]

    def _join(self, node: Node) -> None:
        if self.node_id(node) in self._view(node) and node.engine.runs.tells_client_port:
            return  # who knows it comes to it
        for other in self._others(node):
            self._introduce(other, [node])

    def _orient(self, node: Node, deadline: Deadline) -> None:
        if node.isolated or not node.engine.runs.tells_client_port:
            return
        # Whoever shakes hands with it says nothing of ports yet.
        self._insist(
            node, lambda _: self._strangeness(node), lambda: self._introduce_again(node), deadline, patient=True
        )
        self._await_sight(node, lambda: self._others(node), deadline)

    def _strangeness(self, node: Node) -> str | None:
        """Say who does not know a node well yet, or None."""
        for other in self._others(node):
            with other.engine.admin() as admin:
                if trouble := stranger(admin, [self.node_id(node)]) or handshake(admin):
                    return f"{other.cache_cluster_id}: {trouble}"
        return None

    def _introduce_again(self, node: Node) -> None:
        for other in self._others(node):
            with other.engine.admin() as admin:
                due = stranger(admin, [self.node_id(node)]) and not handshake(admin)
            if due:
                self._introduce(other, [node])

    def _await_ports(self, deadline: Deadline) -> None:
        nodes = [node for node in self.nodes.values() if node.serves]
        for node in nodes:
            self._call(node, nodes)
        for node in nodes:
            self._await_sight(node, lambda node=node: self._others(node), deadline)

    def _await_first_sight(self, deadline: Deadline) -> None:
        """Return when all nodes of a new cluster send clients to the right ports: the first messages come without."""
        nodes = tuple(self.nodes.values())
        if not self._fronted or not all(node.engine.runs.tells_client_port for node in nodes):
            return
        addresses = {node.address for node in nodes}
        for node in nodes:
            # All before the first is waited for: of many nodes most have missed something.
            with contextlib.suppress(OSError, ReplyError):
                with node.engine.admin() as admin:
                    astray = misdirection(admin, self.plan.port, addresses)
                if astray:
                    self._call(node, nodes)
        for node in nodes:
            self._await_sight(node, lambda: nodes, deadline)

    def _await_sight(self, node: Node, others: Callable[[], Sequence[Node]], deadline: Deadline) -> None:
        """Return when a node talks to others, and sends clients to their ports and its own."""

        def obstacle(admin: Admin) -> str | None:
            present = others()
            trouble = stranger(admin, [self.node_id(other) for other in present if other is not node])
            return trouble or misdirection(admin, self.plan.port, {other.address for other in (node, *present)})

        self._insist(node, obstacle, lambda: self._call(node, others()), deadline)

    def _announce(self, node: Node, deadline: Deadline) -> None:
        # What the others know of its offset is from before it was in sync: zero.
        self._insist(node, lambda _: self._obscurity(node), lambda: self._call(node, self._others(node)), deadline)

    def _obscurity(self, node: Node) -> str | None:
        """Say which node does not tell clients of a node yet, or not rightly; they ask any of them for the way."""
        own_id, others = self.node_id(node), self._others(node)
        with node.engine.admin() as admin:
            seen = nodes_conf.parse(admin.text("CLUSTER", "NODES"))
            if trouble := misdirection(admin, self.plan.port, {other.address for other in others}):
                return trouble
        expected = {own_id: seen[own_id].primary_id or own_id}
        if not seen[expected[own_id]].slots:
            return None  # clients have no way to a shard without slots
        for other in others:
            with other.engine.admin() as admin:
                if ignorance(admin, expected) or misdirection(admin, self.plan.port, {node.address}):
                    return f"{other.cache_cluster_id} does not tell clients of it yet"
        return None

    def _insist(
        self,
        node: Node,
        obstacle: Callable[[Admin], str | None],
        remedy: Callable[[], None],
        deadline: Deadline,
        *,
        patient: bool = False,
    ) -> None:
        """Do something about an obstacle that a node tells of, several times if need be, and return when it is gone.

        Where two messages cross, the word of it comes only with the next regular one, half a node timeout later.
        """

        def told() -> str | None:
            with node.engine.admin() as admin:
                return obstacle(admin)

        for _ in range(ATTEMPTS):
            with contextlib.suppress(OSError, ReplyError):
                if Deadline(self._attempt_seconds if patient else 0).wait_for(told) is None:
                    return
                remedy()
                if Deadline(self._attempt_seconds).wait_for(told) is None:
                    return
        self.await_absence(node, obstacle, deadline)

    def _introduce(self, node: Node, others: Iterable[Node]) -> None:
        introduction.introduce(node, others, self.workshop.engine_port, self.workshop.bus_port)

    def _call(self, node: Node, others: Iterable[Node], *, both: bool = False) -> None:
        """Make a node talk at once with others that know it."""
        if node.engine.runs.tells_client_port:
            introduction.call(node, [self.node_id(other) for other in others if other is not node], both=both)
        else:
            self._introduce(node, others)

    def _leave(self, node: Node) -> None:
        for other in self.nodes.values():
            if other.reachable:
                with other.engine.admin() as admin:
                    try:
                        admin.command("CLUSTER", "FORGET", self.node_id(node))
                    except ReplyError as error:
                        if "Unknown node" not in str(error):
                            raise
        # The others ignore a forgotten id for a minute: a node that comes under the same name is another one.
        self._ids.pop(node.cache_cluster_id, None)

    def _view(self, node: Node) -> dict[str, ClusterNode]:
        """Give the cluster as the primary of a node's shard sees it, or else another node that lives."""
        others = [*self.siblings(node), *self.nodes.values()]
        living = [other for other in others if other is not node and other.serves]
        living.sort(key=lambda other: other.node_group_id != node.node_group_id or follows(other))
        for other in living:
            try:
                with other.engine.admin() as admin:
                    return nodes_conf.parse(admin.text("CLUSTER", "NODES"))
            except (OSError, ReplyError):
                continue
        return {}
