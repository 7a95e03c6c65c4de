"""A replication group with cluster mode enabled: shards that know each other, and a configuration endpoint."""

from __future__ import annotations

import contextlib
import secrets
from functools import partial
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet import nodes_conf, replication
from elasticache_kit.emulator.fleet.admin import ReplyError
from elasticache_kit.emulator.fleet.cluster_view import disorder, follows, ignorance, leads, misdirection
from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.emulator.fleet.group import Group
from elasticache_kit.emulator.fleet.nodes_conf import ClusterNode, Layout
from elasticache_kit.emulator.fleet.seed import plant
from elasticache_kit.errors import RefusedError
from elasticache_kit.model.slot import parse_ranges

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from elasticache_kit.emulator.fleet.node import Node
    from elasticache_kit.emulator.fleet.plan import GroupPlan
    from elasticache_kit.emulator.fleet.workshop import Workshop

ID_BYTES = 20
HANDOVER_TIMEOUT = 2.0
PROMOTION_TIMEOUT = 10.0
ORDER_TIMEOUT = 0.5
INTRODUCTIONS, INTRODUCTION_TIMEOUT = 5, 0.4
# Many engines on few cores answer each other late: a short timeout would have them elect primaries for no reason.
NODE_TIMEOUT, FEW_NODES, NODE_TIMEOUT_OF_MANY = "5000", 24, "15000"
# Who follows a node of no cluster must not take it for lost, however long the first copy takes.
NODE_TIMEOUT_BEHIND = "3600000"


class ShardedGroup(Group):
    """Engines in cluster mode. They elect primaries by themselves too, so the present roles are always asked for.

    Nodes start with a nodes.conf that tells all of them everything: they need not meet. A primary that starts with
    slots of its own is not writable for two seconds, in case the cluster has moved on without it. So a new cluster
    starts with all nodes as replicas of owners that never existed, and the first primaries take the slots over: that
    has no delay.

    Args:
        plan: the order.
        workshop: what engines are made of.
    """

    def __init__(self, plan: GroupPlan, workshop: Workshop, *, bare: bool = False) -> None:
        self._ids: dict[str, str] = {}
        self._behind = False
        self._owners = {group.node_group_id: secrets.token_hex(ID_BYTES) for group in plan.node_groups}
        self._shard_ids = {group.node_group_id: secrets.token_hex(ID_BYTES) for group in plan.node_groups}
        self._slots = {group.node_group_id: tuple((group.slots or "").split(",")) for group in plan.node_groups}
        super().__init__(plan, workshop, bare=bare)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The endpoints of cluster clients, and of all others too where the group is compatible."""
        return ("configuration", "primary", "reader") if self.plan.compatible else ("configuration",)

    def _holders(self, kind: str) -> tuple[Node, ...]:
        if kind != "configuration":
            # Also the reader endpoint: engines in cluster mode send clients away from a replica that do not say
            # READONLY first, and those that know nothing of clusters never do.
            return tuple(node for node in self.nodes.values() if node.serves and not follows(node))[:1]
        # Clients ask any node for the way, so one is enough, and it stays as long as it lives.
        present = self.endpoints[kind].nodes
        if present and present[0].serves:
            return present
        return tuple(node for node in self.nodes.values() if node.serves)[:1]

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
        nodes, firsts = tuple(self.nodes.values()), self.firsts
        if self._behind:
            self._behind = False
            for node in nodes:
                with node.engine.admin() as admin:
                    timeout = self._settings(node)["cluster-node-timeout"]
                    admin.command("CONFIG", "SET", "cluster-node-timeout", timeout)
        for node in firsts:
            with node.engine.admin() as admin:
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
            self._introduce(node, [other for other in nodes if other not in firsts])
        leaders = {node.node_group_id: self.node_id(node) for node in firsts}
        expected = {self.node_id(node): leaders[node.node_group_id] for node in nodes}
        for node in nodes:
            self.await_absence(node, lambda admin: ignorance(admin, expected), deadline)
            with node.engine.admin() as admin:
                # At once, because the engine saves its nodes.conf after each command that comes alone.
                admin.commands([("CLUSTER", "FORGET", owner) for owner in self._owners.values()])

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

    @property
    def _announced_ports(self) -> dict[str, str]:
        if self.plan.port == self.workshop.engine_port:
            return {}
        return {f"cluster-announce-{'port' if self._shares_port else 'client-port'}": str(self.plan.port)}

    def _start_replacement(self, node: Node) -> None:
        view = self._view(node)
        own_id = self.node_id(node)
        primary = next(
            (view[self.node_id(other)] for other in self.siblings(node) if leads(view, self.node_id(other))), None
        )
        if primary is not None:
            view[own_id] = ClusterNode(node_id=own_id, address=node.address, primary_id=primary.node_id)
        elif own_id not in view:
            # Nobody of the cluster is left: the node starts it anew, with the slots that it was planned with.
            slots = self._slots[node.node_group_id]
            view[own_id] = ClusterNode(node_id=own_id, address=node.address, slots=slots, epoch=1)
        self._start(node, view, current_epoch=max(known.epoch for known in view.values()))

    def _start_again(self, node: Node) -> None:
        # The engine keeps nodes.conf itself.
        node.engine.start(self._settings(node), accounts=self.accounts)

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

    def _announced(self, node_group_id: str) -> dict[str, str]:
        """Say where the others find a node of a shard: clients where they always do, replicas on a way of their own."""
        if not any(node.lag_seconds for node in self.members(node_group_id)):
            return {}
        ports = {"cluster-announce-port": self.workshop.link_port, "cluster-announce-client-port": self.plan.port}
        return {name: str(port) for name, port in ports.items()}

    def welcome(self, node: Node) -> None:
        """Make the others talk with a node, which learns from them who leads its shard."""
        self._join(node)
        deadline = Deadline(PROMOTION_TIMEOUT)
        rivals = [other for other in self.siblings(node) if other.serves and not follows(other)]
        if rivals and not follows(node):
            deadline.wait_for(lambda: None if follows(node) else "it leads still")

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

    @property
    def _shares_port(self) -> bool:
        """Whether engines come through the front like clients, because one of them knows of one port only."""
        old = any(not node.engine.runs.tells_client_port for node in self.nodes.values())
        return old and self.plan.port != self.workshop.engine_port

    def _lag(self, node: Node) -> str | None:
        with node.engine.admin() as admin:
            trouble, own = disorder(admin), admin.info("replication")
        if own["role"] == "master":
            return trouble
        primary = next((other for other in self.siblings(node) if other.address == own["master_host"]), None)
        if primary is None:
            return "it follows no node of its shard yet"
        return trouble or replication.lag(node.address, own, primary, held=bool(node.lag_seconds))

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

    def _promote(self, node: Node) -> None:
        if (present := self._primary(node)) is not None and present.serves:
            # The present primary holds its writes until its successor has all of them, so that none is lost.
            self._fail_over(node)
            Deadline(HANDOVER_TIMEOUT).wait_for(lambda: "it follows still" if follows(node) else None)
        if follows(node):
            self._fail_over(node, "TAKEOVER")
        node.in_service = True
        # Where another shard has no primary the cluster is down whatever this one does.
        if self._complete():
            deadline = Deadline(PROMOTION_TIMEOUT)
            self.await_absence(node, lambda admin: disorder(admin) or self._obscurity(node), deadline)

    def _fail_over(self, node: Node, *options: str) -> None:
        with node.engine.admin() as admin:
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

    def node_id(self, node: Node) -> str:
        """Give the id by which the engines know a node."""
        return self._ids.setdefault(node.cache_cluster_id, secrets.token_hex(ID_BYTES))
