"""A replication group with cluster mode disabled: one primary, its replicas, a primary and a reader endpoint."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet import replication
from elasticache_kit.emulator.fleet.admin import ReplyError
from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.emulator.fleet.group import Group
from elasticache_kit.errors import EngineStartError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from elasticache_kit.emulator.fleet.feed import Source
    from elasticache_kit.emulator.fleet.node import Node
    from elasticache_kit.emulator.fleet.plan import GroupPlan
    from elasticache_kit.emulator.fleet.workshop import Workshop

HANDOVER_TIMEOUT = 2.0
# A full copy is as slow as there is data; this ends only what has got stuck.
FOLLOW_TIMEOUT = 600.0


class ReplicatedGroup(Group):
    """One primary and its replicas; who is primary is the emulator's decision alone.

    Args:
        plan: the order, with one node group.
        workshop: what engines are made of.
    """

    def __init__(self, plan: GroupPlan, workshop: Workshop, *, bare: bool = False) -> None:
        if len(plan.seed) > 1:
            raise EngineStartError(
                f"{plan.key} cannot start with {len(plan.seed)} files: with cluster mode disabled there is one shard. "
                "Give one file, or enable cluster mode."
            )
        super().__init__(plan, workshop, bare=bare)
        self.primary = self.nodes[plan.node_groups[0].nodes[0].cache_cluster_id]

    @property
    def kinds(self) -> tuple[str, ...]:
        """Two endpoints: one that takes writes, one that spreads reads."""
        return ("primary", "reader")

    @property
    def source(self) -> Source | None:
        """Where the primary takes its data from; None where clients write."""
        return next(iter(self.sources.values()), None)

    def is_primary(self, node: Node) -> bool:
        """Say whether a node is the primary, alive or not."""
        return node is self.primary

    def takes_feed(self, node: Node) -> bool:
        """Say whether a node takes its data from outside of the group: the primary does, and replicas from it."""
        return bool(self.sources) and node is self.primary

    def _holders(self, kind: str) -> tuple[Node, ...]:
        # A name leads to a primary that nobody can reach until another one is promoted, as on AWS.
        primary = (self.primary,) if self.primary.in_service and self.primary.engine.alive else ()
        if kind != "reader":
            return primary
        replicas = tuple(node for node in self.nodes.values() if node.serves and node is not self.primary)
        return replicas or primary

    def _start_all(self, deadline: Deadline) -> None:
        self.primary = self.nodes[self.plan.node_groups[0].nodes[0].cache_cluster_id]
        # A replica whose primary does not answer yet tries again only a second later.
        if self.source:
            self.primary.engine.wipe()
        # An engine that has an append only file reads nothing else; one may begin with an RDB file.
        name = "appendonly.aof" if self.plan.durable else "dump.rdb"
        self._start_with(self.primary, {name: self.plan.seed[0]} if self.plan.seed else {})
        self.primary.engine.ready(deadline)
        self.await_sync(self.primary, deadline)
        replicas = self.siblings(self.primary)
        for node in replicas:
            # What a replica has left is older than what its primary has, or the same.
            node.engine.wipe()
            self._start_again(node)
        for node in replicas:
            node.engine.ready(deadline)
        for node in replicas:
            self.await_sync(node, deadline)

    def start_behind(self, leader: Node, deadline: Deadline) -> None:
        """Start all nodes as replicas of a node of another group."""
        for node in self.nodes.values():
            self._start_with(node, {}, leader)
        for node in self.nodes.values():
            node.engine.ready(deadline)
            self.await_absence(node, lambda _, node=node: replication.lag_behind(node, leader), deadline)

    def take_over(self, deadline: Deadline) -> None:
        """Make the first node the primary, and the others its replicas."""
        with self.primary.engine.admin() as admin:
            admin.command("REPLICAOF", "NO", "ONE")
        for node in self.siblings(self.primary):
            self._follow(node, self.primary)
            self.await_sync(node, deadline)

    def _start_replacement(self, node: Node) -> None:
        self._start_again(node)

    def _start_again(self, node: Node) -> None:
        self._start_with(node, {})

    def _start_with(self, node: Node, files: Mapping[str, Path], leader: Node | None = None) -> None:
        own = {
            **self.workshop.place_settings(node.availability_zone),
            "bind-source-addr": node.address,
            "cluster-enabled": "no",
            "replica-announce-ip": node.address,
            "replica-announce-port": str(self.plan.port),
        }
        leader = leader or (None if node is self.primary else self.primary)
        if leader is not None:
            own["replicaof"] = f"{leader.address} {self.link_port(node)}"
        elif self.source:
            own["replicaof"] = f"{self.source.host} {self.source.port}"
        node.engine.start({**self.plan.settings, **own}, accounts=self.accounts, files=files)

    def _tell_port(self, node: Node) -> None:
        if node is not self.primary:
            self._follow(node, self.primary)

    def _lag(self, node: Node) -> str | None:
        with self._lock:
            primary = self.primary
        if node is primary:
            return replication.silence(node) if self.source else None
        with node.engine.admin() as admin:
            own = admin.info("replication")
            if own.get("master_host") != primary.address:
                # The primary changed while this node started.
                self._follow(node, primary)
                return f"it does not follow {primary.cache_cluster_id} yet"
        return replication.lag(node.address, own, primary, held=bool(node.lag_seconds))

    def _promote(self, node: Node) -> None:
        old = self.primary
        if node is not old and old.reachable:
            self._hand_over(old, node)
        self._lead(node)
        self.primary = node
        node.in_service = True
        for other in self.siblings(node):
            if other.reachable:
                # One that does not answer now is told when it is recovered.
                with contextlib.suppress(OSError, ReplyError):
                    self._follow(other, node)
        if old.reachable:
            with old.engine.admin() as admin:
                admin.command("CLIENT", "UNPAUSE")

    def leader(self, node_group_id: str) -> Node:
        """Give the living primary, also where that is a replica of another group."""
        del node_group_id
        if not self.primary.serves:
            raise EngineStartError(f"{self.plan.key} has no living primary.")
        return self.primary

    def follow(self, sources: Mapping[str, Source]) -> None:
        """Take all data from another place, or none any more; return when the primary has a link to it."""
        with self._lock:
            self._check_running()
            self.sources, primary = sources, self.primary
            if not primary.serves:
                return  # whoever takes its place does it, or it does itself when it comes back
            try:
                self._lead(primary)
            except (OSError, ReplyError) as error:
                raise primary.engine.failure(f"it does not change what it follows: {error}") from error
        self.await_sync(primary, Deadline(FOLLOW_TIMEOUT))

    def _lead(self, node: Node) -> None:
        """Let a node follow nobody in its group."""
        words = (self.source.host, self.source.port) if self.source else ("NO", "ONE")
        if self.source and self.source.door:
            self.source.door.slow(node.address, node.lag_seconds)
        self._point(node, *words, unguarded=self.source is not None and self.source.unguarded)

    def _point(self, node: Node, *words: str | int, unguarded: bool = False) -> None:
        account = self.workshop.account
        user, password = ("", "") if unguarded else (account.name, account.secret)
        with node.engine.admin() as admin:
            admin.command("CONFIG", "SET", "masteruser", user, "masterauth", password)
            admin.command("REPLICAOF", *words)

    def _hand_over(self, old: Node, new: Node) -> None:
        try:
            self._pause_writes(old, new)
        except (OSError, ReplyError):
            # A primary that does not answer could come back and take writes that are lost: it must go for good.
            old.in_service = False
            old.engine.kill()
            self._door.close(old)

    def _pause_writes(self, old: Node, new: Node) -> None:
        """Hold the writes of a living primary until its successor has all of them, so that none is lost."""
        # What is sent to one that lags is on its way for so long.
        seconds = HANDOVER_TIMEOUT + new.lag_seconds
        with old.engine.admin() as primary, new.engine.admin() as replica:
            primary.command("CLIENT", "PAUSE", int(seconds * 1000), "WRITE")

            def behind() -> str | None:
                written = int(primary.info("replication")["master_repl_offset"])
                received = int(replica.info("replication").get("slave_repl_offset", "-1"))
                return "it is behind" if received < written else None

            Deadline(seconds).wait_for(behind)

    def _follow(self, node: Node, primary: Node) -> None:
        self._point(node, primary.address, self.link_port(node))

    def welcome(self, node: Node) -> None:
        """Make a node follow the present primary."""
        with self._lock:
            if node is not self.primary:
                self._follow(node, self.primary)

    def redirect(self, node_group_id: str) -> None:
        """Make the replicas take the way to the primary that `link_port` says."""
        del node_group_id
        with self._lock:
            for node in self.siblings(self.primary):
                if node.reachable:
                    self._follow(node, self.primary)
            if self.source and self.primary.reachable:
                self._lead(self.primary)
                with self.primary.engine.admin() as admin:
                    # One that is told to follow whom it follows already keeps its connection.
                    admin.command("CLIENT", "KILL", "TYPE", "master")

    def _join(self, node: Node) -> None:
        """Do nothing: the node has found its primary by itself."""

    def _announce(self, node: Node, deadline: Deadline) -> None:
        """Do nothing: endpoints lead to it once it is in service."""

    def _leave(self, node: Node) -> None:
        """Do nothing: a primary forgets a replica whose connection is gone."""
