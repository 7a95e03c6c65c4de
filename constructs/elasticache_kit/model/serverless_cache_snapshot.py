"""Snapshots of a serverless cache.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateServerlessCacheSnapshot.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.model import identifier
from elasticache_kit.model.rule import Finding, Rule, Violation, apply, join
from elasticache_kit.model.unknown import Unknown, known

if TYPE_CHECKING:
    from collections.abc import Iterator


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


def _names(spec: ServerlessCacheSnapshotSpec) -> Iterator[Finding]:
    name = known(spec.serverless_cache_snapshot_name)
    if name is None:
        yield Finding("serverless_cache_snapshot_name", None, "every snapshot has a name", "give one")
    for problem in identifier.serverless_cache_snapshot_name(name) if name is not None else ():
        yield Finding("serverless_cache_snapshot_name", name, f"the name {problem}", _REMEDY)


def _source(spec: ServerlessCacheSnapshotSpec) -> Iterator[Finding]:
    name = known(spec.serverless_cache_name)
    if name is None:
        yield Finding("serverless_cache_name", None, "a snapshot is taken of a serverless cache", "name it")
    for problem in identifier.serverless_cache_snapshot_name(name) if name is not None else ():
        yield Finding("serverless_cache_name", name, f"the name {problem}", _REMEDY)


def _key(spec: ServerlessCacheSnapshotSpec) -> Iterator[Finding]:
    key = known(spec.kms_key_id)
    if key is not None and len(key) > _LONGEST_KEY:
        yield Finding("kms_key_id", key, f"it is longer than {_LONGEST_KEY} characters", "give the ARN of the key")


_LONGEST_KEY = 2048
_REMEDY = "take lower-case ASCII letters, digits and single hyphens, a letter first and no hyphen last"

RULES: tuple[Rule[ServerlessCacheSnapshotSpec], ...] = join(
    "serverless_cache_snapshot",
    {"sl-snapshot-resource": _names, "sl-snapshot-source": _source, "sl-snapshot-key": _key},
)
