"""Replication groups that are imported, in either cluster mode."""

from __future__ import annotations

import pytest
from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Template

from elasticache_kit.cdk import (
    IReplicationGroup,
    IShardedReplicationGroup,
    ReplicationGroup,
    ShardedReplicationGroup,
)
from elasticache_kit.errors import ValidationError

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
