"""The engine processes of an emulator: one real server process for every cache node."""

from __future__ import annotations

import contextlib
import shutil
import threading
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from elasticache_kit.emulator.fleet import binary as engine_binary
from elasticache_kit.emulator.fleet import iam_gate, room
from elasticache_kit.emulator.fleet.certificate import CertificateAuthority
from elasticache_kit.emulator.fleet.cluster_group import FEW_NODES
from elasticache_kit.emulator.fleet.door import PlainDoor, TlsDoor
from elasticache_kit.emulator.fleet.elastic_group import ElasticGroup
from elasticache_kit.emulator.fleet.group_operation import GroupOperations
from elasticache_kit.emulator.fleet.large_group import LargeGroup
from elasticache_kit.emulator.fleet.memcached.operation import MemcachedOperations
from elasticache_kit.emulator.fleet.paper_group import PaperGroup
from elasticache_kit.emulator.fleet.postgresql.register import PostgreSQLRegister
from elasticache_kit.emulator.fleet.replicated_group import ReplicatedGroup
from elasticache_kit.emulator.fleet.workshop import Workshop
from elasticache_kit.emulator.fleet.yard import Yard
from elasticache_kit.errors import EngineStartError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from elasticache_kit.emulator.fleet.address import Addresses
    from elasticache_kit.emulator.fleet.binary import EngineBinary
    from elasticache_kit.emulator.fleet.group import Group
    from elasticache_kit.emulator.fleet.iam_token import Lookup
    from elasticache_kit.emulator.fleet.memcached.cluster import MemcachedCluster
    from elasticache_kit.emulator.fleet.node import Door
    from elasticache_kit.emulator.fleet.plan import GroupPlan


# Where the engines of replication groups have their directories, in that of the fleet.
GROUPS = "groups"


class Fleet(GroupOperations, MemcachedOperations):
    """Starts, kills, promotes and replaces the engines of replication groups; safe to use from several threads.

    No engine outlives this process, however it ends. After `stop` the fleet can be used again.

    Args:
        directory: where engines keep their configuration and logs; made when it does not exist.
        authority: who signs certificates for TLS; one of its own, kept in the directory, when omitted.
        binary: the only server program; when omitted whatever this machine has runs for the engine that is asked for.
        secret_key: gives the secret of an access key, empty for one that is no longer good, or None for one that nobody
            knows. IAM tokens of known keys must bear the right signature; those of others, all when omitted, are looked
            at but for the signature.
        most_engines: how many may run for replication groups; a group that would be beyond that is kept on paper only.
            What `room.most_engines` says when omitted.

    Raises:
        MissingToolError: no server program runs on this machine.
    """

    def __init__(
        self,
        directory: Path,
        *,
        authority: CertificateAuthority | None = None,
        binary: Path | None = None,
        secret_key: Lookup | None = None,
        most_engines: int | None = None,
    ) -> None:
        self._directory = directory.absolute()
        self._directory.mkdir(parents=True, exist_ok=True)
        self._programs = engine_binary.find_all(binary)
        self._secret_key = secret_key or _unknown
        self._most_engines = room.most_engines() if most_engines is None else most_engines
        # Called with the group and the node whose process has ended unasked; nobody cares when None.
        self.on_loss: Callable[[str, str], None] | None = None
        self._lock = threading.Lock()
        self._groups: dict[str, Group] = {}
        self._clusters: dict[str, MemcachedCluster] = {}
        authority = authority or CertificateAuthority(self._directory / "tls")
        self._yard = Yard(self._directory, authority, self._judge, self._lost)
        self.postgresql = PostgreSQLRegister(self._yard)

    @property
    def directory(self) -> Path:
        """Where engines, certificates and snapshots have their files."""
        return self._directory

    @property
    def ca_file(self) -> Path:
        """The certificate (PEM) that clients of groups with TLS trust."""
        return self._yard.authority.ca_file

    def start_group(self, plan: GroupPlan) -> None:
        """Start the nodes of a group and return when it accepts writes; it is in `on_paper` where there is no room.

        Raises:
            EngineStartError: a node did not come up, an address or port is taken, or a group of this key runs. Nothing
                of the group is left running.
        """
        source = self.group(plan.source_key) if plan.source_key else None
        with self._lock:
            if plan.key in self._groups:
                raise EngineStartError(f"{plan.key} is running already.")
            workshop = self._workshop(plan)
            if source is not None:
                # Engines of both groups sign in to each other, for the roles may be exchanged.
                workshop = replace(workshop, account=source.workshop.account)
            # Who follows a group without engines has nothing to follow.
            kind = _kind(plan) if self._has_room(plan) and not isinstance(source, PaperGroup) else PaperGroup
            group = kind(plan, workshop)
            self._groups[plan.key] = group
        try:
            if source is not None and kind is not PaperGroup:
                group.sources = source.feed()
            group.start()
        except BaseException:
            with self._lock:
                self._groups.pop(plan.key, None)
            raise

    def stop_group(self, key: str) -> None:
        """End the nodes of a group and remove their files; nothing happens when none of this key runs."""
        with self._lock:
            group = self._groups.pop(key, None)
        if group is not None:
            group.stop()
            for node in group.nodes.values():
                shutil.rmtree(node.engine.directory, ignore_errors=True)
            with contextlib.suppress(OSError):
                # Not where another thread has begun a group of the name.
                (self._directory / GROUPS / quote(key, safe="")).rmdir()

    def stop(self) -> None:
        """End everything; nothing happens when nothing runs."""
        with self._lock:
            running = [*self._groups.values(), *self._clusters.values()]
            self._groups, self._clusters = {}, {}
        for group in running:
            group.stop()
        self.postgresql.stop()
        self._yard.close()

    @property
    def keys(self) -> tuple[str, ...]:
        """What runs, by key."""
        with self._lock:
            return (*self._groups, *self._clusters)

    @property
    def on_paper(self) -> tuple[str, ...]:
        """The groups that have no engines because there was no room for them, by key."""
        with self._lock:
            return tuple(key for key, group in self._groups.items() if isinstance(group, PaperGroup))

    @property
    def most_engines(self) -> int:
        """How many engines may run for replication groups."""
        return self._most_engines

    def group(self, key: str) -> Group:
        """Give what runs under a key.

        Raises:
            NotFoundError: nothing does.
        """
        with self._lock:
            group = self._groups.get(key)
        if group is None:
            raise NotFoundError(f"No engines run for {key}.")
        return group

    def versions(self) -> dict[str, dict[str, str]]:
        """Give what was asked for and what runs, by the key of each group and database: `asked` and `running`."""
        with self._lock:
            groups = dict(self._groups)
        return self.postgresql.versions() | {
            key: {
                "asked": f"{group.plan.engine} {group.plan.engine_version}".strip(),
                "running": f"{group.workshop.binary.engine} {group.workshop.binary.version}",
            }
            for key, group in groups.items()
        }

    def _program(self, engine: str, version: str) -> EngineBinary:
        return engine_binary.fitting(self._programs, engine, version)

    def _appoint(self, key: str, group: Group) -> None:
        with self._lock:
            self._groups[key] = group

    @property
    def addresses(self) -> Addresses:
        """Where everything of the fleet is."""
        return self._yard.addresses

    def expect(self, addresses: Addresses) -> None:
        """Give what comes under a name the address that it has had before; before anything starts."""
        self._yard.expect(addresses)

    @property
    def front_pid(self) -> int | None:
        """The process id of the front; None where nothing has needed it yet."""
        return self._yard.front_pid

    def pids(self) -> tuple[int, ...]:
        """Give the process ids of all engines."""
        return self._yard.pids

    def _has_room(self, plan: GroupPlan) -> bool:
        running = sum(len(group.nodes) for group in self._groups.values() if not isinstance(group, PaperGroup))
        return running + plan.size <= self._most_engines

    def _lost(self, pid: int) -> None:
        self.postgresql.lost(pid)
        with self._lock:
            groups = list(self._groups.items())
        for key, group in groups:
            for node in group.nodes.values():
                if (child := node.engine.child) and child.pid == pid and node.in_service and self.on_loss is not None:
                    self.on_loss(key, node.cache_cluster_id)
        for key, cache_node_id in self._lost_memcached(pid):
            if self.on_loss is not None:
                self.on_loss(key, cache_node_id)

    def _workshop(self, plan: GroupPlan) -> Workshop:
        return Workshop(
            binary=self._program(plan.engine, plan.engine_version),
            spawner=self._yard.spawner,
            block=self._yard.block,
            door=self._door(plan),
            front=self._yard.front,
            links=self._yard.links,
            directory=self._directory / GROUPS / quote(plan.key, safe=""),
            port=plan.port,
            resumes=plan.resumes,
        )

    def _door(self, plan: GroupPlan) -> Door:
        if plan.tls:
            common = self._yard.front, self._yard.authority, plan.port, plan.key
            # Engines that tell clients of the front's port tell other engines of it, too.
            through = plan.cluster_mode and not self._program(plan.engine, plan.engine_version).tells_client_port
            peers = self._yard.block.prefix if through else ""
            return TlsDoor(*common, preferred=plan.tls_preferred, peers=peers)
        return PlainDoor(self._yard.front, plan.port, plan.key)

    def _judge(self, key: str, user: str, token: str) -> str:
        group = self._groups.get(key)
        return "" if group is None else iam_gate.password(group, user, token, self._secret_key)


def _kind(plan: GroupPlan) -> type[ReplicatedGroup | ElasticGroup]:
    if not plan.cluster_mode:
        return ReplicatedGroup
    return LargeGroup if plan.size > FEW_NODES else ElasticGroup


def _unknown(access_key: str) -> None:
    """Know no secret."""
    del access_key
