"""What a group of engine processes shall look like: the order that the control plane gives to the fleet."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from elasticache_kit.emulator.fleet.sign_in import SignIn

if TYPE_CHECKING:
    from collections.abc import Mapping

Durability = Literal["disabled", "async", "sync"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePlan:
    """One node.

    Args:
        cache_cluster_id: its name.
        availability_zone: its zone, which Valkey announces to clients; nothing is announced when omitted.
    """

    cache_cluster_id: str
    availability_zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeGroupPlan:
    """One shard.

    Args:
        node_group_id: its id, for example `0001`.
        nodes: its nodes; the first one is the first primary.
        slots: its hash slots, for example `0-5461` or `0-100,200-300`. Omitted when cluster mode is disabled.
    """

    node_group_id: str
    nodes: tuple[NodePlan, ...]
    slots: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPlan:
    """One replication group.

    Args:
        key: its name, unique over accounts and regions, for example `123456789012/eu-west-1/orders`.
        node_groups: its shards; exactly one when cluster mode is disabled.
        cluster_mode: whether engines are in cluster mode.
        compatible: whether there are a primary and a reader endpoint beside the one for cluster clients, which is the
            ClusterMode `compatible`; not when omitted.
        tls: whether clients connect with TLS.
        tls_preferred: whether they may also come without it, the TransitEncryptionMode `preferred`; not when omitted.
        port: where clients connect; 6379 when omitted.
        sign_in: how clients sign in; everybody may do everything when omitted.
        seed: RDB files that the group starts with: one where cluster mode is disabled, else any number. The group is
            empty when omitted.
        source_key: the group that it takes all its data from, as a secondary of a global datastore; none when omitted.
        durable: whether keys outlive the processes, in an append only file; not when omitted.
        durability: whether they outlive the loss of power of all nodes, too, which needs `durable`: `sync` all that was
            acknowledged, `async` all but the last moment; nothing when omitted.
        resumes: whether the group takes up what processes before it have left; it starts anew when omitted.
        parameters: engine settings by the engine's own names. When omitted the engine's defaults apply.
        engine: `valkey` or `redis`, which decides what program runs, see `binary.fitting`; any does when omitted.
        engine_version: the version that was asked for; another one runs where there is no program of this version.
    """

    key: str
    node_groups: tuple[NodeGroupPlan, ...]
    cluster_mode: bool
    tls: bool
    tls_preferred: bool = False
    compatible: bool = False
    port: int = 6379
    sign_in: SignIn = field(default_factory=SignIn)
    seed: tuple[Path, ...] = ()
    source_key: str = ""
    durable: bool = False
    durability: Durability = "disabled"
    resumes: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    engine: str = ""
    engine_version: str = ""

    @property
    def size(self) -> int:
        """How many nodes it has."""
        return sum(len(node_group.nodes) for node_group in self.node_groups)

    @property
    def settings(self) -> Mapping[str, str]:
        """What all engines of the group are started with."""
        # An engine writes a command to the file before it answers: of what was acknowledged, only the end of the whole
        # machine can take the last second, and with `always` not even that.
        fsync = "always" if self.durability == "sync" else "everysec"
        return {**self.parameters, **({"appendonly": "yes", "appendfsync": fsync} if self.durable else {})}
