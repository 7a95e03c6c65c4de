"""Replication groups that are imported, in either cluster mode."""

from __future__ import annotations

import pytest
from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Template

from elasticache_kit.cdk import (
    IReplicationGroup,
    IShardedReplicationGroup,
    NodeType,
    ReplicationGroup,
    ShardedReplicationGroup,
    ValkeyVersion,
)
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.unknown import UNKNOWN

TYPE = "AWS::ElastiCache::ReplicationGroup"


def test_imported_endpoints(stack: Stack) -> None:
    """An imported group has the endpoints that it was given, as values."""
    cache = ReplicationGroup.from_replication_group_attributes(
        stack,
        "Cache",
        replication_group_id="orders",
        primary_endpoint_address="primary.example.com",
        reader_endpoint_address="reader.example.com",
        port=6380,
    )

    assert isinstance(cache, IReplicationGroup)
    assert cache.replication_group_id == "orders"
    assert cache.primary_endpoint.socket_address == "primary.example.com:6380"
    assert cache.reader_endpoint.socket_address == "reader.example.com:6380"
    assert not Template.from_stack(stack).find_resources(TYPE)


@pytest.mark.parametrize("name", ["primary", "reader"])
def test_imported_without_an_endpoint(stack: Stack, name: str) -> None:
    """What an import did not tell is missed when it is asked for, with what to do."""
    cache = ReplicationGroup.from_replication_group_attributes(stack, "Cache", replication_group_id="orders")

    with pytest.raises(ValidationError) as error:
        getattr(cache, f"{name}_endpoint")

    assert str(error.value) == (
        f"Stack/Cache is imported without its {name} endpoint; give {name}_endpoint_address where it is imported"
    )


def test_imported_group_lets_a_client_in(stack: Stack, vpc: ec2.Vpc) -> None:
    """`connections` works on the security groups that an import is given."""
    cache = ReplicationGroup.from_replication_group_attributes(
        stack,
        "Cache",
        replication_group_id="orders",
        security_groups=[ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0123456789abcdef0")],
    )
    ec2.SecurityGroup(stack, "Client", vpc=vpc).connections.allow_to_default_port(cache)

    Template.from_stack(stack).has_resource_properties(
        "AWS::EC2::SecurityGroupIngress", {"GroupId": "sg-0123456789abcdef0", "FromPort": 6379, "ToPort": 6379}
    )


def test_imported_with_cluster_mode(stack: Stack, vpc: ec2.Vpc) -> None:
    """An imported group has its endpoint as a value, and lets a client in."""
    cache = ShardedReplicationGroup.from_sharded_replication_group_attributes(
        stack,
        "Cache",
        replication_group_id="orders",
        configuration_endpoint_address="config.example.com",
        security_groups=[ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0123456789abcdef0")],
    )
    ec2.SecurityGroup(stack, "Client", vpc=vpc).connections.allow_to_default_port(cache)
    template = Template.from_stack(stack)

    assert isinstance(cache, IShardedReplicationGroup)
    assert cache.replication_group_id == "orders"
    assert cache.configuration_endpoint.socket_address == "config.example.com:6379"
    assert not template.find_resources(TYPE)
    template.has_resource_properties("AWS::EC2::SecurityGroupIngress", {"GroupId": "sg-0123456789abcdef0"})


def test_imported_without_its_configuration_endpoint(stack: Stack) -> None:
    """What an import did not tell is missed when it is asked for, with what to do."""
    cache = ShardedReplicationGroup.from_sharded_replication_group_attributes(
        stack, "Cache", replication_group_id="orders"
    )

    with pytest.raises(ValidationError) as error:
        _ = cache.configuration_endpoint

    assert str(error.value) == (
        "Stack/Cache is imported without its configuration endpoint; "
        "give configuration_endpoint_address where it is imported"
    )


@pytest.mark.parametrize("owned", [True, False])
def test_arn(stack: Stack, vpc: ec2.Vpc, owned: bool) -> None:
    """Policies name a group by its ARN, owned or imported."""
    cache = (
        ReplicationGroup(stack, "Cache", vpc=vpc)
        if owned
        else ReplicationGroup.from_replication_group_attributes(stack, "Cache", replication_group_id="Orders")
    )
    parts = stack.resolve(cache.replication_group_arn)["Fn::Join"][1]

    assert parts[-1] == ({"Ref": "Cache18F6EE16"} if owned else ":replicationgroup:orders")
    assert {"Ref": "AWS::AccountId"} in parts


def test_nodes_of_an_import(stack: Stack) -> None:
    """Who tells how many nodes there are gets their ids."""
    plain = ReplicationGroup.from_replication_group_attributes(
        stack, "Plain", replication_group_id="orders", num_cache_clusters=2
    )
    sharded = ShardedReplicationGroup.from_sharded_replication_group_attributes(
        stack, "Sharded", replication_group_id="orders", num_node_groups=2, replicas_per_node_group=1
    )

    assert plain.cache_cluster_ids == ("orders-001", "orders-002")
    assert sharded.cache_cluster_ids == ("orders-0001-001", "orders-0001-002", "orders-0002-001", "orders-0002-002")


@pytest.mark.parametrize("sharded", [True, False])
def test_nodes_that_nobody_counted(stack: Stack, sharded: bool) -> None:
    """Without a number there are no ids, and the sentence says where to give one."""
    cache = (
        ShardedReplicationGroup.from_sharded_replication_group_attributes(stack, "Cache", replication_group_id="orders")
        if sharded
        else ReplicationGroup.from_replication_group_attributes(stack, "Cache", replication_group_id="orders")
    )

    with pytest.raises(ValidationError) as error:
        _ = cache.cache_cluster_ids

    assert str(error.value) == (
        "Stack/Cache: its nodes have ids of their number, which is not known at synth; "
        "give a number where the group is made or imported"
    )


def test_what_an_import_is_told(stack: Stack) -> None:
    """Rules, thresholds and grants get to know what an import is told, and nothing is made up."""
    told = ReplicationGroup.from_replication_group_attributes(
        stack,
        "Told",
        replication_group_id="orders",
        engine_version=ValkeyVersion.VER_8_1,
        cache_node_type=NodeType.of("cache.r7g.large"),
    )
    silent = ReplicationGroup.from_replication_group_attributes(stack, "Silent", replication_group_id="orders")

    assert (told.spec.engine, told.spec.engine_version, told.spec.cache_node_type) == (
        "valkey",
        "8.1",
        "cache.r7g.large",
    )
    assert silent.spec.engine is silent.spec.engine_version is silent.spec.cache_node_type is UNKNOWN


def test_what_is_known_of_one_that_is_made_here(stack: Stack, vpc: ec2.Vpc) -> None:
    """The rulebook's description stays with the construct."""
    cache = ShardedReplicationGroup(stack, "Cache", vpc=vpc, num_node_groups=4)

    assert (cache.spec.num_node_groups, cache.spec.replicas_per_node_group, cache.spec.cluster_mode) == (
        4,
        1,
        "enabled",
    )


def test_metrics_of_an_import(stack: Stack) -> None:
    """What CloudWatch measures is reached from the group, under the dimensions of its nodes."""
    cache = ReplicationGroup.from_replication_group_attributes(
        stack, "Cache", replication_group_id="orders", num_cache_clusters=1
    )
    metric = cache.metrics.engine_cpu_utilization()

    assert isinstance(metric, cloudwatch.Metric)
    assert metric.dimensions == {"CacheClusterId": "orders-001", "CacheNodeId": "0001"}
