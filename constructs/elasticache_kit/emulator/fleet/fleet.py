"""The engine processes of an emulator: one real server process for every cache node."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from urllib.parse import quote

from elasticache_kit.emulator.fleet import binary as engine_binary
from elasticache_kit.emulator.fleet import iam_gate, memcached_binary
from elasticache_kit.emulator.fleet.certificate import CertificateAuthority
from elasticache_kit.emulator.fleet.door import PlainDoor, TlsDoor
from elasticache_kit.emulator.fleet.elastic_group import ElasticGroup
from elasticache_kit.emulator.fleet.memcached_cluster import MemcachedCluster
from elasticache_kit.emulator.fleet.replacement import replace_nodes
from elasticache_kit.emulator.fleet.replicated_group import ReplicatedGroup
from elasticache_kit.emulator.fleet.resharding import Progress, reshard
from elasticache_kit.emulator.fleet.snapshot import take
from elasticache_kit.emulator.fleet.workshop import Workshop
from elasticache_kit.emulator.fleet.yard import Yard
from elasticache_kit.errors import EngineStartError, NotFoundError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from elasticache_kit.emulator.fleet.group import Group
    from elasticache_kit.emulator.fleet.iam_token import Lookup
    from elasticache_kit.emulator.fleet.memcached_plan import MemcachedPlan
    from elasticache_kit.emulator.fleet.node import Door
    from elasticache_kit.emulator.fleet.plan import GroupPlan, NodeGroupPlan, NodePlan
    from elasticache_kit.emulator.fleet.replication import Role
    from elasticache_kit.emulator.fleet.sign_in import SignIn


class Fleet:
    """Starts, kills, promotes and replaces the engines of replication groups; safe to use from several threads.

    No engine outlives this process, however it ends. After `stop` the fleet can be used again.

    Args:
        directory: where engines keep their configuration and logs; made when it does not exist.
        authority: who signs certificates for TLS; one of its own, kept in the directory, when omitted.
        binary: the server program; found when omitted (see `binary.find`).
        secret_key: gives the secret of an access key, empty for one that is no longer good, or None for one that nobody
            knows. IAM tokens of known keys must bear the right signature; those of others, all when omitted, are looked
            at but for the signature.

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
    ) -> None:
        self._directory = directory.absolute()
        self._directory.mkdir(parents=True, exist_ok=True)
        self._binary = engine_binary.find(binary)
        self._secret_key = secret_key or _unknown
        self._lock = threading.Lock()
        self._groups: dict[str, Group] = {}
        self._clusters: dict[str, MemcachedCluster] = {}
        authority = authority or CertificateAuthority(self._directory / "tls")
        self._yard = Yard(self._directory, authority, self._judge)

    @property
    def ca_file(self) -> Path:
        """The certificate (PEM) that clients of groups with TLS trust."""
        return self._yard.authority.ca_file

    def start_group(self, plan: GroupPlan) -> None:
        """Start the nodes of a group and return when it accepts writes.

        Raises:
            EngineStartError: a node did not come up, an address or port is taken, or a group of this key runs. Nothing
                of the group is left running.
        """
        with self._lock:
            if plan.key in self._groups:
                raise EngineStartError(f"{plan.key} is running already.")
            kind = ElasticGroup if plan.cluster_mode else ReplicatedGroup
            group = kind(plan, self._workshop(plan))
            self._groups[plan.key] = group
        try:
            group.start()
        except BaseException:
            with self._lock:
                self._groups.pop(plan.key, None)
            raise

    def stop_group(self, key: str) -> None:
        """End the nodes of a group; nothing happens when none of this key runs."""
        with self._lock:
            group = self._groups.pop(key, None)
        if group is not None:
            group.stop()

    def stop(self) -> None:
        """End everything; nothing happens when nothing runs."""
        with self._lock:
            running = [*self._groups.values(), *self._clusters.values()]
            self._groups, self._clusters = {}, {}
        for group in running:
            group.stop()
        self._yard.close()

    def start_memcached(self, plan: MemcachedPlan) -> MemcachedCluster:
        """Start the nodes of a Memcached cluster and return when all answer.

        Raises:
            EngineStartError: a node did not come up, or a cluster of this key runs. Nothing of it is left running.
            MissingToolError: memcached is not installed.
        """
        with self._lock:
            if plan.key in self._clusters:
                raise EngineStartError(f"{plan.key} is running already.")
            directory = self._directory / "memcached" / quote(plan.key, safe="")
            cluster = MemcachedCluster(plan, self._yard, memcached_binary.find(), directory)
            self._clusters[plan.key] = cluster
        try:
            cluster.start()
        except BaseException:
            with self._lock:
                self._clusters.pop(plan.key, None)
            raise
        return cluster

    def stop_memcached(self, key: str) -> None:
        """End the nodes of a Memcached cluster; nothing happens when none of this key runs."""
        with self._lock:
            cluster = self._clusters.pop(key, None)
        if cluster is not None:
            cluster.stop()

    def memcached(self, key: str) -> MemcachedCluster:
        """Give the Memcached cluster that runs under a key, with everything that can be done to it.

        Raises:
            NotFoundError: none does.
        """
        with self._lock:
            cluster = self._clusters.get(key)
        if cluster is None:
            raise NotFoundError(f"No Memcached cluster runs as {key}.")
        return cluster

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

    def node_address(self, key: str, cache_cluster_id: str) -> str:
        """Give a node's loopback address, which it keeps for life, also when it is killed and recovered.

        Raises:
            NotFoundError: there is no such group or node; here and in every method that takes a key.
        """
        return self.group(key).node(cache_cluster_id).address

    def primary_endpoint(self, key: str) -> str | None:
        """Give the address that always leads to the primary; None when cluster mode is enabled."""
        return self._endpoint(key, "primary")

    def reader_endpoint(self, key: str) -> str | None:
        """Give the address that leads to a replica, or to the primary where there is none; None in cluster mode."""
        return self._endpoint(key, "reader")

    def configuration_endpoint(self, key: str) -> str | None:
        """Give the address through which clients discover the shards; None when cluster mode is disabled."""
        return self._endpoint(key, "configuration")

    def kill(self, key: str, cache_cluster_id: str) -> None:
        """Kill a node (SIGKILL).

        The reader and the configuration endpoint turn to another node, as their AWS counterparts name several; the
        primary endpoint leads nowhere until a node is promoted.
        """
        self.group(key).kill(cache_cluster_id)

    def replicas_by_offset(self, key: str, node_group_id: str) -> tuple[str, ...]:
        """Give the living replicas of a shard that are in service, the most current one first."""
        return self.group(key).replicas_by_offset(node_group_id)

    def promote(self, key: str, cache_cluster_id: str) -> None:
        """Make a node the primary of its shard; return when it accepts writes and the endpoints have moved.

        A primary that lives hands over first, so that no acknowledged write is lost. A node that is the primary already
        stays it.

        Raises:
            EngineStartError: the node does not run or does not answer.
        """
        self.group(key).promote(cache_cluster_id)

    def recover(self, key: str, cache_cluster_id: str) -> None:
        """Replace a node as AWS does: it starts empty at its address, as a replica; return when it is in sync.

        Raises:
            EngineStartError: it did not come up or did not catch up.
        """
        self.group(key).recover(cache_cluster_id)

    def restart(self, key: str, cache_cluster_id: str) -> None:
        """Reboot a node in the role that it has: a primary comes back empty, and its replicas follow it in that.

        Raises:
            EngineStartError: it did not come up or did not catch up.
        """
        self.group(key).restart(cache_cluster_id)

    def add_replica(self, key: str, node_group_id: str, node: NodePlan) -> None:
        """Add a replica to a shard; return when it is in sync.

        Raises:
            EngineStartError: it did not come up; nothing of it is left.
            RefusedError: a node of this name exists.
        """
        self.group(key).add_replica(node_group_id, node)

    def remove_replica(self, key: str, cache_cluster_id: str) -> None:
        """End a replica and forget it.

        Raises:
            RefusedError: it is a primary.
        """
        self.group(key).remove_replica(cache_cluster_id)

    def set_sign_in(self, key: str, sign_in: SignIn) -> None:
        """Change how clients sign in; return when every node that lives knows it, and those that start later will.

        Connections that have signed in stay, but for those of a user that is no longer there.
        """
        self.group(key).set_sign_in(sign_in)

    def prefer_tls(self, key: str, *, preferred: bool) -> None:
        """Let clients of a group with TLS come without it, too (TransitEncryptionMode `preferred`), or no longer.

        Connections that exist stay.

        Raises:
            RefusedError: the group was started without TLS.
        """
        self.group(key).prefer_tls(preferred=preferred)

    def set_parameters(self, key: str, now: Mapping[str, str], *, on_reboot: Mapping[str, str] | None = None) -> None:
        """Change engine settings by the engine's own names.

        Args:
            key: the group.
            now: what running nodes take at once.
            on_reboot: what a node takes when it starts the next time; nothing when omitted.

        Raises:
            EngineStartError: an engine does not take a setting, with its words. Others may have taken it.
        """
        self.group(key).set_parameters(now, on_reboot or {})

    def snapshot(self, key: str, directory: Path) -> Mapping[str, Path]:
        """Write the data of a group to RDB files and give them by node group id, see `snapshot.take`.

        A plan with these files as its `seed` starts a group with the data, also of another number of shards.

        Raises:
            EngineStartError: a shard has no living primary, or a node could not write.
        """
        return take(self.group(key), directory)

    def replace_nodes(self, key: str, parameters: Mapping[str, str]) -> None:
        """Replace every process of a group by a new one with other settings, see `replacement.replace_nodes`.

        Raises:
            EngineStartError: a new process did not come up or did not catch up.
        """
        replace_nodes(self.group(key), parameters)

    def reshard(
        self,
        key: str,
        slots: Mapping[str, str],
        *,
        new: Sequence[NodeGroupPlan] = (),
        progress: Progress | None = None,
    ) -> None:
        """Give a group in cluster mode other shards while clients go on, see `resharding.reshard`.

        Raises:
            RefusedError: cluster mode is disabled, the slots are not each in one shard, or a shard is not known.
            EngineStartError: a node did not come up, or slots did not move.
        """
        group = self.group(key)
        if not isinstance(group, ElasticGroup):
            raise RefusedError(f"resharding {key}", ["cluster mode is disabled"])
        reshard(group, slots, new, progress)

    def roles(self, key: str) -> dict[str, Role]:
        """Ask every node of a group what it is."""
        return self.group(key).roles()

    @property
    def front_pid(self) -> int | None:
        """The process id of the front; None where nothing has needed it yet."""
        return self._yard.front_pid

    def pids(self) -> tuple[int, ...]:
        """Give the process ids of all engines."""
        return self._yard.pids

    def _endpoint(self, key: str, kind: str) -> str | None:
        endpoint = self.group(key).endpoints.get(kind)
        return None if endpoint is None else endpoint.address

    def _workshop(self, plan: GroupPlan) -> Workshop:
        return Workshop(
            binary=self._binary,
            spawner=self._yard.spawner,
            block=self._yard.block,
            door=self._door(plan),
            directory=self._directory / "groups" / quote(plan.key, safe=""),
            port=plan.port,
        )

    def _door(self, plan: GroupPlan) -> Door:
        if plan.tls:
            common = self._yard.front, self._yard.authority, plan.port, plan.key
            return TlsDoor(*common, preferred=plan.tls_preferred)
        return PlainDoor(self._yard.front, plan.port, plan.key)

    def _judge(self, key: str, user: str, token: str) -> str:
        group = self._groups.get(key)
        return "" if group is None else iam_gate.password(group, user, token, self._secret_key)


def _unknown(access_key: str) -> None:
    """Know no secret."""
    del access_key
