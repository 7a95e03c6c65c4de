"""Global datastores: replication groups in several Regions, one of which takes the writes.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastores-Getting-Started.html
"""

from __future__ import annotations

from elasticache_kit.model.global_replication_group import change, member, settings
from elasticache_kit.model.global_replication_group.spec import (
    GlobalMemberSpec,
    GlobalReplicationGroupSpec,
    RegionalConfigurationSpec,
    ReshardingConfigurationSpec,
)
from elasticache_kit.model.rule import Rule, Violation, apply, join

__all__ = [
    "CHANGE_RULES",
    "RULES",
    "GlobalMemberSpec",
    "GlobalReplicationGroupSpec",
    "RegionalConfigurationSpec",
    "ReshardingConfigurationSpec",
    "check",
    "check_change",
]

RULES: tuple[Rule[GlobalReplicationGroupSpec], ...] = join(
    "global_replication_group", {**settings.CHECKS, **member.CHECKS}
)
CHANGE_RULES: tuple[Rule[change.Change], ...] = join("global_replication_group_change", change.CHECKS)


def check(spec: GlobalReplicationGroupSpec) -> tuple[Violation, ...]:
    """Return everything that ElastiCache refuses or warns of in a global datastore, errors first."""
    return apply(RULES, spec)


def check_change(old: GlobalReplicationGroupSpec, new: GlobalReplicationGroupSpec) -> tuple[Violation, ...]:
    """Return everything that ElastiCache refuses in the change of an existing global datastore."""
    return apply(CHANGE_RULES, change.Change(old, new))
