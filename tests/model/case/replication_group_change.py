"""Changes of a replication group: of each rule one that breaks it, and one that keeps to it by a hair."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.model.case.replication_group import GROUP, REDIS, SHARDS
from tests.model.case.replication_group_option import TIERED

if TYPE_CHECKING:
    from elasticache_kit.model.replication_group import ReplicationGroupSpec

    Change = tuple[ReplicationGroupSpec, ReplicationGroupSpec]

COMPATIBLE = replace(GROUP, cluster_mode="compatible", cache_parameter_group_name="default.valkey9.cluster.on")
STEADY = replace(SHARDS, cache_node_type="cache.r7g.large")

CASES: dict[str, tuple[Change, Change]] = {
    "rg-cluster-mode-path": (
        (GROUP, replace(GROUP, cluster_mode="enabled")),
        (GROUP, replace(GROUP, cluster_mode="compatible")),
    ),
    "rg-cluster-mode-alone": (
        (GROUP, replace(COMPATIBLE, snapshot_retention_limit=1)),
        (GROUP, COMPATIBLE),
    ),
    "rg-tls-mode-versions": (
        (
            replace(REDIS, engine_version="6.2", transit_encryption_enabled=False),
            replace(REDIS, engine_version="6.2", transit_encryption_mode="preferred"),
        ),
        (
            replace(REDIS, engine_version="7.0", transit_encryption_enabled=False),
            replace(REDIS, engine_version="7.0", transit_encryption_mode="preferred"),
        ),
    ),
    "rg-tls-enable-two-steps": (
        (replace(GROUP, transit_encryption_enabled=False), replace(GROUP, transit_encryption_mode="required")),
        (replace(GROUP, transit_encryption_mode="preferred"), replace(GROUP, transit_encryption_mode="required")),
    ),
    "rg-engine-downgrade": (
        (replace(GROUP, engine_version="8.0"), REDIS),
        (replace(GROUP, engine_version="7.2"), REDIS),
    ),
    "rg-cross-engine": (
        (replace(REDIS, cache_parameter_group_name="ours"), replace(GROUP, cache_parameter_group_name="ours")),
        (replace(REDIS, cache_parameter_group_name="ours"), replace(GROUP, cache_parameter_group_name="theirs")),
    ),
    "rg-scale-in-replicas": (
        (GROUP, replace(GROUP, num_cache_clusters=1)),
        (replace(GROUP, num_cache_clusters=3), GROUP),
    ),
    "rg-tiering-no-switch": (
        (TIERED, replace(TIERED, cache_node_type="cache.r6g.xlarge")),
        (TIERED, replace(TIERED, cache_node_type="cache.r6gd.2xlarge")),
    ),
    "rg-durability-fixed": (
        (STEADY, replace(STEADY, durability="sync", engine_version="9.1")),
        (STEADY, replace(STEADY, durability="sync")),
    ),
    "rg-manual-promotion": (
        (replace(GROUP, primary_cluster_id="orders-001"), replace(GROUP, primary_cluster_id="orders-002")),
        (
            replace(GROUP, primary_cluster_id="orders-001"),
            replace(
                GROUP,
                primary_cluster_id="orders-002",
                automatic_failover_enabled=False,
                multi_az_enabled=False,
            ),
        ),
    ),
    "rg-rollback-users": (
        (
            replace(GROUP, engine_version="7.2"),
            replace(REDIS, user_group_ids=("people",), user_group_engine="valkey"),
        ),
        (
            replace(GROUP, engine_version="7.2"),
            replace(REDIS, user_group_ids=("people",), user_group_engine="redis"),
        ),
    ),
}
