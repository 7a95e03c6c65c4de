"""Rules of the node type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model import node_offer
from elasticache_kit.model.replication_group import effective
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.unknown import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.replication_group.spec import ReplicationGroupSpec


def node_type_required(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-node-type-required."""
    told_elsewhere = (spec.global_replication_group_id, spec.primary_cluster_id, spec.snapshot_name)
    if spec.cache_node_type is None and all(source is None for source in told_elsewhere):
        yield Finding(
            "cache_node_type",
            None,
            "nothing says what the nodes of the group are",
            "give a node type, for example cache.t4g.micro",
        )


def node_type_exists(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-node-type-exists."""
    yield from node_offer.missing(known(spec.cache_node_type), lambda: effective.version(spec))


def node_type_known(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-node-type-known."""
    yield from node_offer.unheard_of(effective.node_type(spec))


def t2_closed(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-t2-closed."""
    yield from node_offer.closed(effective.node_type(spec))


def previous_generation(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-prev-generation."""
    yield from node_offer.previous(effective.node_type(spec))


def t1_no_failover(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-t1-no-failover."""
    node_type = effective.node_type(spec)
    if node_type.family == "t1" and (spec.automatic_failover_enabled is True or spec.multi_az_enabled is True):
        yield Finding(
            "cache_node_type",
            node_type.name,
            "T1 nodes have neither automatic failover nor Multi-AZ",
            "take a current node type, for example cache.t4g.micro",
        )


CHECKS = {
    "rg-node-type-required": node_type_required,
    "rg-node-type-exists": node_type_exists,
    "rg-node-type-known": node_type_known,
    "rg-t2-closed": t2_closed,
    "rg-prev-generation": previous_generation,
    "rg-t1-no-failover": t1_no_failover,
}
