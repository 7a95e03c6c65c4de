"""Rules of how many shards and nodes there are, and of cluster mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model import quota, topology
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.replication_group import effective
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.replication_group.spec import ReplicationGroupSpec

_MODES = ("disabled", "compatible", "enabled")
_FIRST_REDIS_WITH_500_NODES = (5, 0, 6)


def num_cache_clusters_range(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-num-cache-clusters-range."""
    count = known(spec.num_cache_clusters)
    if count is not None and not 1 <= count <= quota.NODES_PER_SHARD:
        yield Finding(
            "num_cache_clusters",
            count,
            f"a replication group without cluster mode has 1 to {quota.NODES_PER_SHARD} nodes",
            f"set num_cache_clusters to 1 to {quota.NODES_PER_SHARD}, or take several shards in cluster mode",
        )


def num_node_groups_range(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-num-node-groups-range."""
    count = known(spec.num_node_groups)
    if count is not None and count < 1:
        yield Finding("num_node_groups", count, "there is at least 1 shard", "set num_node_groups to 1 or more")


def replicas_range(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-replicas-range."""
    counts = [("replicas_per_node_group", spec.replicas_per_node_group)]
    configuration = spec.node_group_configuration
    if isinstance(configuration, tuple):
        counts += [
            (f"node_group_configuration[{i}].replica_count", n.replica_count) for i, n in enumerate(configuration)
        ]
    for name, count in counts:
        if isinstance(count, int) and not 0 <= count <= quota.REPLICAS_PER_SHARD:
            yield Finding(
                name,
                count,
                f"a shard has 0 to {quota.REPLICAS_PER_SHARD} replicas",
                f"set it to 0 to {quota.REPLICAS_PER_SHARD}",
            )


def sizing_exclusive(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-sizing-exclusive."""
    nodes = known(spec.num_cache_clusters)
    if nodes is None:
        return
    others: list[str] = []
    if isinstance(spec.num_node_groups, int) and spec.num_node_groups > 1:
        others.append(f"num_node_groups={spec.num_node_groups}")
    if isinstance(spec.replicas_per_node_group, int):
        others.append(f"replicas_per_node_group={spec.replicas_per_node_group}")
    if isinstance(spec.node_group_configuration, tuple) and spec.node_group_configuration:
        others.append("node_group_configuration")
    if others:
        yield Finding(
            "num_cache_clusters",
            nodes,
            f"it cannot be combined with {' and '.join(others)}",
            "give num_cache_clusters for one shard without cluster mode, the others for cluster mode",
        )


def shard_limit(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-shard-limit."""
    nodes = _cluster_mode_nodes(spec)
    if nodes <= quota.NODES_PER_GROUP_CEILING_BEFORE_5_0_6:
        return
    version = effective.version(spec)
    old = version.engine is Engine.REDIS and version.number < _FIRST_REDIS_WITH_500_NODES
    most = quota.NODES_PER_GROUP_CEILING_BEFORE_5_0_6 if old else quota.NODES_PER_GROUP_CEILING
    if nodes > most:
        yield Finding(
            _shards_property(spec),
            _shards(spec),
            f"{nodes} nodes in one group are too many: {version} takes at most {most}, however high the quota",
            "take fewer shards or replicas",
        )


def shard_quota(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-shard-quota."""
    nodes = _cluster_mode_nodes(spec)
    if quota.NODES_PER_GROUP < nodes <= quota.NODES_PER_GROUP_CEILING:
        yield Finding(
            _shards_property(spec),
            _shards(spec),
            f"{nodes} nodes are above {quota.NODES_PER_GROUP}, the default quota of nodes per cluster",
            f"make sure that AWS has raised the quota (L-AF354865) to {nodes} or more",
        )


def cluster_mode_values(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-cluster-mode-values."""
    mode = known(spec.cluster_mode)
    if mode is not None and mode not in _MODES:
        yield Finding("cluster_mode", mode, f"it is one of {', '.join(_MODES)}", "take one of them")


def cluster_mode_one_shard(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-cluster-mode-one-shard."""
    if known(spec.cluster_mode) == "disabled" and (shards := len(effective.replica_counts(spec))) > 1:
        yield Finding(
            _shards_property(spec),
            _shards(spec),
            f"without cluster mode there is 1 shard, not {shards}",
            "take 1 shard, or cluster_mode='enabled'",
        )


def compatible_needs(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-cluster-mode-compatible-needs."""
    if known(spec.cluster_mode) != "compatible":
        return
    if spec.automatic_failover_enabled in {None, False}:
        yield Finding(
            "automatic_failover_enabled",
            spec.automatic_failover_enabled,
            "cluster mode 'compatible' needs automatic failover",
            "set automatic_failover_enabled=True",
        )
    group_is_ours = isinstance(name := spec.cache_parameter_group_name, str) and not name.lower().startswith("default.")
    if group_is_ours and topology.parameter_group_cluster_enabled(spec) is False:
        yield Finding(
            "cache_parameter_group_name",
            name,
            "cluster mode 'compatible' needs a parameter group with cluster-enabled=yes",
            "take such a parameter group, or leave it out",
        )
    version = effective.version(spec)
    if not version.supports("cluster_mode_compatible"):
        yield Finding(
            "engine_version",
            version.version,
            f"cluster mode 'compatible' needs valkey 7.2 or redis 7.0, not {version}",
            "take a newer engine_version",
        )
    if 0 in effective.replica_counts(spec):
        name = effective.replicas_property(spec)
        yield Finding(
            name,
            getattr(spec, name),
            "cluster mode 'compatible' needs at least 1 replica",
            "add a replica",
        )


def _cluster_mode_nodes(spec: ReplicationGroupSpec) -> int:
    """Return how many nodes there are, 0 without cluster mode."""
    counts = effective.replica_counts(spec)
    return len(counts) + sum(counts) if effective.cluster_mode_enabled(spec) else 0


def _shards_property(spec: ReplicationGroupSpec) -> str:
    return "node_group_configuration" if spec.node_group_configuration else "num_node_groups"


def _shards(spec: ReplicationGroupSpec) -> object:
    """Return the value to show: a number says more than a long configuration."""
    return len(effective.replica_counts(spec))


CHECKS = {
    "rg-num-cache-clusters-range": num_cache_clusters_range,
    "rg-num-node-groups-range": num_node_groups_range,
    "rg-replicas-range": replicas_range,
    "rg-sizing-exclusive": sizing_exclusive,
    "rg-shard-limit": shard_limit,
    "rg-shard-quota": shard_quota,
    "rg-cluster-mode-values": cluster_mode_values,
    "rg-cluster-mode-one-shard": cluster_mode_one_shard,
    "rg-cluster-mode-compatible-needs": compatible_needs,
}
