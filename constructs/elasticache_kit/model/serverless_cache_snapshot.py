"""Snapshots of a serverless cache.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateServerlessCacheSnapshot.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.model.rule import Rule, Violation, apply, join

if TYPE_CHECKING:
    from elasticache_kit.model.unknown import Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerlessCacheSnapshotSpec:
    """A snapshot of a serverless cache; None is a property that is omitted, UNKNOWN one that only a deployment knows.

    The fields are the properties of AWS::ElastiCache::ServerlessCacheSnapshot in snake_case.
    """

    serverless_cache_snapshot_name: str | Unknown | None = None
    serverless_cache_name: str | Unknown | None = None
    kms_key_id: str | Unknown | None = None


def check(spec: ServerlessCacheSnapshotSpec) -> tuple[Violation, ...]:
    """Return everything that ElastiCache refuses or warns of in a snapshot of a serverless cache, errors first."""
    return apply(RULES, spec)


RULES: tuple[Rule[ServerlessCacheSnapshotSpec], ...] = join("serverless_cache_snapshot", {})
