"""What a replication group may have: of each rule one that breaks it, and one that keeps to it by a hair."""

from __future__ import annotations

from dataclasses import replace

from elasticache_kit.model.log_delivery import LogDeliverySpec
from elasticache_kit.model.replication_group import NodeGroupSpec, ReplicationGroupSpec
from tests.model.case.replication_group import GROUP, REDIS, SHARDS, shards

TIERED = replace(GROUP, cache_node_type="cache.r6gd.xlarge", data_tiering_enabled=True)
DURABLE = replace(SHARDS, cache_node_type="cache.r7g.large", durability="async")
OURS = replace(DURABLE, cache_parameter_group_name="ours", parameter_group_cluster_enabled=True)
SLOW_LOG = LogDeliverySpec(
    log_type="slow-log", log_format="json", destination_type="cloudwatch-logs", destination="/orders/slow"
)
ENGINE_LOG = replace(SLOW_LOG, log_type="engine-log", destination="/orders/engine")
SEED = ("arn:aws:s3:::backups/orders-0001.rdb",)
SECONDARY = ReplicationGroupSpec(
    replication_group_id="orders-b", replication_group_description="Orders", global_replication_group_id="ldgnf-orders"
)

CASES: dict[str, tuple[ReplicationGroupSpec, ReplicationGroupSpec]] = {
    "rg-tiering-must": (replace(TIERED, data_tiering_enabled=None), TIERED),
    "rg-tiering-r6gd-only": (
        replace(GROUP, data_tiering_enabled=True),
        replace(GROUP, data_tiering_enabled=False),
    ),
    "rg-tiering-version": (
        replace(TIERED, engine="redis", engine_version="6.0"),
        replace(TIERED, engine="redis", engine_version="6.2"),
    ),
    "rg-tiering-maxmemory-policy": (
        replace(TIERED, parameter_group_parameters={"maxmemory-policy": "allkeys-random"}),
        replace(TIERED, parameter_group_parameters={"maxmemory-policy": "allkeys-lfu"}),
    ),
    "rg-durability-values": (replace(GROUP, durability="always"), replace(GROUP, durability="default")),
    "rg-durability-engine": (replace(OURS, engine_version="8.2"), OURS),
    "rg-durability-cme": (
        replace(GROUP, cache_node_type="cache.r7g.large", durability="sync"),
        replace(DURABLE, num_node_groups=1),
    ),
    "rg-durability-multiaz": (replace(DURABLE, multi_az_enabled=False), DURABLE),
    "rg-durability-tls": (replace(DURABLE, transit_encryption_enabled=False), DURABLE),
    "rg-durability-atrest": (
        replace(DURABLE, at_rest_encryption_enabled=False),
        replace(DURABLE, at_rest_encryption_enabled=None),
    ),
    "rg-durability-families": (
        replace(DURABLE, cache_node_type="cache.t4g.small"),
        replace(DURABLE, cache_node_type="cache.c8gn.large"),
    ),
    "rg-durability-not-with": (
        replace(SECONDARY, multi_az_enabled=True, replicas_per_node_group=1, durability="async"),
        replace(SECONDARY, multi_az_enabled=True, replicas_per_node_group=1, durability="disabled"),
    ),
    "rg-network-values": (replace(GROUP, network_type="ipv5"), replace(GROUP, network_type="dual_stack")),
    "rg-ipv6-engine": (
        replace(REDIS, engine_version="6.0", network_type="ipv6"),
        replace(REDIS, engine_version="6.2", network_type="ipv6"),
    ),
    "rg-ipv6-nitro": (
        replace(GROUP, cache_node_type="cache.m4.large", network_type="dual_stack"),
        replace(GROUP, cache_node_type="cache.m5.large", network_type="dual_stack"),
    ),
    "rg-ip-discovery": (
        replace(GROUP, network_type="ipv4", ip_discovery="ipv6"),
        replace(GROUP, network_type="dual_stack", ip_discovery="ipv6"),
    ),
    "rg-log-shape": (
        replace(GROUP, log_delivery_configurations=(replace(SLOW_LOG, destination=None),)),
        replace(GROUP, log_delivery_configurations=(SLOW_LOG,)),
    ),
    "rg-log-one-per-type": (
        replace(GROUP, log_delivery_configurations=(ENGINE_LOG, replace(ENGINE_LOG, log_type="engine-log"))),
        replace(GROUP, log_delivery_configurations=(ENGINE_LOG, replace(ENGINE_LOG, log_type="slow-log"))),
    ),
    "rg-log-slow-version": (
        replace(REDIS, engine_version="5.0.6", log_delivery_configurations=(SLOW_LOG,)),
        replace(REDIS, engine_version="6.0", log_delivery_configurations=(SLOW_LOG,)),
    ),
    "rg-log-engine-version": (
        replace(REDIS, engine_version="6.0", log_delivery_configurations=(ENGINE_LOG,)),
        replace(REDIS, engine_version="6.2", log_delivery_configurations=(ENGINE_LOG,)),
    ),
    "rg-restore-sources": (
        replace(GROUP, snapshot_name="monday", snapshot_arns=SEED),
        replace(GROUP, snapshot_name="monday"),
    ),
    "rg-snapshot-arns-no-comma": (
        replace(GROUP, snapshot_arns=("arn:aws:s3:::backups/a,b.rdb",)),
        replace(GROUP, snapshot_arns=("arn:aws-cn:s3:::backups/a/b.rdb",)),
    ),
    "rg-slots-for-s3-seed": (
        shards(NodeGroupSpec(slots="0-16383"), NodeGroupSpec(), snapshot_arns=SEED),
        shards(NodeGroupSpec(slots="0-8191"), NodeGroupSpec(slots="8192-16383"), snapshot_arns=SEED),
    ),
    "rg-restore-shards": (
        replace(SHARDS, snapshot_name="monday", snapshot_num_node_groups=2),
        replace(SHARDS, snapshot_name="monday", snapshot_num_node_groups=3),
    ),
    "bk-r6gd": (
        replace(GROUP, snapshot_name="monday", snapshot_cache_node_type="cache.r6gd.xlarge"),
        replace(TIERED, snapshot_name="monday", snapshot_cache_node_type="cache.r6gd.2xlarge"),
    ),
    "bk-restore-engine": (
        replace(REDIS, engine_version="7.0", snapshot_name="monday", snapshot_engine="valkey"),
        replace(REDIS, engine_version="7.1", snapshot_name="monday", snapshot_engine="valkey"),
    ),
    "rg-snapshotting-cluster-cmd-only": (
        replace(SHARDS, snapshotting_cluster_id="orders-0001-001"),
        replace(GROUP, snapshotting_cluster_id="orders-001"),
    ),
    "bk-reserved-memory": (
        replace(GROUP, snapshot_retention_limit=1, parameter_group_parameters={"reserved-memory-percent": "24"}),
        replace(GROUP, snapshot_retention_limit=1, parameter_group_parameters={"reserved-memory-percent": "25"}),
    ),
    "rg-cache-security-groups": (
        replace(GROUP, cache_security_group_names=("default",)),
        replace(GROUP, cache_security_group_names=()),
    ),
    "gl-secondary-inherits": (
        replace(SECONDARY, replicas_per_node_group=1, num_node_groups=3),
        replace(SECONDARY, replicas_per_node_group=1),
    ),
    "gl-secondary-inherits-all": (replace(SECONDARY, cache_node_type="cache.r7g.large"), SECONDARY),
    "gl-auto-minor-off": (
        replace(SECONDARY, auto_minor_version_upgrade=True),
        replace(SECONDARY, auto_minor_version_upgrade=False),
    ),
}
