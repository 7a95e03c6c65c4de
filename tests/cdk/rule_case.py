"""Rules that a construct breaks in another way than the rulebook's spec does, refuses itself, or cannot break."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms

from elasticache_kit.cdk import (
    EngineVersion,
    GlobalReplicationGroup,
    IamUser,
    NodeGroupScaling,
    NodeType,
    ParameterGroup,
    RedisVersion,
    ReplicaScaling,
    ReplicationGroup,
    ServerlessCache,
    ServerlessCacheSnapshot,
    ShardedReplicationGroup,
    Snapshot,
    SnapshotSource,
    SubnetGroup,
    ValkeyVersion,
)
from elasticache_kit.model.engine import Engine

if TYPE_CHECKING:
    from tests.cdk.site import Site

R7G = NodeType.of("cache.r7g.large")


def key(site: Site) -> Any:
    """Return a key that exists."""
    return kms.Key.from_key_arn(site.stack, site.id(), f"arn:aws:kms:eu-west-1:123456789012:key/{'0' * 36}")


def group(site: Site, **arguments: Any) -> ReplicationGroup:
    """Make a replication group without cluster mode."""
    return ReplicationGroup(site.stack, site.id(), vpc=site.vpc, **arguments)


def shards(site: Site, **arguments: Any) -> ShardedReplicationGroup:
    """Make a replication group with cluster mode, of nodes that can be scaled."""
    chosen: dict[str, Any] = {"cache_node_type": R7G, **arguments}
    return ShardedReplicationGroup(site.stack, site.id(), vpc=site.vpc, **chosen)


def saved(site: Site, source: Any) -> SnapshotSource:
    """Take a snapshot of a group that is made here."""
    return SnapshotSource.from_snapshot(Snapshot(site.stack, site.id(), replication_group=source))


def datastore(site: Site, primary: Any, secondary_nodes: int = 2, **arguments: Any) -> Any:
    """Make a global datastore with a secondary in another Region."""
    made = GlobalReplicationGroup(site.stack, site.id(), primary_replication_group=primary, **arguments)
    other = Stack(site.app, site.id("Other"), env={"region": "us-east-1"})
    made.add_secondary(
        ReplicationGroup.from_replication_group_attributes(
            other, "Cache", replication_group_id="orders-b", num_cache_clusters=secondary_nodes
        )
    )
    return made


def subnets(site: Site, count: int, zone: str = "eu-west-1a") -> ec2.SubnetSelection:
    """Return subnets of one zone."""
    found = [
        ec2.Subnet.from_subnet_attributes(site.stack, site.id(), subnet_id=f"subnet-{n:017x}", availability_zone=zone)
        for n in range(count)
    ]
    return ec2.SubnetSelection(subnets=list(found))


def serverless(site: Site, name: str = "orders") -> Any:
    """Return a serverless cache that exists."""
    return ServerlessCache.from_serverless_cache_attributes(site.stack, site.id(), serverless_cache_name=name)


# Rules that a construct can break in another way than the spec of the rulebook does.
OTHERWISE: dict[str, Callable[[Site], Any]] = {
    "rg-cme-needs-failover": lambda it: group(
        it, cluster_mode="compatible", automatic_failover_enabled=False, multi_az_enabled=False
    ),
    "rg-kms-needs-atrest": lambda it: group(it, kms_key=key(it), at_rest_encryption_enabled=False),
    "rg-restore-sources": lambda it: group(
        it, primary_cluster_id="orders-001", snapshot_source=SnapshotSource.from_snapshot_name("monday")
    ),
    "rg-restore-shards": lambda it: shards(
        it, num_node_groups=2, snapshot_source=saved(it, shards(it, num_node_groups=3))
    ),
    "bk-r6gd": lambda it: group(
        it, snapshot_source=saved(it, group(it, cache_node_type=NodeType.of("cache.r6gd.xlarge")))
    ),
    "bk-restore-engine": lambda it: group(
        it, engine_version=RedisVersion.VER_7_0, snapshot_source=saved(it, group(it))
    ),
    "bk-t1": lambda it: Snapshot(
        it.stack,
        it.id(),
        replication_group=ReplicationGroup.from_replication_group_attributes(
            it.stack, it.id(), replication_group_id="old", cache_node_type=NodeType.of("cache.t1.micro")
        ),
    ),
    "sg-subnets-quota": lambda it: SubnetGroup(it.stack, it.id(), vpc=it.vpc, vpc_subnets=subnets(it, 21)),
    "sl-subnets-vpc": lambda it: ServerlessCache(it.stack, it.id(), vpc=it.vpc, vpc_subnets=subnets(it, 2)),
    "sl-snapshot-resource": lambda it: ServerlessCacheSnapshot(
        it.stack, it.id(), serverless_cache=serverless(it), serverless_cache_snapshot_name="1-monday"
    ),
    "sl-snapshot-source": lambda it: ServerlessCacheSnapshot(
        it.stack, it.id(), serverless_cache=serverless(it, "or_ders")
    ),
    "gl-failover-inherits": lambda it: datastore(it, group(it, cache_node_type=R7G), secondary_nodes=1),
    "gl-vpc": lambda it: datastore(
        it,
        group(
            it,
            cache_node_type=R7G,
            network_type="dual_stack",
            cache_subnet_group=SubnetGroup.from_cache_subnet_group_name(it.stack, it.id(), "dual"),
        ),
    ),
    "gl-no-durability": lambda it: datastore(it, shards(it, durability="async", engine_version=ValkeyVersion.VER_9_0)),
    "gl-engine": lambda it: datastore(
        it, group(it, cache_node_type=R7G), engine_version=EngineVersion.of("memcached", "1.6.22")
    ),
    "as-engine": lambda it: NodeGroupScaling(
        it.stack,
        it.id(),
        max_capacity=9,
        replication_group=shards(
            it, engine_version=EngineVersion.of("redis", "5.0.6"), cache_node_type=NodeType.of("cache.r5.large")
        ),
    ),
    "as-not-in": lambda it: NodeGroupScaling(
        it.stack,
        it.id(),
        max_capacity=9,
        replication_group=ShardedReplicationGroup(
            it.stack, it.id(), vpc=it.vpc, global_replication_group_id="ldgnf-orders"
        ),
    ),
    "as-reserved-memory": lambda it: ReplicaScaling(
        it.stack,
        it.id(),
        max_capacity=5,
        replication_group=shards(
            it,
            engine_version=ValkeyVersion.VER_9_0,
            snapshot_retention_limit=0,
            cache_parameter_group=ParameterGroup(
                it.stack,
                it.id(),
                engine_version=ValkeyVersion.VER_9_0,
                properties={"reserved-memory-percent": "24", "cluster-enabled": "yes"},
            ),
        ),
    ),
    "user-engine": lambda it: IamUser(it.stack, it.id(), engine=Engine.MEMCACHED),
}
# Rules whose mistake a construct refuses itself, before the rulebook is asked; with the id of that refusal.
REFUSED_BEFORE: dict[str, str] = {
    **dict.fromkeys(
        (
            "rg-cluster-mode-values",
            "rg-tls-mode-values",
            "rg-durability-values",
            "rg-network-values",
            "rg-log-shape",
            "sl-connection-values",
            "sl-engine",
            "sl-network-type",
            "mc-az-mode",
            "mc-network-values",
            "as-resource-id",
            "as-cme-only",
        ),
        "cdk-argument-type",
    ),
    **dict.fromkeys(
        ("rg-sizing-exclusive", "rg-multi-shard-needs-cme-parameter-group"), "cdk-parameter-group-cluster-mode"
    ),
    "gl-secondary-inherits-all": "cdk-global-secondary",
    "mc-log-shape": "cdk-memcached-engine",
    "mc-redis-tls-via-rg": "cdk-memcached-engine",
    "mc-azmode-memcached-only": "cdk-memcached-engine",
}
# Rules that nobody can break with a construct, and why.
UNSAYABLE: dict[str, str] = {
    **dict.fromkeys(
        ("rg-description-required", "pg-description-required", "sg-description-required"), "the path describes it"
    ),
    "rg-node-type-required": "there is a default",
    "rg-cluster-mode-one-shard": "the class with shards has no cluster mode to choose",
    "rg-valkey-tls-explicit": "TLS is on or off, and on by default",
    "rg-tls-subnet-group": "there is always a subnet group",
    "rg-one-shard-default-group": "the parameter group is always named",
    "rg-tiering-must": "data tiering follows from the node type",
    "rg-tiering-r6gd-only": "data tiering follows from the node type",
    "rg-snapshotting-cluster-cmd-only": "the class with shards has no such argument",
    "rg-cache-security-groups": "no argument",
    "rg-auth-format": "Secrets Manager makes the token up",
    "rg-auth-xor-usergroup": "there is one way to sign in",
    "rg-usergroup-one": "there is one user group",
    "pg-name": "CloudFormation names it",
    "pg-family-required": "the engine version tells the family",
    "sg-subnets-required": "a VPC without such subnets has an error of its own",
    "sl-required": "both have a default",
    "sl-storage-unit": "it is always gigabytes",
    "sl-sg": "there is always a security group",
    "sl-restore-arns": "an ARN does not tell the engine of a snapshot",
    "mc-required": "all three have a default",
    "mc-azs-cross": "AZMode follows from the zones",
    "mc-cache-security-groups": "no argument",
    "mc-no-snapshots": "no argument",
    "mc-no-replication": "no argument",
    "bk-name-required": "a name is made up",
    "bk-engines": "the id of a cluster does not tell its engine",
    "bk-level": "the id of a cluster does not tell its group",
    "as-dimension": "the class chooses it",
    "as-step-scaling": "every policy tracks a target",
    "user-required": "all have a default, or must be given",
    "user-auth-given": "the class is the way to sign in",
    "user-auth-one-way": "the class is the way to sign in",
    "user-passwords-count": "a password is that of one secret",
    "user-password-format": "Secrets Manager makes the password up",
    "user-iam-name": "the id is the name",
    "user-iam-not-default": "the id is the name, and this id is taken",
    "user-valkey-no-nopass": "such a user is always of Redis OSS",
    "group-required": "users must be given",
}
