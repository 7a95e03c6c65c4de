"""Serverless caches: how one is asked for, and what ElastiCache says to it.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateServerlessCache.html
"""

from __future__ import annotations

from elasticache_kit.model.rule import Rule, Violation, apply, join
from elasticache_kit.model.serverless_cache import backup, change, connection, identity, limit
from elasticache_kit.model.serverless_cache.spec import CacheUsageLimitsSpec, ServerlessCacheSpec, UsageLimitSpec

__all__ = [
    "CHANGE_RULES",
    "RULES",
    "CacheUsageLimitsSpec",
    "ServerlessCacheSpec",
    "UsageLimitSpec",
    "check",
    "check_change",
]

RULES: tuple[Rule[ServerlessCacheSpec], ...] = join(
    "serverless_cache", {**identity.CHECKS, **limit.CHECKS, **connection.CHECKS, **backup.CHECKS}
)
CHANGE_RULES: tuple[Rule[change.Change], ...] = join("serverless_cache_change", change.CHECKS)


def check(spec: ServerlessCacheSpec) -> tuple[Violation, ...]:
    """Return everything that ElastiCache refuses or warns of in a serverless cache, errors first."""
    return apply(RULES, spec)


def check_change(old: ServerlessCacheSpec, new: ServerlessCacheSpec) -> tuple[Violation, ...]:
    """Return everything that ElastiCache refuses in the change of an existing serverless cache."""
    return apply(CHANGE_RULES, change.Change(old, new))
