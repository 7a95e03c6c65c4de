"""A replication group that there is no room for: it is kept account of, and no process stands behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet.engine import Engine
from elasticache_kit.emulator.fleet.group import Group
from elasticache_kit.emulator.fleet.node import Endpoint, Node
from elasticache_kit.errors import EngineStartError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from elasticache_kit.emulator.fleet.deadline import Deadline
    from elasticache_kit.emulator.fleet.feed import Source
    from elasticache_kit.emulator.fleet.plan import GroupPlan, NodeGroupPlan, NodePlan
    from elasticache_kit.emulator.fleet.replication import Role
    from elasticache_kit.emulator.fleet.sign_in import SignIn
    from elasticache_kit.emulator.fleet.workshop import Workshop


class PaperGroup(Group):
    """Does what is done to a group in words only. Its addresses are names that never resolve (RFC 6761).

    Args:
        plan: the present order.
        workshop: what engines would be made of; it is asked for no address.
    """

    def __init__(self, plan: GroupPlan, workshop: Workshop) -> None:
        self._leaders: dict[str, str] = {}
        super().__init__(plan, workshop)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The endpoints of the cluster mode that was asked for."""
        return ("configuration",) if self.plan.cluster_mode else ("primary", "reader")

    def inherit(self, endpoints: Mapping[str, Endpoint]) -> None:
        """Call the endpoints something that leads nowhere."""
        name = self.workshop.directory.name.rpartition("%2F")[2]
        self.endpoints = {**endpoints, **{kind: Endpoint(f"{kind}.{name}.invalid") for kind in self.kinds}}

    def is_primary(self, node: Node) -> bool:
        """Say whether a node would be the primary of its shard."""
        return self._leaders.get(node.node_group_id) == node.cache_cluster_id

    def roles(self) -> dict[str, Role]:
        """Give the roles that the nodes would have."""
        return {name: "primary" if self.is_primary(node) else "replica" for name, node in self.nodes.items()}

    def replicas_by_offset(self, node_group_id: str) -> tuple[str, ...]:
        """Give the replicas of a shard; all are as current as the others."""
        return tuple(node.cache_cluster_id for node in self.members(node_group_id) if not self.is_primary(node))

    def leader(self, node_group_id: str) -> Node:
        """Refuse, because whoever asks wants data.

        Raises:
            EngineStartError: always.
        """
        raise EngineStartError(
            f"Node group {node_group_id} of {self.plan.key} has no engines: there was no room for the group's "
            f"{len(self.nodes)} nodes."
        )

    def start(self) -> None:
        """Do nothing."""

    def start_over(self, primaries: Collection[str], *, keeps: bool) -> None:
        """Note who leads now."""
        del keeps
        for name in primaries:
            self.promote(name)

    def stop(self) -> None:
        """Do nothing."""

    def kill(self, cache_cluster_id: str) -> None:
        """Make sure that there is such a node."""
        self.node(cache_cluster_id)

    def promote(self, cache_cluster_id: str) -> None:
        """Note another primary."""
        node = self.node(cache_cluster_id)
        self._leaders[node.node_group_id] = cache_cluster_id

    def recover(self, cache_cluster_id: str) -> None:
        """Make sure that there is such a node."""
        self.node(cache_cluster_id)

    def restart(self, cache_cluster_id: str) -> None:
        """Make sure that there is such a node."""
        self.node(cache_cluster_id)

    def add_replica(self, node_group_id: str, plan: NodePlan) -> None:
        """Note one more node."""
        if plan.cache_cluster_id in self.nodes:
            raise RefusedError(f"adding {plan.cache_cluster_id}", ["a node of this name exists"])
        self._make(node_group_id, plan)

    def remove_replica(self, cache_cluster_id: str) -> None:
        """Note one node fewer."""
        if self.is_primary(self.node(cache_cluster_id)):
            raise RefusedError(f"removing {cache_cluster_id}", ["it is a primary; promote another node first"])
        self._forget([cache_cluster_id])

    def reshard(self, slots: Mapping[str, str], new: Sequence[NodeGroupPlan]) -> None:
        """Note other shards."""
        known = {group.node_group_id: group for group in (*self.plan.node_groups, *new)}
        for group in new:
            for node in group.nodes:
                self._make(group.node_group_id, node)
        self._forget([name for name, node in self.nodes.items() if node.node_group_id not in slots])
        kept = tuple(replace(known[name], slots=text) for name, text in slots.items())
        self.plan = replace(self.plan, node_groups=kept)

    def set_sign_in(self, sign_in: SignIn) -> None:
        """Note how clients would sign in."""
        self.plan = replace(self.plan, sign_in=sign_in)

    def prefer_tls(self, *, preferred: bool) -> None:
        """Note whether clients might come without TLS."""
        self.plan = replace(self.plan, tls_preferred=preferred)

    def set_compatible(self, *, compatible: bool) -> None:
        """Note which clients it would be for."""
        self.plan = replace(self.plan, compatible=compatible)

    def set_tls(self, *, tls: bool, preferred: bool) -> None:
        """Note how clients would come."""
        self.plan = replace(self.plan, tls=tls, tls_preferred=preferred)

    def set_parameters(self, now: Mapping[str, str], on_reboot: Mapping[str, str]) -> None:
        """Note the settings."""
        self.plan = replace(self.plan, parameters={**self.plan.parameters, **now, **on_reboot})

    def _make(self, node_group_id: str, plan: NodePlan) -> Node:
        name, shop = plan.cache_cluster_id, self.workshop
        engine = Engine(shop.binary, shop.spawner, shop.directory / name, f"{name}.invalid", shop.engine_port)
        node = Node(cache_cluster_id=name, node_group_id=node_group_id, engine=engine)
        self.nodes = {**self.nodes, name: node}
        self._leaders.setdefault(node_group_id, name)
        return node

    def _forget(self, names: Collection[str]) -> None:
        self.nodes = {name: node for name, node in self.nodes.items() if name not in names}

    # What follows is for engines, of which there are none.

    def start_behind(self, leader: Node, deadline: Deadline) -> None:
        """Do nothing."""

    def take_over(self, deadline: Deadline) -> None:
        """Do nothing."""

    def follow(self, sources: Mapping[str, Source]) -> None:
        """Do nothing."""

    def takes_feed(self, node: Node) -> bool:
        """Say that no node takes anything from anywhere."""
        del node
        return False

    def welcome(self, node: Node) -> None:
        """Do nothing."""

    def redirect(self, node_group_id: str) -> None:
        """Do nothing."""

    def _tell_port(self, node: Node) -> None: ...

    def _start_all(self, deadline: Deadline) -> None: ...

    def _start_replacement(self, node: Node) -> None: ...

    def _start_again(self, node: Node) -> None: ...

    def _lag(self, node: Node) -> str | None: ...

    def _promote(self, node: Node) -> None: ...

    def _join(self, node: Node) -> None: ...

    def _announce(self, node: Node, deadline: Deadline) -> None: ...

    def _leave(self, node: Node) -> None: ...

    def _holders(self, kind: str) -> tuple[Node, ...]:
        del kind
        return ()
