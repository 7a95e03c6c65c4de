"""Snapshots of a node-based cache.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.model import identifier
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.rule import Finding, Rule, Violation, apply, join
from elasticache_kit.model.unknown import Unknown, known

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotSpec:
    """A snapshot; None is a property that is omitted, UNKNOWN one that only a deployment knows.

    The fields are the properties of AWS::ElastiCache::Snapshot in snake_case, and these, which are none:

    Args:
        source_engine: the engine of the cache that it is taken of; None where that is not known.
        source_cache_node_type: the node type of that cache; None where that is not known.
        source_cluster_mode_enabled: whether that cache runs in cluster mode; None where that is not known.
    """

    snapshot_name: str | Unknown | None = None
    replication_group_id: str | Unknown | None = None
    cache_cluster_id: str | Unknown | None = None
    kms_key_id: str | Unknown | None = None

    source_engine: str | Unknown | None = None
    source_cache_node_type: str | Unknown | None = None
    source_cluster_mode_enabled: bool | Unknown | None = None


def check(spec: SnapshotSpec) -> tuple[Violation, ...]:
    """Return everything that ElastiCache refuses or warns of in a snapshot, errors first."""
    return apply(RULES, spec)


def _name_required(spec: SnapshotSpec) -> Iterator[Finding]:
    if spec.snapshot_name is None:
        yield Finding("snapshot_name", None, "every snapshot has a name", "give one")


def _name_format(spec: SnapshotSpec) -> Iterator[Finding]:
    name = known(spec.snapshot_name)
    for problem in identifier.snapshot_name(name) if name is not None else ():
        yield Finding("snapshot_name", name, f"the name {problem}", identifier.REMEDY)


def _one_source(spec: SnapshotSpec) -> Iterator[Finding]:
    group, cluster = known(spec.replication_group_id), known(spec.cache_cluster_id)
    if group is None and cluster is None:
        yield Finding(
            "replication_group_id",
            None,
            "a snapshot is taken of a replication group or of a cache cluster",
            "name one of them",
        )
    elif group is not None and cluster is not None:
        yield Finding(
            "cache_cluster_id",
            cluster,
            f"a snapshot is taken of one cache, and the replication group {group!r} is named too",
            "leave out one of the two",
        )


def _engine(spec: SnapshotSpec) -> Iterator[Finding]:
    if known(spec.source_engine) == Engine.MEMCACHED:
        yield Finding(
            "cache_cluster_id",
            spec.cache_cluster_id,
            "a cluster of memcached has no snapshots",
            "take a serverless cache of memcached, which has",
        )


def _t1(spec: SnapshotSpec) -> Iterator[Finding]:
    name = known(spec.source_cache_node_type)
    if name is not None and name.startswith("cache.t1."):
        yield Finding("cache_cluster_id", spec.cache_cluster_id, f"{name} has no snapshots", "take a newer node type")


def _whole_group(spec: SnapshotSpec) -> Iterator[Finding]:
    if known(spec.source_cluster_mode_enabled) and known(spec.cache_cluster_id) is not None:
        yield Finding(
            "cache_cluster_id",
            spec.cache_cluster_id,
            "in cluster mode a snapshot is taken of all shards together",
            "name the group in replication_group_id",
        )


RULES: tuple[Rule[SnapshotSpec], ...] = join(
    "snapshot",
    {
        "bk-name-required": _name_required,
        "bk-name-format": _name_format,
        "bk-source-one": _one_source,
        "bk-engines": _engine,
        "bk-t1": _t1,
        "bk-level": _whole_group,
    },
)
