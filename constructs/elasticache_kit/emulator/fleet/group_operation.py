"""What can be done to a replication group that runs, by the key of the group."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from elasticache_kit.emulator.fleet.elastic_group import ElasticGroup
from elasticache_kit.emulator.fleet.encryption import change_tls
from elasticache_kit.emulator.fleet.paper_group import PaperGroup
from elasticache_kit.emulator.fleet.replacement import replace_nodes
from elasticache_kit.emulator.fleet.resharding import Progress, reshard
from elasticache_kit.emulator.fleet.snapshot import take
from elasticache_kit.emulator.fleet.succession import change_cluster_mode
from elasticache_kit.emulator.fleet.world_operation import WorldOperations
from elasticache_kit.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from elasticache_kit.emulator.fleet.binary import EngineBinary
    from elasticache_kit.emulator.fleet.group import Group
    from elasticache_kit.emulator.fleet.node import Door
    from elasticache_kit.emulator.fleet.plan import GroupPlan, NodeGroupPlan, NodePlan
    from elasticache_kit.emulator.fleet.replication import Role
    from elasticache_kit.emulator.fleet.sign_in import SignIn


class GroupOperations(WorldOperations):
    """The operations of a fleet on its groups; whoever inherits them knows the groups."""

    @abstractmethod
    def _door(self, plan: GroupPlan) -> Door:
        """Make the way by which clients come to a group."""

    @abstractmethod
    def _program(self, engine: str, version: str) -> EngineBinary:
        """Give the program that runs for an engine and a version."""

    @abstractmethod
    def _appoint(self, key: str, group: Group) -> None:
        """Let a group run under a key in the place of the one before."""

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

    def hold(self, key: str, cache_cluster_id: str) -> None:
        """Stop a node where it is (SIGSTOP): connections stay, and nothing answers, until `release`."""
        self.group(key).node(cache_cluster_id).engine.hold()

    def release(self, key: str, cache_cluster_id: str) -> None:
        """Let a node go on (SIGCONT) that `hold` has stopped; nothing happens where none has."""
        self.group(key).node(cache_cluster_id).engine.release()

    def replicas_by_offset(self, key: str, node_group_id: str) -> tuple[str, ...]:
        """Give the living replicas of a shard that are in service, the most current one first."""
        return self.group(key).replicas_by_offset(node_group_id)

    def successors(self, key: str, node_group_id: str) -> tuple[str, ...]:
        """Give who can lead a shard whose primary is lost, the best first, see `roster.Roster.successors`."""
        return self.group(key).successors(node_group_id)

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

    def change_tls(self, key: str, *, tls: bool, preferred: bool = False) -> None:
        """Let clients of a group come with TLS, and also without it where that is only preferred; connections stay.

        Raises:
            EngineStartError: an engine or the front does not play along; then all is as it was.
        """
        group = self.group(key)
        if isinstance(group, PaperGroup):
            group.set_tls(tls=tls, preferred=preferred)
        else:
            change_tls(group, self._door, tls=tls, preferred=preferred)

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
        group = self.group(key)
        if isinstance(group, PaperGroup):
            group.set_parameters(parameters, {})
        else:
            replace_nodes(group, parameters)

    def upgrade(self, key: str, engine: str, version: str, parameters: Mapping[str, str]) -> bool:
        """Have the program of another engine or version run, in the way of `replace_nodes`.

        Returns:
            whether processes were replaced; none are where the program that fits best runs already.

        Raises:
            EngineStartError: a new process did not come up or did not catch up.
        """
        group = self.group(key)
        if isinstance(group, PaperGroup):
            group.plan = replace(group.plan, engine=engine, engine_version=version)
            return False
        before, plan = group.workshop.binary, group.plan
        if not group.run(self._program(engine, version), engine, version):
            return False
        try:
            replace_nodes(group, parameters)
        except BaseException:
            if all(node.engine.runs == before for node in group.nodes.values()):
                # Nothing has changed: what is replaced later shall not change either.
                group.run(before, plan.engine, plan.engine_version)
            raise
        group.settle()
        return True

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
        if isinstance(group, PaperGroup) and group.plan.cluster_mode:
            group.reshard(slots, new)
            return
        if not isinstance(group, ElasticGroup):
            raise RefusedError(f"resharding {key}", ["cluster mode is disabled"])
        reshard(group, slots, new, progress)

    def rebuild(self, key: str, source: str, slots: Mapping[str, str], *, new: Sequence[NodeGroupPlan] = ()) -> None:
        """Give a group that follows another one the shards that this has by now, see `following_group.rebuild`.

        Raises:
            RefusedError: it is not in cluster mode, or one of the two has no engines and the other one has.
            EngineStartError: a node did not come up or did not catch up.
        """
        group = self.group(key)
        if isinstance(group, PaperGroup):
            group.reshard(slots, new)
        elif isinstance(group, ElasticGroup):
            group.rebuild(slots, new, self._real(source).feed())
        else:
            raise RefusedError(f"resharding {key}", ["cluster mode is disabled"])

    def change_cluster_mode(self, key: str, *, cluster_mode: bool, compatible: bool) -> None:
        """Give a group of one shard another cluster mode while clients go on, see `succession.change_cluster_mode`.

        Raises:
            RefusedError: it has several shards, or keys in a database that it would not have in cluster mode.
            EngineStartError: an engine did not come up or did not catch up.
        """
        group = self.group(key)
        if isinstance(group, PaperGroup):
            raise RefusedError(f"changing the cluster mode of {key}", ["it has no engines, there was no room for them"])
        change_cluster_mode(
            group, cluster_mode=cluster_mode, compatible=compatible, appoint=partial(self._appoint, key)
        )

    def roles(self, key: str) -> dict[str, Role]:
        """Ask every node of a group what it is."""
        return self.group(key).roles()

    def _endpoint(self, key: str, kind: str) -> str | None:
        endpoint = self.group(key).endpoints.get(kind)
        return None if endpoint is None else endpoint.address
