"""Cache clusters: how a Memcached cluster, or a single Redis OSS node, is asked for, and what ElastiCache says to it.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateCacheCluster.html
"""

from __future__ import annotations

from elasticache_kit.model.cache_cluster import change, feature, identity, node, placement
from elasticache_kit.model.cache_cluster.spec import CacheClusterSpec
from elasticache_kit.model.rule import Rule, Violation, apply, join

__all__ = ["CHANGE_RULES", "RULES", "CacheClusterSpec", "check", "check_change"]

RULES: tuple[Rule[CacheClusterSpec], ...] = join(
    "cache_cluster", {**identity.CHECKS, **placement.CHECKS, **node.CHECKS, **feature.CHECKS}
)
CHANGE_RULES: tuple[Rule[change.Change], ...] = join("cache_cluster_change", change.CHECKS)


def check(spec: CacheClusterSpec) -> tuple[Violation, ...]:
    """Return everything that ElastiCache refuses or warns of in a cache cluster, errors first."""
    return apply(RULES, spec)


def check_change(old: CacheClusterSpec, new: CacheClusterSpec) -> tuple[Violation, ...]:
    """Return everything that ElastiCache refuses or warns of in the change of an existing cache cluster."""
    return apply(CHANGE_RULES, change.Change(old, new))
