"""Replication groups: of each rule one that breaks it, and one that keeps to it by a hair."""

from __future__ import annotations

from dataclasses import replace

from elasticache_kit.model.replication_group import NodeGroupSpec, ReplicationGroupSpec

GROUP = ReplicationGroupSpec(
    replication_group_id="orders",
    replication_group_description="Orders",
    engine="valkey",
    engine_version="9.0",
    cache_node_type="cache.t4g.small",
    num_cache_clusters=2,
    automatic_failover_enabled=True,
    multi_az_enabled=True,
    cache_subnet_group_name="private",
    subnet_zones=("a", "b"),
    transit_encryption_enabled=True,
    at_rest_encryption_enabled=True,
)
SHARDS = replace(
    GROUP,
    num_cache_clusters=None,
    num_node_groups=3,
    replicas_per_node_group=1,
    cache_parameter_group_name="default.valkey9.cluster.on",
)
REDIS = replace(GROUP, engine="redis", engine_version="7.1")
OLD = replace(
    REDIS, cache_node_type="cache.m4.large", transit_encryption_enabled=False, at_rest_encryption_enabled=False
)
T1 = replace(REDIS, cache_node_type="cache.t1.micro", multi_az_enabled=False, at_rest_encryption_enabled=False)
SUNDAY = replace(GROUP, snapshot_retention_limit=1, preferred_maintenance_window="sun:06:00-sun:07:00")


def shards(*node_groups: NodeGroupSpec, **properties: object) -> ReplicationGroupSpec:
    """Return a group in cluster mode with a NodeGroupConfiguration."""
    return replace(SHARDS, **{"num_node_groups": None, "node_group_configuration": node_groups, **properties})


CASES: dict[str, tuple[ReplicationGroupSpec, ReplicationGroupSpec]] = {
    "rg-description-required": (replace(GROUP, replication_group_description=None), GROUP),
    "rg-description-length": (
        replace(GROUP, replication_group_description="x" * 256),
        replace(GROUP, replication_group_description="x" * 255),
    ),
    "rg-id-format": (replace(GROUP, replication_group_id="o" * 41), replace(GROUP, replication_group_id="O" * 40)),
    "rg-engine": (replace(REDIS, engine="memcached"), REDIS),
    "rg-engine-version-format": (replace(REDIS, engine_version="6.2.6"), replace(REDIS, engine_version="6.x")),
    "rg-engine-version-exists": (replace(REDIS, engine_version="7.2"), REDIS),
    "rg-engine-version-known": (replace(GROUP, engine_version="9.9"), replace(GROUP, engine_version="9.1")),
    "rg-auto-minor": (
        replace(REDIS, engine_version="5.0.6", auto_minor_version_upgrade=True),
        replace(REDIS, engine_version="6.0", auto_minor_version_upgrade=True),
    ),
    "rg-num-cache-clusters-range": (replace(GROUP, num_cache_clusters=7), replace(GROUP, num_cache_clusters=6)),
    "rg-num-node-groups-range": (replace(SHARDS, num_node_groups=0), replace(SHARDS, num_node_groups=1)),
    "rg-replicas-range": (replace(SHARDS, replicas_per_node_group=6), replace(SHARDS, replicas_per_node_group=5)),
    "rg-sizing-exclusive": (
        replace(GROUP, cache_parameter_group_name="default.valkey9", num_node_groups=1, replicas_per_node_group=1),
        replace(GROUP, cache_parameter_group_name="default.valkey9", num_node_groups=1),
    ),
    "rg-ngc-or-num": (
        shards(NodeGroupSpec(), NodeGroupSpec(), num_node_groups=3),
        shards(NodeGroupSpec(), NodeGroupSpec(), num_node_groups=2),
    ),
    "rg-ngc-id": (shards(NodeGroupSpec(node_group_id="00001")), shards(NodeGroupSpec(node_group_id="0001"))),
    "rg-ngc-id-unique": (
        shards(NodeGroupSpec(node_group_id="1"), NodeGroupSpec(node_group_id="0001")),
        shards(NodeGroupSpec(node_group_id="1"), NodeGroupSpec(node_group_id="0002")),
    ),
    "rg-slots": (shards(NodeGroupSpec(slots="0-16384")), shards(NodeGroupSpec(slots="0-16383"))),
    "rg-slots-cover": (
        shards(NodeGroupSpec(slots="0-8191"), NodeGroupSpec(slots="8191-16383")),
        shards(NodeGroupSpec(slots="0-8191"), NodeGroupSpec(slots="8192-16383")),
    ),
    "rg-shard-limit": (
        replace(SHARDS, num_node_groups=251, replicas_per_node_group=1),
        replace(SHARDS, num_node_groups=250, replicas_per_node_group=1),
    ),
    "rg-shard-quota": (
        replace(SHARDS, num_node_groups=46, replicas_per_node_group=1),
        replace(SHARDS, num_node_groups=45, replicas_per_node_group=1),
    ),
    "rg-cluster-mode-values": (replace(GROUP, cluster_mode="on"), replace(GROUP, cluster_mode="disabled")),
    "rg-cluster-mode-one-shard": (
        replace(SHARDS, cluster_mode="disabled", num_node_groups=2),
        replace(SHARDS, cluster_mode="disabled", num_node_groups=1),
    ),
    "rg-cluster-mode-compatible-needs": (
        replace(REDIS, cluster_mode="compatible", engine_version="6.2"),
        replace(REDIS, cluster_mode="compatible", engine_version="7.0"),
    ),
    "rg-failover-needs-replica": (
        replace(GROUP, multi_az_enabled=False, num_cache_clusters=1),
        replace(GROUP, multi_az_enabled=False, num_cache_clusters=2),
    ),
    "rg-failover-single-node-cme": (
        shards(NodeGroupSpec(replica_count=0), NodeGroupSpec(replica_count=0), multi_az_enabled=False),
        shards(NodeGroupSpec(replica_count=0), NodeGroupSpec(replica_count=1), multi_az_enabled=False),
    ),
    "rg-cme-needs-failover": (
        replace(SHARDS, multi_az_enabled=False, automatic_failover_enabled=None),
        replace(SHARDS, multi_az_enabled=False),
    ),
    "rg-multiaz-needs-failover": (
        replace(GROUP, automatic_failover_enabled=False),
        replace(GROUP, automatic_failover_enabled=False, multi_az_enabled=False),
    ),
    "rg-multiaz-needs-replica": (
        shards(NodeGroupSpec(replica_count=1), NodeGroupSpec(replica_count=0)),
        shards(NodeGroupSpec(replica_count=1), NodeGroupSpec(replica_count=1)),
    ),
    "rg-multiaz-two-zones": (
        replace(GROUP, preferred_cache_cluster_azs=("a", "a")),
        replace(GROUP, preferred_cache_cluster_azs=("a", "b")),
    ),
    "rg-preferred-azs-count": (
        replace(GROUP, preferred_cache_cluster_azs=("a", "b", "a")),
        replace(GROUP, preferred_cache_cluster_azs=("a", "b")),
    ),
    "rg-ngc-replica-azs-count": (
        shards(NodeGroupSpec(replica_availability_zones=("a", "b"), replica_count=1)),
        shards(NodeGroupSpec(replica_availability_zones=("b",), replica_count=1)),
    ),
    "rg-azs-in-subnet-group": (
        replace(GROUP, preferred_cache_cluster_azs=("a", "c")),
        replace(GROUP, preferred_cache_cluster_azs=("a", "b")),
    ),
    "rg-node-type-required": (
        replace(GROUP, cache_node_type=None),
        replace(GROUP, cache_node_type=None, snapshot_name="orders-2026-11-26"),
    ),
    "rg-node-type-exists": (
        replace(GROUP, cache_node_type="cache.m6g.24xlarge"),
        replace(GROUP, cache_node_type="cache.m6g.16xlarge"),
    ),
    "rg-node-type-known": (
        replace(GROUP, cache_node_type="cache.r99g.large"),
        replace(GROUP, cache_node_type="cache.r7g.large"),
    ),
    "rg-t2-closed": (
        replace(GROUP, at_rest_encryption_enabled=False, cache_node_type="cache.t2.micro"),
        replace(GROUP, at_rest_encryption_enabled=False, cache_node_type="cache.t3.micro"),
    ),
    "rg-prev-generation": (
        replace(REDIS, at_rest_encryption_enabled=False, cache_node_type="cache.m3.large"),
        replace(REDIS, at_rest_encryption_enabled=False, cache_node_type="cache.m4.large"),
    ),
    "rg-t1-no-failover": (
        replace(T1, automatic_failover_enabled=True),
        replace(T1, automatic_failover_enabled=False),
    ),
    "rg-valkey-tls-explicit": (
        replace(GROUP, transit_encryption_enabled=None),
        replace(GROUP, transit_encryption_enabled=False),
    ),
    "rg-tls-versions": (
        replace(OLD, transit_encryption_enabled=True, engine_version="4.0.9"),
        replace(OLD, transit_encryption_enabled=True, engine_version="4.0.10"),
    ),
    "rg-tls-subnet-group": (
        replace(GROUP, cache_subnet_group_name=None),
        replace(GROUP, cache_subnet_group_name=None, transit_encryption_enabled=False),
    ),
    "rg-tls-mode-values": (
        replace(GROUP, transit_encryption_mode="on"),
        replace(GROUP, transit_encryption_mode="preferred"),
    ),
    "rg-tls-mode-needs-tls": (
        replace(GROUP, transit_encryption_mode="required", transit_encryption_enabled=False),
        replace(GROUP, transit_encryption_mode="required"),
    ),
    "rg-atrest-versions": (
        replace(OLD, at_rest_encryption_enabled=True, engine_version="4.0.9"),
        replace(OLD, at_rest_encryption_enabled=True, engine_version="4.0.10"),
    ),
    "rg-atrest-node-families": (
        replace(GROUP, cache_node_type="cache.t2.micro"),
        replace(GROUP, cache_node_type="cache.t3.micro"),
    ),
    # What is not given is on for valkey and off for redis.
    "rg-kms-needs-atrest": (
        replace(REDIS, at_rest_encryption_enabled=None, kms_key_id="key"),
        replace(GROUP, at_rest_encryption_enabled=None, kms_key_id="key"),
    ),
    "rg-multi-shard-needs-cme-parameter-group": (
        replace(SHARDS, cache_parameter_group_name="default.valkey9"),
        replace(SHARDS, cache_parameter_group_name="ours", parameter_group_cluster_enabled=True),
    ),
    "rg-one-shard-default-group": (
        replace(SHARDS, num_node_groups=1, cache_parameter_group_name=None),
        replace(SHARDS, num_node_groups=1, cache_parameter_group_name=None, cluster_mode="disabled"),
    ),
    "pg-family-match": (
        replace(GROUP, cache_parameter_group_name="default.valkey8"),
        replace(GROUP, cache_parameter_group_name="ours", parameter_group_family="valkey9"),
    ),
    "pg-default-exists": (
        replace(GROUP, cache_parameter_group_name="default.valkey9.0"),
        replace(GROUP, cache_parameter_group_name="Default.Valkey9"),
    ),
    "rg-port": (replace(GROUP, port=65536), replace(GROUP, port=65535)),
    "rg-port-range": (replace(GROUP, port=1149), replace(GROUP, port=1150)),
    "bk-retention": (replace(GROUP, snapshot_retention_limit=36), replace(GROUP, snapshot_retention_limit=35)),
    "bk-window-format": (
        replace(GROUP, snapshot_retention_limit=1, snapshot_window="23:30-00:29"),
        replace(GROUP, snapshot_retention_limit=1, snapshot_window="23:30-00:30"),
    ),
    "bk-maintenance-format": (
        replace(GROUP, preferred_maintenance_window="sat:23:30-sun:00:29"),
        replace(GROUP, preferred_maintenance_window="sat:23:30-sun:00:30"),
    ),
    "bk-windows-overlap": (
        replace(SUNDAY, snapshot_window="05:00-06:01"),
        replace(SUNDAY, snapshot_window="05:00-06:00"),
    ),
    "bk-window-without-retention": (
        replace(GROUP, snapshot_window="05:00-06:00", snapshot_retention_limit=0),
        replace(GROUP, snapshot_window="05:00-06:00", snapshot_retention_limit=1),
    ),
}
