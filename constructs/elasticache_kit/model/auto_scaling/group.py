"""Rules of the replication group that is scaled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model.auto_scaling.spec import NODE_GROUPS, REPLICAS
from elasticache_kit.model.replication_group import effective
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import UndecidedError, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.auto_scaling.spec import ScalableTargetSpec
    from elasticache_kit.model.replication_group.spec import ReplicationGroupSpec

_SIZES = ("large", "xlarge", "2xlarge")
_LEAST_RESERVED_MEMORY = 25


def cluster_mode(spec: ScalableTargetSpec) -> Iterator[Finding]:
    """as-cme-only."""
    if not effective.cluster_mode_enabled(_group(spec)):
        yield Finding(
            "replication_group",
            _group(spec).replication_group_id,
            "auto scaling needs cluster mode",
            "take a group in cluster mode",
        )


def engine(spec: ScalableTargetSpec) -> Iterator[Finding]:
    """as-engine."""
    group = _group(spec)
    version = effective.version(group)
    if not version.supports("autoscaling"):
        yield Finding(
            "replication_group",
            group.replication_group_id,
            f"auto scaling needs valkey 7.2 or redis 6.0, not {version}",
            "take a newer engine_version",
        )
    elif effective.node_type(group).supports("data_tiering") and not version.supports("autoscaling_with_data_tiering"):
        yield Finding(
            "replication_group",
            group.replication_group_id,
            f"auto scaling with data tiering needs valkey 7.2 or redis 7.0, not {version}",
            "take a newer engine_version",
        )


def size(spec: ScalableTargetSpec) -> Iterator[Finding]:
    """as-size."""
    node_type = effective.node_type(_group(spec))
    if node_type.size not in _SIZES:
        yield Finding(
            "replication_group",
            node_type.name,
            f"auto scaling works with nodes of size {', '.join(_SIZES)}",
            "take one of these sizes",
        )


def family(spec: ScalableTargetSpec) -> Iterator[Finding]:
    """as-family."""
    node_type = effective.node_type(_group(spec))
    if node_type.known and node_type.size in _SIZES and not node_type.supports("autoscaling"):
        yield Finding(
            "replication_group",
            node_type.name,
            f"nodes of the family {node_type.family} are not scaled automatically",
            "take m5, m6g, m7g, m8g, r5, r6g, r6gd, r7g, r8g, c7gn or c8gn",
        )


def global_datastore(spec: ScalableTargetSpec) -> Iterator[Finding]:
    """as-not-in."""
    name = known(_group(spec).global_replication_group_id)
    if name is not None:
        yield Finding(
            "replication_group",
            name,
            "a group in a global datastore is not scaled automatically",
            "leave the scalable target out",
        )


def reserved_memory(spec: ScalableTargetSpec) -> Iterator[Finding]:
    """as-reserved-memory."""
    if known(spec.scalable_dimension) != REPLICAS:
        return
    parameters = known(_group(spec).parameter_group_parameters) or {}
    share = known(parameters.get("reserved-memory-percent"))
    if share is not None and share.isdigit() and int(share) < _LEAST_RESERVED_MEMORY:
        yield Finding(
            "replication_group",
            _group(spec).replication_group_id,
            f"its reserved-memory-percent is {share}, and replicas are scaled from {_LEAST_RESERVED_MEMORY} on",
            f"set reserved-memory-percent to {_LEAST_RESERVED_MEMORY} or more",
        )


def uniform(spec: ScalableTargetSpec) -> Iterator[Finding]:
    """as-single-dimension."""
    if known(spec.scalable_dimension) != REPLICAS:
        return
    configuration = known(_group(spec).node_group_configuration) or ()
    counts = {item.replica_count for item in configuration if isinstance(item.replica_count, int)}
    if len(counts) > 1:
        yield Finding(
            "replication_group",
            _group(spec).replication_group_id,
            "its shards differ in their replicas, and scaling changes all shards alike",
            "give every shard the same number of replicas",
        )


def _group(spec: ScalableTargetSpec) -> ReplicationGroupSpec:
    if known(spec.scalable_dimension) not in {NODE_GROUPS, REPLICAS}:
        raise UndecidedError
    group = known(spec.replication_group)
    if group is None:
        raise UndecidedError
    return group


CHECKS = {
    "as-cme-only": cluster_mode,
    "as-engine": engine,
    "as-size": size,
    "as-family": family,
    "as-not-in": global_datastore,
    "as-reserved-memory": reserved_memory,
    "as-single-dimension": uniform,
}
