"""Replication groups: how one is asked for, and what ElastiCache says to it.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html
"""

from __future__ import annotations

from elasticache_kit.model.log_delivery import LogDeliverySpec
from elasticache_kit.model.replication_group import (
    access,
    change,
    durability,
    encryption,
    failover,
    identity,
    inheritance,
    log,
    network,
    node,
    node_group,
    placement,
    restore,
    schedule,
    settings,
    size,
    tiering,
    version,
)
from elasticache_kit.model.replication_group.spec import NodeGroupSpec, ReplicationGroupSpec
from elasticache_kit.model.rule import Rule, Violation, apply, join

__all__ = ["CHANGE_RULES", "RULES", "LogDeliverySpec", "NodeGroupSpec", "ReplicationGroupSpec", "check", "check_change"]

RULES: tuple[Rule[ReplicationGroupSpec], ...] = join(
    "replication_group",
    {
        **identity.CHECKS,
        **version.CHECKS,
        **size.CHECKS,
        **node_group.CHECKS,
        **failover.CHECKS,
        **placement.CHECKS,
        **node.CHECKS,
        **encryption.CHECKS,
        **settings.CHECKS,
        **schedule.CHECKS,
        **tiering.CHECKS,
        **access.CHECKS,
        **durability.CHECKS,
        **network.CHECKS,
        **log.CHECKS,
        **restore.CHECKS,
        **inheritance.CHECKS,
    },
)
CHANGE_RULES: tuple[Rule[change.Change], ...] = join("replication_group_change", change.CHECKS)


def check(spec: ReplicationGroupSpec) -> tuple[Violation, ...]:
    """Return everything that ElastiCache refuses or warns of in a replication group, errors first.

    A rule that needs a value which is UNKNOWN says nothing.
    """
    return apply(RULES, spec)


def check_change(old: ReplicationGroupSpec, new: ReplicationGroupSpec) -> tuple[Violation, ...]:
    """Return everything that ElastiCache refuses in the change of an existing group; ask `check` about the new one."""
    return apply(CHANGE_RULES, change.Change(old, new))
