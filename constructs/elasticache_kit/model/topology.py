"""Topology: which node groups a replication group has, which nodes are in them, and in which zone each node is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.model.identifier import fold
from elasticache_kit.model.slot import even_ranges
from elasticache_kit.model.unknown import UNKNOWN, UndecidedError, Unknown, known

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elasticache_kit.model.replication_group.spec import NodeGroupSpec, ReplicationGroupSpec

_DEFAULT_GROUP = "default."
_CLUSTER_ON = ".cluster.on"


@dataclass(frozen=True, slots=True)
class Member:
    """A node of a replication group.

    Args:
        cache_cluster_id: its id.
        node_group_id: the node group that it is in.
        availability_zone: its zone; None where no zones are known.
    """

    cache_cluster_id: str
    node_group_id: str
    availability_zone: str | None


@dataclass(frozen=True, slots=True)
class NodeGroup:
    """A shard: a primary and its replicas.

    Args:
        node_group_id: four digits, or what the spec says.
        slots: its ranges of slots; None where cluster mode is disabled.
        members: its nodes; the first is the first primary.
    """

    node_group_id: str
    slots: str | None
    members: tuple[Member, ...]


def cluster_mode_enabled(spec: ReplicationGroupSpec) -> bool | Unknown:
    """Tell whether the nodes of a group speak cluster mode; a group in mode compatible does.

    Where ClusterMode is omitted, more than one shard or a parameter group with cluster-enabled turns it on.
    """
    if spec.cluster_mode is not None:
        return UNKNOWN if isinstance(spec.cluster_mode, Unknown) else spec.cluster_mode != "disabled"
    signs = (_several(spec), parameter_group_cluster_enabled(spec))
    if True in signs:
        return True
    return UNKNOWN if UNKNOWN in signs else False


def parameter_group_cluster_enabled(spec: ReplicationGroupSpec) -> bool | Unknown:
    """Tell whether the parameter group turns cluster mode on: the spec says it, or the name of a default group."""
    if spec.parameter_group_cluster_enabled is not None:
        return spec.parameter_group_cluster_enabled
    name = spec.cache_parameter_group_name
    if name is None:
        return False
    if isinstance(name, Unknown) or not fold(name).startswith(_DEFAULT_GROUP):
        return UNKNOWN
    return fold(name).endswith(_CLUSTER_ON)


def replica_counts(spec: ReplicationGroupSpec) -> tuple[int, ...]:
    """Return the number of replicas of each node group.

    NodeGroupConfiguration says it, else NumNodeGroups and ReplicasPerNodeGroup, else NumCacheClusters; a group of
    which nothing is said is one node.

    Raises:
        UndecidedError: a number that matters is UNKNOWN.
    """
    configuration = known(spec.node_group_configuration)
    if configuration:
        return tuple(_replicas(spec, node_group) for node_group in configuration)
    shards = known(spec.num_node_groups)
    if shards is None and known(spec.replicas_per_node_group) is None:
        nodes = known(spec.num_cache_clusters)
        return (max(0, (1 if nodes is None else nodes) - 1),)
    replicas = known(spec.replicas_per_node_group)
    if replicas is None and shards in {None, 1}:
        nodes = known(spec.num_cache_clusters)
        return (max(0, (1 if nodes is None else nodes) - 1),)
    return (max(0, replicas or 0),) * max(1, 1 if shards is None else shards)


def node_groups(group_id: str, spec: ReplicationGroupSpec, zones: Sequence[str]) -> tuple[NodeGroup, ...]:
    """Return the node groups that ElastiCache makes of a spec, with the ids that it gives.

    Args:
        group_id: the id of the replication group.
        spec: what was asked for, without UNKNOWN in what says how many nodes there are and where.
        zones: the zones to spread nodes over where the spec names none; may be empty.

    Raises:
        UndecidedError: a value that matters is UNKNOWN.
    """
    counts = replica_counts(spec)
    if not known(cluster_mode_enabled(spec)):
        return (_disabled(fold(group_id), spec, counts[0], zones),)
    configuration = known(spec.node_group_configuration) or (None,) * len(counts)
    ranges = even_ranges(len(counts))
    found: list[NodeGroup] = []
    for index, (asked, replicas) in enumerate(zip(configuration, counts, strict=True)):
        number = known(asked.node_group_id) if asked else None
        node_group_id = f"{index + 1:04}" if number is None else number.zfill(4)
        placed = _placed(asked, replicas) or _spread(index, replicas + 1, zones)
        slots = known(asked.slots) if asked else None
        found.append(_node_group(f"{fold(group_id)}-{node_group_id}", node_group_id, slots or ranges[index], placed))
    return tuple(found)


def _disabled(group_id: str, spec: ReplicationGroupSpec, replicas: int, zones: Sequence[str]) -> NodeGroup:
    configuration = known(spec.node_group_configuration)
    named = known(spec.preferred_cache_cluster_azs)
    placed = _placed(configuration[0] if configuration else None, replicas)
    if placed is None and named and len(named) == replicas + 1:
        placed = named
    return _node_group(group_id, "0001", None, placed or _spread(0, replicas + 1, zones))


def _node_group(prefix: str, node_group_id: str, slots: str | None, zones: Sequence[str | None]) -> NodeGroup:
    members = tuple(Member(f"{prefix}-{number:03}", node_group_id, zone) for number, zone in enumerate(zones, start=1))
    return NodeGroup(node_group_id, slots, members)


def _placed(asked: NodeGroupSpec | None, replicas: int) -> tuple[str, ...] | None:
    """Return the zones that a NodeGroupConfiguration names, None where it does not name one for each node."""
    if asked is None:
        return None
    primary, others = known(asked.primary_availability_zone), known(asked.replica_availability_zones) or ()
    return (primary, *others) if primary is not None and len(others) == replicas else None


def _spread(index: int, nodes: int, zones: Sequence[str]) -> tuple[str | None, ...]:
    """Spread the nodes of a node group over the zones, starting one zone further than the group before."""
    return tuple(zones[(index + number) % len(zones)] if zones else None for number in range(nodes))


def _replicas(spec: ReplicationGroupSpec, node_group: NodeGroupSpec) -> int:
    """Return the replicas of one node group: its own count, else the length of its zones, else the common count."""
    count = known(node_group.replica_count)
    if count is None:
        count = known(spec.replicas_per_node_group)
    if count is None:
        count = len(known(node_group.replica_availability_zones) or ())
    return max(0, count)


def _several(spec: ReplicationGroupSpec) -> bool | Unknown:
    """Tell whether there is more than one shard."""
    try:
        many_configured = len(known(spec.node_group_configuration) or ()) > 1
        return many_configured or (known(spec.num_node_groups) or 0) > 1
    except UndecidedError:
        return UNKNOWN
