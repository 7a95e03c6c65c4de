"""Snapshots of a node-based cache.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/backups.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.model.rule import Rule, Violation, apply, join

if TYPE_CHECKING:
    from elasticache_kit.model.unknown import Unknown


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


RULES: tuple[Rule[SnapshotSpec], ...] = join("snapshot", {})
