"""Engines in cluster mode: what they start with, and what they tell each other and their clients."""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet import feed, nodes_conf
from elasticache_kit.emulator.fleet.admin import ReplyError
from elasticache_kit.emulator.fleet.cluster_view import follows, ignorance, misdirection
from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.emulator.fleet.group import Group
from elasticache_kit.emulator.fleet.nodes_conf import ClusterNode, Layout
from elasticache_kit.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from elasticache_kit.emulator.fleet.node import Node
    from elasticache_kit.emulator.fleet.plan import GroupPlan
    from elasticache_kit.emulator.fleet.workshop import Workshop

ID_BYTES = 20
INTRODUCTIONS, INTRODUCTION_TIMEOUT = 5, 0.4
# Many engines on few cores answer each other late: a short timeout would have them elect primaries for no reason.
NODE_TIMEOUT, FEW_NODES, NODE_TIMEOUT_OF_MANY = "5000", 24, "15000"
# Who follows a node of no cluster must never take it for lost: ten years.
NODE_TIMEOUT_BEHIND = "315360000000"


class ClusterGroup(Group):
    """What a group in cluster mode knows of its engines: their ids, ports and shards; who leads is another matter.

    Args:
        plan: the order.
        workshop: what engines are made of.
        bare: whether to make no endpoints, because the group inherits them; they are made when omitted.
    """

    def __init__(self, plan: GroupPlan, workshop: Workshop, *, bare: bool = False) -> None:
        self._ids: dict[str, str] = {}
        self._behind = False
        self._owners = {group.node_group_id: secrets.token_hex(ID_BYTES) for group in plan.node_groups}
        self._shard_ids = {group.node_group_id: secrets.token_hex(ID_BYTES) for group in plan.node_groups}
        self._slots = {group.node_group_id: tuple((group.slots or "").split(",")) for group in plan.node_groups}
        super().__init__(plan, workshop, bare=bare)

    def node_id(self, node: Node) -> str:
        """Give the id by which the engines know a node."""
        return self._ids.setdefault(node.cache_cluster_id, secrets.token_hex(ID_BYTES))

    def _know_shard(self, node_group_id: str, slots: str | None) -> None:
        """Note the slots of a shard, which may be a new one."""
        self._owners.setdefault(node_group_id, secrets.token_hex(ID_BYTES))
        self._shard_ids.setdefault(node_group_id, secrets.token_hex(ID_BYTES))
        self._slots[node_group_id] = tuple(slots.split(",")) if slots else ()

    def _forget_shard(self, node_group_id: str) -> None:
        """Forget a shard, and the endpoints that are for it alone."""
        with self._lock:
            for known in (self._shard_ids, self._owners, self._slots):
                known.pop(node_group_id, None)
            for kind, endpoint in tuple(self.endpoints.items()):
                if feed.shard_of(kind) == node_group_id:
                    self._remove_endpoint(kind, endpoint)
            kept = tuple(group for group in self.plan.node_groups if group.node_group_id != node_group_id)
            self.plan = replace(self.plan, node_groups=kept)

    def _start(self, node: Node, view: Mapping[str, ClusterNode], *, current_epoch: int) -> None:
        shards = {owner: self._shard_ids[group] for group, owner in self._owners.items() if group in self._shard_ids}
        shards |= {self.node_id(other): self._shard_ids[other.node_group_id] for other in self.nodes.values()}
        layout = Layout(
            port=self.plan.port if self._shares_port else self.workshop.engine_port,
            bus_port=self.workshop.bus_port,
            client_port=self.plan.port if self.plan.port != self.workshop.engine_port else None,
            detailed=node.engine.binary.reads_shard_ids,
        )
        content = nodes_conf.render(
            [known for known in view.values() if known.node_id in shards],
            myself=self.node_id(node),
            shards=shards,
            layout=layout,
            current_epoch=current_epoch,
        )
        node.engine.start(self._settings(node), accounts=self.accounts, files={"nodes.conf": content})

    def _start_again(self, node: Node) -> None:
        # The engine keeps nodes.conf itself.
        node.engine.start(self._settings(node), accounts=self.accounts)

    def _settings(self, node: Node) -> dict[str, str]:
        default = {"cluster-node-timeout": NODE_TIMEOUT if len(self.nodes) <= FEW_NODES else NODE_TIMEOUT_OF_MANY}
        if self._behind:
            default = {"cluster-node-timeout": NODE_TIMEOUT_BEHIND}
        own = {
            **self.workshop.place_settings(node.availability_zone),
            "bind-source-addr": node.address,
            # A shard keeps the replicas that were ordered for it.
            "cluster-allow-replica-migration": "no",
            "cluster-announce-ip": node.address,
            "cluster-config-file": "nodes.conf",
            "cluster-enabled": "yes",
            "cluster-port": str(self.workshop.bus_port),
            "replica-announce-ip": node.address,
        }
        own |= self._announced_ports | self._announced(node.node_group_id)
        return {**default, **self.plan.settings, **own}

    @property
    def _announced_ports(self) -> dict[str, str]:
        if self.plan.port == self.workshop.engine_port:
            return {}
        return {f"cluster-announce-{'port' if self._shares_port else 'client-port'}": str(self.plan.port)}

    def _announced(self, node_group_id: str) -> dict[str, str]:
        """Say where the others find a node of a shard: clients where they always do, replicas on a way of their own."""
        if self.sources or not any(node.lag_seconds for node in self.members(node_group_id)):
            return {}
        ports = {"cluster-announce-port": self.workshop.link_port, "cluster-announce-client-port": self.plan.port}
        return {name: str(port) for name, port in ports.items()}

    @property
    def _shares_port(self) -> bool:
        """Whether engines come through the front like clients, because one of them knows of one port only."""
        old = any(not node.engine.runs.tells_client_port for node in self.nodes.values())
        return old and self.plan.port != self.workshop.engine_port

    def settle(self) -> None:
        """Keep engines off the front, where all of them can now."""
        for node in self.nodes.values():
            if node.serves:
                self._tell_port(node)

    def _tell_port(self, node: Node) -> None:
        ports = {"cluster-announce-port": "0"}
        if node.engine.runs.tells_client_port:
            ports["cluster-announce-client-port"] = "0"
        ports |= self._announced_ports
        self._tell(node, [("CONFIG", "SET", name, port) for name, port in ports.items()])

    def _await_ports(self, deadline: Deadline) -> None:
        nodes = [node for node in self.nodes.values() if node.serves]
        for node in nodes:
            self._introduce(node, nodes)
        for node in nodes:
            self.await_absence(node, lambda admin: misdirection(admin, self.plan.port), deadline)

    def redirect(self, node_group_id: str) -> None:
        """Make the replicas of a shard take the way to their primary that `link_port` says."""
        usual = self.plan.port if self.plan.port != self.workshop.engine_port else 0
        announced = {"cluster-announce-port": "0", "cluster-announce-client-port": str(usual)}
        announced |= self._announced(node_group_id)
        with self._lock:
            members = [node for node in self.members(node_group_id) if node.reachable]
            if old := [node.cache_cluster_id for node in members if not node.engine.runs.tells_client_port]:
                if not self._announced(node_group_id):
                    return
                reason = f"the engines of {', '.join(old)} tell clients and replicas of one port"
                raise RefusedError("a replication lag in cluster mode", [f"{reason}: take valkey 9.0 or newer"])
            for node in members:
                with node.engine.admin() as admin:
                    admin.command("CONFIG", "SET", *(word for item in announced.items() for word in item))
            for node in members:
                self._introduce(node, members)

    def _join(self, node: Node) -> None:
        for other in self.nodes.values():
            if other.serves:
                self._introduce(other, [node])

    def _announce(self, node: Node, deadline: Deadline) -> None:
        # Again, because what the others know of its offset is from before it was in sync: zero. Where two introductions
        # cross, the word of it comes only with the next regular one, half a node timeout later.
        for _ in range(INTRODUCTIONS):
            self._join(node)
            with contextlib.suppress(OSError, ReplyError):
                if Deadline(INTRODUCTION_TIMEOUT).wait_for(lambda: self._obscurity(node)) is None:
                    return
        self.await_absence(node, lambda _: self._obscurity(node), deadline)

    def _obscurity(self, node: Node) -> str | None:
        """Say which node does not tell clients of a node yet; they ask any of them for the way."""
        own_id = self.node_id(node)
        with node.engine.admin() as admin:
            seen = nodes_conf.parse(admin.text("CLUSTER", "NODES"))
        expected = {own_id: seen[own_id].primary_id or own_id}
        if not seen[expected[own_id]].slots:
            return None  # clients have no way to a shard without slots
        for other in self.nodes.values():
            if other is not node and other.serves:
                with other.engine.admin() as admin:
                    if ignorance(admin, expected):
                        return f"{other.cache_cluster_id} does not tell clients of it yet"
        return None

    def _introduce(self, node: Node, others: Iterable[Node]) -> None:
        """Make a node talk with others at once; with those it knows, too, which else takes up to a second."""
        ports = self.workshop.engine_port, self.workshop.bus_port
        with node.engine.admin() as admin:
            admin.commands([("CLUSTER", "MEET", other.address, *ports) for other in others if other is not node])

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
