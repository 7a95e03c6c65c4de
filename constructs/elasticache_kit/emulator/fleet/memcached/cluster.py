"""A Memcached cluster: nodes that know nothing of each other, and a configuration endpoint that names them.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoDiscovery.html
"""

from __future__ import annotations

import resource
import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet import endpoint_name
from elasticache_kit.emulator.fleet.deadline import Deadline
from elasticache_kit.emulator.fleet.front import Listening
from elasticache_kit.emulator.fleet.memcached.node import MemcachedNode
from elasticache_kit.errors import EngineStartError, NotFoundError, RefusedError

if TYPE_CHECKING:
    from elasticache_kit.emulator.fleet.memcached.binary import MemcachedBinary
    from elasticache_kit.emulator.fleet.memcached.plan import MemcachedPlan
    from elasticache_kit.emulator.fleet.yard import Yard

START_TIMEOUT = 60.0
# Files that memcached has open beside its connections; it does not start when both together are too many.
SPARE_FILES = 200


class MemcachedCluster:
    """The nodes of one cluster. Keys are spread by clients; a node that is lost or rebooted comes back empty.

    Args:
        plan: the present order.
        yard: where addresses and processes come from.
        binary: the program.
        directory: where the nodes write.
    """

    def __init__(self, plan: MemcachedPlan, yard: Yard, binary: MemcachedBinary, directory: Path) -> None:
        self.plan = plan
        self._binary, self._directory, self._authority = binary, directory, yard.authority
        # Those of the start: what comes after the end of the fleet must not begin another one.
        self._block, self._spawner, self._front = yard.block, yard.spawner, yard.front
        self._stopped = False
        self._lock = threading.RLock()
        self._nodes: Mapping[str, MemcachedNode] = {}
        self._endpoint = self._block.take((plan.port,), name=f"memcached/{directory.name} configuration")
        self._version = 1

    @property
    def configuration_endpoint(self) -> str:
        """The address that answers `config get cluster`, and passes everything else on to a node."""
        return self._endpoint

    @property
    def ca_file(self) -> Path:
        """The certificate (PEM) that clients trust where the cluster has TLS."""
        return self._authority.ca_file

    @property
    def version(self) -> int:
        """The version of what the configuration endpoint says: one more with each change of the nodes."""
        return self._version

    @property
    def addresses(self) -> Mapping[str, str]:
        """The loopback addresses of the nodes by cache node id; a node keeps its own for life."""
        return {name: node.address for name, node in self._nodes.items()}

    @property
    def alive(self) -> Mapping[str, bool]:
        """Whether each node's process runs."""
        return {name: node.alive for name, node in self._nodes.items()}

    def lost(self, pid: int) -> tuple[str, ...]:
        """Name the node whose process has ended unasked, where it was one of this cluster."""
        return tuple(name for name, node in self._nodes.items() if node.lost(pid))

    def start(self) -> None:
        """Start all nodes and return when they answer; leave nothing running on failure.

        Raises:
            EngineStartError: a node did not come up.
        """
        try:
            with self._lock:
                self._begin(self.plan.nodes)
                self._announce()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End all nodes and give their addresses back."""
        with self._lock:
            self._stopped = True
            self._front.leave((self._endpoint, self.plan.port))
            for name in tuple(self._nodes):
                self._end(name)
            self._block.give_back(self._endpoint)

    def kill(self, cache_node_id: str) -> None:
        """Kill a node (SIGKILL). It stays in what the configuration endpoint says, as on AWS until it is replaced."""
        node = self._node(cache_node_id)
        node.kill(self._spawner)
        if self.plan.tls:
            self._front.leave((node.address, self.plan.port))

    def reboot(self, cache_node_id: str) -> None:
        """End a node, where it lives, and start it again, empty, at its address.

        Raises:
            EngineStartError: it did not come up.
        """
        node = self._node(cache_node_id)
        with self._lock:
            self._check_running()
            self.kill(cache_node_id)
            node.start(self._binary, self._spawner, self._options)
            node.ready(Deadline(START_TIMEOUT))
            self._open(node)

    def add_nodes(self, cache_node_ids: Iterable[str]) -> None:
        """Start nodes, and name them to clients when they answer.

        Raises:
            EngineStartError: one did not come up; none of them is left.
            RefusedError: one of this id exists.
        """
        wanted = tuple(cache_node_ids)
        with self._lock:
            self._check_running()
            taken = [f"node {name} exists" for name in wanted if name in self._nodes]
            if taken:
                raise RefusedError(f"adding nodes to {self.plan.key}", taken)
            try:
                self._begin(wanted)
            except BaseException:
                for name in wanted:
                    self._end(name)
                raise
            self._change()

    def remove_nodes(self, cache_node_ids: Iterable[str]) -> None:
        """End nodes and name them no longer; the keys on them are lost.

        Raises:
            RefusedError: no node would be left.
        """
        unwanted = {self._node(name).cache_node_id for name in cache_node_ids}
        with self._lock:
            self._check_running()
            if unwanted == set(self._nodes):
                raise RefusedError(f"removing nodes from {self.plan.key}", ["no node would be left"])
            # First unknown, then gone: a client that asks now does not go there any more.
            gone, self._nodes = self._nodes, {name: node for name, node in self._nodes.items() if name not in unwanted}
            self._change()
            self._nodes = gone
            for name in unwanted:
                self._end(name)

    def set_options(
        self, options: Mapping[str, str], *, threads: int | None = None, memory_mb: int | None = None
    ) -> None:
        """Change options of the program, for nodes that start or are rebooted from now on.

        Args:
            options: all that shall be there beside threads and memory.
            threads: of each node; as before when omitted.
            memory_mb: for items of each node, in MiB; as before when omitted.
        """
        with self._lock:
            self.plan = replace(
                self.plan,
                options=options,
                threads=self.plan.threads if threads is None else threads,
                memory_mb=self.plan.memory_mb if memory_mb is None else memory_mb,
            )

    def stats(self, cache_node_id: str, group: str = "") -> Mapping[str, str]:
        """Ask a node for its statistics, of a group such as `settings` or the general ones.

        Raises:
            OSError: it does not answer.
        """
        return self._node(cache_node_id).stats(group)

    @property
    def _options(self) -> Mapping[str, str]:
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        return {
            **self.plan.options,
            "-t": str(self.plan.threads),
            "-m": str(self.plan.memory_mb),
            "-c": str(min(self.plan.max_connections, most - SPARE_FILES)),
        }

    @property
    def _node_port(self) -> int:
        # With TLS the front listens where clients connect, and memcached beside it.
        return self.plan.port + 1 if self.plan.tls else self.plan.port

    def _begin(self, names: Iterable[str]) -> None:
        deadline, started = Deadline(START_TIMEOUT), list[MemcachedNode]()
        for name in names:
            address = self._block.take(
                (self.plan.port, self._node_port), name=f"memcached/{self._directory.name}/{name}"
            )
            node = MemcachedNode(name, address, self._node_port, self._directory / f"{name}.log")
            self._nodes = {**self._nodes, name: node}
            node.start(self._binary, self._spawner, self._options)
            started.append(node)
        for node in started:
            node.ready(deadline)
            self._open(node)

    def _end(self, name: str) -> None:
        node = self._nodes.get(name)
        if node is None:
            return
        node.kill(self._spawner)
        self._front.leave((node.address, self.plan.port))
        self._block.give_back(node.address)
        node.log.unlink(missing_ok=True)
        self._nodes = {other: kept for other, kept in self._nodes.items() if other != name}

    def _open(self, node: MemcachedNode) -> None:
        node.in_service = True
        if self.plan.tls:
            self._lead(node.address, (node,), None)

    def _change(self) -> None:
        self._version += 1
        self._announce()

    def _announce(self) -> None:
        names = {
            node: endpoint_name.of(self.plan.key, node.cache_node_id) if self.plan.names else node.address
            for node in self._nodes.values()
        }
        hosts = " ".join(f"{called}|{node.address}|{self.plan.port}" for node, called in names.items())
        self._lead(self._endpoint, tuple(self._nodes.values()), f"{self._version}\n{hosts}\n")

    def _lead(self, address: str, nodes: tuple[MemcachedNode, ...], discovery: str | None) -> None:
        authority, secured = self._authority, self.plan.tls
        wanted = Listening(
            targets=tuple((node.address, node.port) for node in nodes),
            group=self.plan.key,
            certificate=authority.issue(address, endpoint_name.certified(self.plan.key)) if secured else None,
            key=authority.key_file if secured else None,
            discovery=discovery,
        )
        self._front.lead((address, self.plan.port), wanted)

    def _check_running(self) -> None:
        if self._stopped:
            raise EngineStartError(f"{self.plan.key} has been stopped.")

    def _node(self, cache_node_id: str) -> MemcachedNode:
        node = self._nodes.get(cache_node_id)
        if node is None:
            raise NotFoundError(f"{self.plan.key} has no node {cache_node_id}; it has {', '.join(self._nodes)}.")
        return node
