"""ParameterGroup: the family follows from the version."""

from __future__ import annotations

from typing import Any, cast

import pytest
from aws_cdk import Stack, Token
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Template

from elasticache_kit.cdk import ParameterGroup, RedisVersion, ReplicationGroup, ShardedReplicationGroup, ValkeyVersion
from elasticache_kit.errors import ValidationError

TYPE = "AWS::ElastiCache::ParameterGroup"


def test_family_and_description_omitted(stack: Stack) -> None:
    """The family is that of the version, the description is the path, and no parameter differs."""
    group = ParameterGroup(stack, "Parameters", engine_version=ValkeyVersion.VER_9_0)
    properties = dict(Template.from_stack(stack).find_resources(TYPE)).popitem()[1]["Properties"]

    assert properties == {"CacheParameterGroupFamily": "valkey9", "Description": "Parameters of Stack/Parameters"}
    assert group.cache_parameter_group_family == "valkey9"
    assert group.cluster_enabled is False


def test_everything_given(stack: Stack) -> None:
    """Parameters and description arrive; CloudFormation wants every value as text."""
    group = ParameterGroup(
        stack,
        "Parameters",
        engine_version=RedisVersion.VER_6_2,
        properties={"maxmemory-policy": "allkeys-lru", "timeout": 30, "cluster-enabled": True, "activedefrag": False},
        description="Parameters of the orders",
    )

    Template.from_stack(stack).has_resource_properties(
        TYPE,
        {
            "CacheParameterGroupFamily": "redis6.x",
            "Description": "Parameters of the orders",
            "Properties": {
                "maxmemory-policy": "allkeys-lru",
                "timeout": "30",
                "cluster-enabled": "yes",
                "activedefrag": "no",
            },
        },
    )
    assert group.cluster_enabled is True


def test_a_value_that_only_a_deployment_knows(stack: Stack) -> None:
    """A token passes through, and no rule fires on it."""
    policy = Token.as_string({"Ref": "Policy"})
    ParameterGroup(stack, "Parameters", engine_version=ValkeyVersion.VER_9_0, properties={"maxmemory-policy": policy})

    Template.from_stack(stack).has_resource_properties(TYPE, {"Properties": {"maxmemory-policy": {"Ref": "Policy"}}})


def test_a_number_that_only_a_deployment_knows(stack: Stack) -> None:
    """It stands in the template as a reference, although every parameter is text there."""
    timeout = Token.as_number({"Ref": "Timeout"})
    ParameterGroup(
        stack, "Parameters", engine_version=ValkeyVersion.VER_9_0, properties={"timeout": cast("int", timeout)}
    )

    Template.from_stack(stack).has_resource_properties(TYPE, {"Properties": {"timeout": {"Ref": "Timeout"}}})


def test_a_cluster_mode_that_only_a_deployment_knows(stack: Stack, vpc: ec2.Vpc) -> None:
    """It contradicts neither class of replication group."""
    group = ParameterGroup(
        stack,
        "Parameters",
        engine_version=ValkeyVersion.VER_9_0,
        properties={"cluster-enabled": Token.as_string({"Ref": "ClusterMode"})},
    )

    assert group.cluster_enabled is None
    version = ValkeyVersion.VER_9_0
    for kind in (ReplicationGroup, ShardedReplicationGroup):
        kind(stack, kind.__name__, vpc=vpc, engine_version=version, cache_parameter_group=group)


def _refusal(stack: Stack, properties: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as error:
        ParameterGroup(stack, "Parameters", engine_version=ValkeyVersion.VER_9_0, properties=properties)
    assert stack.node.try_find_child("Parameters") is None
    return str(error.value)


def test_all_wrong_parameters_at_once(stack: Stack) -> None:
    """An unknown parameter, a value that is not allowed and one that cannot be changed are in one message."""
    text = _refusal(stack, {"max-memory": "1", "maxmemory-policy": "newest", "appendonly": "yes"})

    assert text.splitlines() == [
        "Stack/Parameters: 3 problems",
        "  max-memory = '1': the family valkey9 has no such parameter",
        "    take maxmemory   [pg-parameter-exists]",
        "  appendonly = 'yes': ElastiCache has no append-only file",
        "    leave it out; snapshots, or durability from valkey 9.0 on, keep data   [rg-aof-gone]",
        "  maxmemory-policy = 'newest': this value is not allowed",
        (
            "    take volatile-lru, allkeys-lru, volatile-lfu, allkeys-lfu, volatile-random, allkeys-random, "
            "volatile-ttl or noeviction, or leave it out for volatile-lru   [pg-value-allowed]"
        ),
    ]


@pytest.mark.parametrize(
    ("name", "family", "cluster_enabled"),
    [
        ("default.valkey9", "valkey9", False),
        ("default.valkey9.cluster.on", "valkey9", True),
        ("default.redis6.x", "redis6.x", False),
        ("default.redis6.x.cluster.on", "redis6.x", True),
        ("orders", None, None),
    ],
)
def test_imported_by_name(stack: Stack, name: str, family: str | None, cluster_enabled: bool | None) -> None:
    """The names of AWS's own groups tell what they are, other names tell nothing."""
    group = ParameterGroup.from_cache_parameter_group_name(stack, "Parameters", name)

    assert group.cache_parameter_group_name == name
    assert group.cache_parameter_group_family == family
    assert group.cluster_enabled is cluster_enabled
    assert not Template.from_stack(stack).find_resources(TYPE)
