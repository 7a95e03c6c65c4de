"""Global datastores: of each rule one that breaks it, and one that keeps to it by a hair."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from elasticache_kit.model.global_replication_group import GlobalMemberSpec, GlobalReplicationGroupSpec
from tests.model.case.replication_group import GROUP, SHARDS
from tests.model.case.replication_group_option import SECONDARY as SECONDARY_GROUP

if TYPE_CHECKING:
    from elasticache_kit.model.replication_group import ReplicationGroupSpec

PRIMARY_GROUP = replace(GROUP, cache_node_type="cache.r7g.large")
SHARDED = replace(SHARDS, cache_node_type="cache.r7g.large")
OLD = replace(GROUP, engine="redis", cache_node_type="cache.r5.large")
PRIMARY = GlobalMemberSpec(
    replication_group_id="orders",
    replication_group_region="eu-west-1",
    role="PRIMARY",
    replication_group=PRIMARY_GROUP,
)
REPLICATED = replace(SECONDARY_GROUP, num_cache_clusters=2)
FOLLOWING = replace(SECONDARY_GROUP, replicas_per_node_group=1)
SECONDARY = GlobalMemberSpec(
    replication_group_id="orders-b",
    replication_group_region="us-east-1",
    role="SECONDARY",
    replication_group=REPLICATED,
)
DATASTORE = GlobalReplicationGroupSpec(global_replication_group_id_suffix="orders", members=(PRIMARY, SECONDARY))


def of(primary: ReplicationGroupSpec, secondary: ReplicationGroupSpec) -> GlobalReplicationGroupSpec:
    """Return a global datastore of two groups."""
    return replace(
        DATASTORE,
        members=(replace(PRIMARY, replication_group=primary), replace(SECONDARY, replication_group=secondary)),
    )


def also_in(*regions: str) -> GlobalReplicationGroupSpec:
    """Return the global datastore with a member in each of some more Regions."""
    others = [replace(SECONDARY, replication_group_id="orders-c", replication_group_region=name) for name in regions]
    return replace(DATASTORE, members=(PRIMARY, SECONDARY, *others))


def nodes(name: str) -> GlobalReplicationGroupSpec:
    """Return a global datastore whose primary has nodes of a type."""
    return of(replace(GROUP, cache_node_type=name), REPLICATED)


CASES: dict[str, tuple[GlobalReplicationGroupSpec, GlobalReplicationGroupSpec]] = {
    "gl-members": (
        also_in("eu-west-2", "eu-central-1"),
        also_in("eu-west-2"),
    ),
    "gl-one-per-region": (also_in("eu-west-1"), also_in("eu-west-2")),
    "gl-regions": (also_in("ap-southeast-6"), also_in("ap-southeast-5")),
    "gl-china": (
        also_in("cn-north-1"),
        replace(
            DATASTORE,
            members=(
                replace(PRIMARY, replication_group_region="cn-north-1"),
                replace(SECONDARY, replication_group_region="cn-northwest-1"),
            ),
        ),
    ),
    "gl-same-shape": (
        of(PRIMARY_GROUP, replace(PRIMARY_GROUP, num_cache_clusters=3, engine_version="9.1")),
        of(PRIMARY_GROUP, replace(PRIMARY_GROUP, num_cache_clusters=3)),
    ),
    "gl-failover-inherits": (
        of(PRIMARY_GROUP, replace(SECONDARY_GROUP, num_cache_clusters=1)),
        of(PRIMARY_GROUP, REPLICATED),
    ),
    "gl-vpc": (
        of(replace(PRIMARY_GROUP, network_type="dual_stack"), REPLICATED),
        of(replace(PRIMARY_GROUP, network_type="ipv4"), REPLICATED),
    ),
    "gl-no-durability": (
        of(replace(SHARDED, durability="async"), FOLLOWING),
        of(replace(SHARDED, durability="disabled"), FOLLOWING),
    ),
    "gl-id-suffix": (
        replace(DATASTORE, global_replication_group_id_suffix="orders-"),
        replace(DATASTORE, global_replication_group_id_suffix="1-orders"),
    ),
    "gl-engine": (replace(DATASTORE, engine="memcached"), replace(DATASTORE, engine="valkey")),
    "gl-engine-version": (
        of(replace(OLD, engine_version="5.0.5"), REPLICATED),
        of(replace(OLD, engine_version="5.0.6"), REPLICATED),
    ),
    "gl-node-family": (nodes("cache.r4.large"), nodes("cache.r5.large")),
    "gl-tags": (
        replace(DATASTORE, tags={"aws:team": "orders"}),
        replace(DATASTORE, tags={f"key-{number}": "x" * 256 for number in range(50)}),
    ),
}

CHANGES: dict[
    str,
    tuple[
        tuple[GlobalReplicationGroupSpec, GlobalReplicationGroupSpec],
        tuple[GlobalReplicationGroupSpec, GlobalReplicationGroupSpec],
    ],
] = {
    "gl-parameter-group": (
        (DATASTORE, replace(DATASTORE, cache_parameter_group_name="ours")),
        (DATASTORE, replace(DATASTORE, cache_parameter_group_name="ours", engine_version="9.1")),
    ),
}
