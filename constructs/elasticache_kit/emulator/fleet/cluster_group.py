"""Engines in cluster mode: what they start with, and where they say that they are."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet import feed, introduction, nodes_conf
from elasticache_kit.emulator.fleet.cluster_bus import ID_BYTES, ClusterBus
from elasticache_kit.emulator.fleet.nodes_conf import ClusterNode, Layout
from elasticache_kit.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elasticache_kit.emulator.fleet.binary import EngineBinary
    from elasticache_kit.emulator.fleet.node import Node
    from elasticache_kit.emulator.fleet.plan import GroupPlan
    from elasticache_kit.emulator.fleet.workshop import Workshop

# Many engines on few cores answer each other late: a short timeout would have them elect primaries for no reason.
NODE_TIMEOUT, FEW_NODES, NODE_TIMEOUT_OF_MANY = "5000", 24, "15000"
# Who follows a node of no cluster must never take it for lost: ten years.
NODE_TIMEOUT_BEHIND = "315360000000"


class ClusterGroup(ClusterBus):
    """What a group in cluster mode knows of its engines: their ids, ports and shards; who leads is another matter.

    Args:
        plan: the order.
        workshop: what engines are made of.
        bare: whether to make no endpoints, because the group inherits them; they are made when omitted.
    """

    def __init__(self, plan: GroupPlan, workshop: Workshop, *, bare: bool = False) -> None:
        self._behind = False
        self._owners = {group.node_group_id: secrets.token_hex(ID_BYTES) for group in plan.node_groups}
        self._shard_ids = {group.node_group_id: secrets.token_hex(ID_BYTES) for group in plan.node_groups}
        self._slots = {group.node_group_id: tuple((group.slots or "").split(",")) for group in plan.node_groups}
        super().__init__(plan, workshop, bare=bare)

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

    def _start(self, node: Node, view: Mapping[str, ClusterNode], *, current_epoch: int, known: bool = False) -> None:
        """Start a process that finds the cluster as in a view; known says whether those that serve know it already."""
        shards = {owner: self._shard_ids[group] for group, owner in self._owners.items() if group in self._shard_ids}
        shards |= {self.node_id(other): self._shard_ids[other.node_group_id] for other in self.nodes.values()}
        layout = Layout(
            port=self.plan.port if self._shares_port else self.workshop.engine_port,
            bus_port=self.workshop.bus_port,
            client_port=self.plan.port if node.engine.binary.tells_client_port else None,
            detailed=node.engine.binary.reads_shard_ids,
        )
        content = nodes_conf.render(
            [other for other in view.values() if other.node_id in shards],
            myself=self.node_id(node),
            shards=shards,
            layout=layout,
            current_epoch=current_epoch,
            hidden=self._callers(node) if known else frozenset(),
        )
        node.engine.start(self._settings(node), accounts=self.accounts, files={"nodes.conf": content})

    def _start_again(self, node: Node) -> None:
        # The engine keeps nodes.conf itself.
        kept = (node.engine.directory / "nodes.conf").read_text()
        files = {"nodes.conf": nodes_conf.hide(kept, self._callers(node))}
        node.engine.start(self._settings(node), accounts=self.accounts, files=files)

    def _callers(self, node: Node) -> frozenset[str]:
        """Give the ids of those who come to a node that they know as soon as it has started."""
        if node.isolated or not node.engine.binary.tells_client_port:
            return frozenset()
        return frozenset(self.node_id(other) for other in self._others(node))

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
        own |= self._announced_ports(node.engine.binary) | self._announced(node.node_group_id)
        if node.engine.binary.tells_client_port:
            own |= introduction.SETTINGS
        return {**default, **self.plan.settings, **own}

    def _announced_ports(self, binary: EngineBinary) -> dict[str, str]:
        """Say where the others, and clients, find an engine; where it listens itself the others find it unsaid."""
        if self._shares_port:
            return {"cluster-announce-port": str(self.plan.port)}
        # Also where it is the engine's own: TLS may come to the group later.
        return {"cluster-announce-client-port": str(self.plan.port)} if binary.tells_client_port else {}

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
        return old and self._fronted

    def settle(self) -> None:
        """Keep engines off the front, where all of them can now."""
        for node in self.nodes.values():
            if node.serves:
                self._tell_port(node)

    def _tell_port(self, node: Node) -> None:
        ports = {"cluster-announce-port": "0"}
        if node.engine.runs.tells_client_port:
            ports["cluster-announce-client-port"] = "0"
        ports |= self._announced_ports(node.engine.runs)
        self._tell(node, [("CONFIG", "SET", name, port) for name, port in ports.items()])

    def redirect(self, node_group_id: str) -> None:
        """Make the replicas of a shard take the way to their primary that `link_port` says."""
        announced = {"cluster-announce-port": "0", "cluster-announce-client-port": str(self.plan.port)}
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
                self._call(node, members)
