"""Rules of data tiering: r6gd nodes, which keep a part of the data on SSD.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/data-tiering.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model.replication_group import effective
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.replication_group.spec import ReplicationGroupSpec

_TIERED = "r6gd"
_POLICIES = ("volatile-lru", "allkeys-lru", "volatile-lfu", "allkeys-lfu", "noeviction")


def must(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-tiering-must."""
    node_type = effective.node_type(spec)
    if node_type.family == _TIERED and known(spec.data_tiering_enabled) is not True:
        yield Finding(
            "data_tiering_enabled",
            spec.data_tiering_enabled,
            f"{_TIERED} nodes need data tiering, and the group has {node_type.name}",
            "set data_tiering_enabled=True, or take a node type of the family r6g or r7g",
        )


def r6gd_only(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-tiering-r6gd-only."""
    if not known(spec.data_tiering_enabled):
        return
    node_type = effective.node_type(spec)
    if node_type.known and not node_type.supports("data_tiering"):
        yield Finding(
            "cache_node_type",
            node_type.name,
            f"data tiering needs {_TIERED} nodes",
            f"take for example cache.{_TIERED}.xlarge, or data_tiering_enabled=False",
        )


def version(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-tiering-version."""
    if effective.node_type(spec).family == _TIERED and not (running := effective.version(spec)).supports(
        "data_tiering"
    ):
        yield Finding(
            "engine_version",
            running.version,
            f"{_TIERED} nodes need valkey 7.2 or redis 6.2, not {running}",
            "take a newer engine_version",
        )


def maxmemory_policy(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-tiering-maxmemory-policy."""
    policy = known((known(spec.parameter_group_parameters) or {}).get("maxmemory-policy"))
    if policy is not None and policy not in _POLICIES and effective.node_type(spec).family == _TIERED:
        yield Finding(
            "cache_parameter_group_name",
            spec.cache_parameter_group_name,
            f"its maxmemory-policy is {policy}, and with data tiering it is one of {', '.join(_POLICIES)}",
            "make a parameter group with one of them",
        )


CHECKS = {
    "rg-tiering-must": must,
    "rg-tiering-r6gd-only": r6gd_only,
    "rg-tiering-version": version,
    "rg-tiering-maxmemory-policy": maxmemory_policy,
}
