"""The templates of the constructs, as cfn-lint sees them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template

from elasticache_kit.cdk import (
    Authentication,
    LogDelivery,
    MaintenanceWindow,
    NodeGroupConfiguration,
    NodeType,
    ParameterGroup,
    RedisVersion,
    ReplicationGroup,
    ShardedReplicationGroup,
    Snapshot,
    SnapshotSource,
    SnapshotWindow,
    SubnetGroup,
    ValkeyVersion,
)
from tests.cfn_lint import lint

if TYPE_CHECKING:
    from cfnlint.match import Match

Shape = Callable[[Stack, ec2.Vpc], object]


def _plain(stack: Stack, vpc: ec2.Vpc) -> object:
    return ReplicationGroup(stack, "Cache", vpc=vpc)


def _single_node(stack: Stack, vpc: ec2.Vpc) -> object:
    return ReplicationGroup(stack, "Cache", vpc=vpc, num_cache_clusters=1, removal_policy=RemovalPolicy.DESTROY)


def _redis(stack: Stack, vpc: ec2.Vpc) -> object:
    return ReplicationGroup(stack, "Cache", vpc=vpc, engine_version=RedisVersion.VER_7_1)


def _without_encryption(stack: Stack, vpc: ec2.Vpc) -> object:
    return ReplicationGroup(stack, "Cache", vpc=vpc, transit_encryption_enabled=False, at_rest_encryption_enabled=False)


def _full(stack: Stack, vpc: ec2.Vpc) -> object:
    version = ValkeyVersion.VER_8_1
    return ReplicationGroup(
        stack,
        "Cache",
        vpc=vpc,
        cache_subnet_group=SubnetGroup(stack, "Subnets", vpc=vpc, cache_subnet_group_name="orders"),
        security_groups=[ec2.SecurityGroup(stack, "Group", vpc=vpc)],
        engine_version=version,
        cache_node_type=NodeType.of("cache.r7g.large"),
        num_cache_clusters=2,
        preferred_cache_cluster_azs=vpc.availability_zones,
        cache_parameter_group=ParameterGroup(
            stack, "Parameters", engine_version=version, properties={"maxmemory-policy": "allkeys-lru"}
        ),
        replication_group_id="orders",
        replication_group_description="The cache of the orders",
        transit_encryption_mode="preferred",
        kms_key=kms.Key(stack, "Key"),
        port=6380,
        snapshot_retention_limit=35,
        snapshot_window="05:00-09:00",
        preferred_maintenance_window="sun:23:00-mon:01:30",
        auto_minor_version_upgrade=False,
    )


def _sharded(stack: Stack, vpc: ec2.Vpc) -> object:
    return ShardedReplicationGroup(stack, "Cache", vpc=vpc)


def _one_shard(stack: Stack, vpc: ec2.Vpc) -> object:
    return ShardedReplicationGroup(stack, "Cache", vpc=vpc, num_node_groups=1, replicas_per_node_group=0)


def _sharded_by_hand(stack: Stack, vpc: ec2.Vpc) -> object:
    version = ValkeyVersion.VER_9_0
    return ShardedReplicationGroup(
        stack,
        "Cache",
        vpc=vpc,
        engine_version=version,
        cache_parameter_group=ParameterGroup(
            stack, "Parameters", engine_version=version, properties={"cluster-enabled": True}
        ),
        node_group_configuration=[
            NodeGroupConfiguration(
                node_group_id="0001",
                slots="0-8191",
                primary_availability_zone=vpc.availability_zones[0],
                replica_availability_zones=[vpc.availability_zones[1]],
            ),
            NodeGroupConfiguration(node_group_id="0002", slots="8192-16383", replica_count=2),
        ],
    )


def _with_a_client(stack: Stack, vpc: ec2.Vpc) -> object:
    cache = ReplicationGroup(stack, "Cache", vpc=vpc)
    return cache.connections.allow_default_port_from(ec2.SecurityGroup(stack, "Client", vpc=vpc))


def _compatible(stack: Stack, vpc: ec2.Vpc) -> object:
    return ReplicationGroup(stack, "Cache", vpc=vpc, cluster_mode="compatible")


def _tiered(stack: Stack, vpc: ec2.Vpc) -> object:
    return ReplicationGroup(stack, "Cache", vpc=vpc, cache_node_type=NodeType.of("cache.r6gd.xlarge"))


def _durable(stack: Stack, vpc: ec2.Vpc) -> object:
    return ShardedReplicationGroup(
        stack, "Cache", vpc=vpc, cache_node_type=NodeType.of("cache.r7g.large"), durability="sync"
    )


def _ipv6(stack: Stack, vpc: ec2.Vpc) -> object:
    subnets = SubnetGroup.from_cache_subnet_group_name(stack, "Subnets", "ipv6-only")
    return ShardedReplicationGroup(stack, "Cache", vpc=vpc, cache_subnet_group=subnets, network_type="ipv6")


def _watched(stack: Stack, vpc: ec2.Vpc) -> object:
    return ReplicationGroup(
        stack,
        "Cache",
        vpc=vpc,
        log_delivery_configurations=[
            LogDelivery.to_new_log_group("slow-log", kms_key=kms.Key(stack, "Key")),
            LogDelivery.to_delivery_stream("engine-log", "orders-logs"),
        ],
        notification_topic=sns.Topic(stack, "Topic"),
        snapshot_window=SnapshotWindow.daily("05:00"),
        preferred_maintenance_window=MaintenanceWindow.weekly("sun", "23:00"),
        tags={"team": "orders"},
    )


def _seeded_from_a_bucket(stack: Stack, vpc: ec2.Vpc) -> object:
    bucket = s3.Bucket(stack, "Bucket", encryption=s3.BucketEncryption.KMS)
    return ReplicationGroup(stack, "Cache", vpc=vpc, snapshot_source=SnapshotSource.from_bucket(bucket, ["orders.rdb"]))


def _seeded_from_a_snapshot(stack: Stack, vpc: ec2.Vpc) -> object:
    snapshot = Snapshot(stack, "Snapshot", replication_group=ReplicationGroup(stack, "Cache", vpc=vpc))
    return ReplicationGroup(stack, "Copy", vpc=vpc, snapshot_source=SnapshotSource.from_snapshot(snapshot))


def _secondary(stack: Stack, vpc: ec2.Vpc) -> object:
    ReplicationGroup(stack, "Cache", vpc=vpc, global_replication_group_id="ldgnf-orders")
    return ShardedReplicationGroup(stack, "Sharded", vpc=vpc, global_replication_group_id="ldgnf-baskets")


def _signed_in(stack: Stack, vpc: ec2.Vpc) -> object:
    return ReplicationGroup(stack, "Cache", vpc=vpc, authentication=Authentication.iam())


SHAPES: list[Shape] = [
    _plain,
    _single_node,
    _redis,
    _without_encryption,
    _full,
    _sharded,
    _one_shard,
    _sharded_by_hand,
    _with_a_client,
    _compatible,
    _tiered,
    _durable,
    _ipv6,
    _watched,
    _seeded_from_a_bucket,
    _seeded_from_a_snapshot,
    _secondary,
    _signed_in,
]


def _findings(template: Mapping[str, Any]) -> list[Match]:
    return lint(json.dumps(template), regions=["us-east-1"])


@pytest.mark.parametrize("shape", SHAPES)
def test_cfn_lint_finds_nothing(shape: Shape) -> None:
    """Whatever the options, the template has nothing that cfn-lint would say."""
    stack = Stack(App(), "Stack")
    shape(stack, ec2.Vpc(stack, "Vpc", nat_gateways=0, restrict_default_security_group=False))

    assert _findings(Template.from_stack(stack).to_json()) == []


def test_cfn_lint_is_awake(stack: Stack, vpc: ec2.Vpc) -> None:
    """A template with a mistake has a finding, so an empty list above means something."""
    _plain(stack, vpc)
    template = Template.from_stack(stack).to_json()
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::ElastiCache::ReplicationGroup":
            resource["Properties"]["NumCacheClusters"] = 7

    assert [match.rule.id for match in _findings(template)] == ["E3034"]
