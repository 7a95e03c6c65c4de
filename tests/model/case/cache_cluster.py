"""Cache clusters: of each rule one that breaks it, and one that keeps to it by a hair."""

from __future__ import annotations

from dataclasses import replace

from elasticache_kit.model.cache_cluster import CacheClusterSpec
from elasticache_kit.model.log_delivery import LogDeliverySpec

CLUSTER = CacheClusterSpec(
    cluster_name="pages",
    engine="memcached",
    engine_version="1.6.22",
    cache_node_type="cache.t4g.small",
    num_cache_nodes=2,
    az_mode="cross-az",
    subnet_zones=("a", "b"),
    transit_encryption_enabled=True,
)
THREE = replace(CLUSTER, num_cache_nodes=3)
PLAIN = replace(CLUSTER, transit_encryption_enabled=False)
REDIS = CacheClusterSpec(engine="redis", engine_version="7.1", cache_node_type="cache.t4g.small", num_cache_nodes=1)
LOG = LogDeliverySpec(
    log_type="slow-log", log_format="json", destination_type="cloudwatch-logs", destination="/pages/slow"
)

CASES: dict[str, tuple[CacheClusterSpec, CacheClusterSpec]] = {
    "mc-required": (replace(CLUSTER, num_cache_nodes=None), CLUSTER),
    "mc-name": (replace(CLUSTER, cluster_name="p" * 51), replace(CLUSTER, cluster_name="P" * 50)),
    "mc-engine": (replace(CLUSTER, engine="valkey"), REDIS),
    "mc-version-format": (replace(PLAIN, engine_version="1.6"), PLAIN),
    "mc-versions": (replace(CLUSTER, engine_version="1.6.23"), CLUSTER),
    "mc-family-match": (
        replace(CLUSTER, cache_parameter_group_name="default.memcached1.5"),
        replace(CLUSTER, cache_parameter_group_name="default.memcached1.6"),
    ),
    "mc-cme-parameter-group": (
        replace(REDIS, cache_parameter_group_name="default.redis7.cluster.on"),
        replace(REDIS, cache_parameter_group_name="default.redis7"),
    ),
    "mc-nodes": (replace(CLUSTER, az_mode=None, num_cache_nodes=0), replace(CLUSTER, az_mode=None, num_cache_nodes=1)),
    "mc-nodes-quota": (replace(CLUSTER, num_cache_nodes=41), replace(CLUSTER, num_cache_nodes=40)),
    "mc-redis-one-node": (replace(REDIS, num_cache_nodes=2), REDIS),
    "mc-az-mode": (replace(CLUSTER, az_mode="multi-az"), replace(CLUSTER, az_mode="single-az")),
    "mc-cross-az-two-nodes": (replace(CLUSTER, num_cache_nodes=1), CLUSTER),
    "mc-azmode-memcached-only": (
        replace(REDIS, preferred_availability_zones=("a",)),
        replace(REDIS, preferred_availability_zone="a"),
    ),
    "mc-azs-count": (
        replace(CLUSTER, preferred_availability_zones=("a", "b", "a")),
        replace(CLUSTER, preferred_availability_zones=("a", "a")),
    ),
    "mc-azs-cross": (
        replace(CLUSTER, az_mode=None, preferred_availability_zones=("a", "b")),
        replace(CLUSTER, az_mode=None, preferred_availability_zones=("a", "a")),
    ),
    "mc-azs-in-subnets": (
        replace(CLUSTER, preferred_availability_zones=("a", "c")),
        replace(CLUSTER, preferred_availability_zones=("a", "b")),
    ),
    "mc-node-type-exists": (
        replace(CLUSTER, cache_node_type="cache.m6g.24xlarge"),
        replace(CLUSTER, cache_node_type="cache.m6g.16xlarge"),
    ),
    "mc-node-type-known": (
        replace(CLUSTER, cache_node_type="cache.r99g.large"),
        replace(CLUSTER, cache_node_type="cache.r7g.large"),
    ),
    "mc-prev-generation": (
        replace(CLUSTER, cache_node_type="cache.t2.micro"),
        replace(CLUSTER, cache_node_type="cache.t3.micro"),
    ),
    "mc-r6gd": (
        replace(CLUSTER, cache_node_type="cache.r6gd.xlarge"),
        replace(CLUSTER, cache_node_type="cache.r6g.xlarge"),
    ),
    "mc-network-values": (replace(CLUSTER, ip_discovery="dual_stack"), replace(CLUSTER, ip_discovery="ipv6")),
    "mc-ipv6": (
        replace(PLAIN, engine_version="1.5.16", network_type="ipv6"),
        replace(PLAIN, engine_version="1.6.6", network_type="ipv6"),
    ),
    "mc-port": (replace(CLUSTER, port=65536), replace(CLUSTER, port=65535)),
    "mc-cache-security-groups": (
        replace(CLUSTER, cache_security_group_names=("default",)),
        replace(CLUSTER, cache_security_group_names=()),
    ),
    "mc-no-snapshots": (
        replace(CLUSTER, snapshot_retention_limit=1),
        replace(CLUSTER, snapshot_retention_limit=0),
    ),
    "mc-no-replication": (
        replace(CLUSTER, log_delivery_configurations=(LOG,)),
        replace(REDIS, log_delivery_configurations=(LOG,)),
    ),
    "mc-log-shape": (
        replace(REDIS, log_delivery_configurations=(replace(LOG, log_type="audit-log"),)),
        replace(REDIS, log_delivery_configurations=(LOG,)),
    ),
    "mc-tls-version": (replace(CLUSTER, engine_version="1.6.6"), replace(CLUSTER, engine_version="1.6.12")),
    "mc-redis-tls-via-rg": (
        replace(REDIS, transit_encryption_enabled=True),
        replace(REDIS, transit_encryption_enabled=False),
    ),
    "mc-maintenance-format": (
        replace(CLUSTER, preferred_maintenance_window="sat:23:30-sun:00:29"),
        replace(CLUSTER, preferred_maintenance_window="sat:23:30-sun:00:30"),
    ),
}

CHANGES: dict[str, tuple[tuple[CacheClusterSpec, CacheClusterSpec], tuple[CacheClusterSpec, CacheClusterSpec]]] = {
    "mc-no-single-az-later": (
        (CLUSTER, replace(CLUSTER, az_mode="single-az")),
        (replace(CLUSTER, az_mode="single-az"), CLUSTER),
    ),
    "mc-tls-fixed": (
        (CLUSTER, replace(CLUSTER, transit_encryption_enabled=None)),
        (replace(CLUSTER, transit_encryption_enabled=False), replace(CLUSTER, transit_encryption_enabled=None)),
    ),
    "mc-upgrade-loses-data": (
        (replace(CLUSTER, engine_version="1.6.17"), CLUSTER),
        (CLUSTER, CLUSTER),
    ),
    "mc-downgrade": (
        (CLUSTER, replace(CLUSTER, engine_version="1.6.17")),
        (CLUSTER, CLUSTER),
    ),
    "mc-pending-nodes": (
        (THREE, replace(THREE, num_cache_nodes=2)),
        (THREE, replace(THREE, num_cache_nodes=4)),
    ),
    "mc-cachecluster-valkey-modify": (
        (REDIS, replace(REDIS, engine="valkey", engine_version="9.0")),
        (replace(REDIS, engine_version="7.0"), REDIS),
    ),
}
