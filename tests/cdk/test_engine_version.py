"""The constants for engine versions."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import CfnParameter, Fn, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Template

from elasticache_kit.cdk import (
    CacheAlarms,
    EngineVersion,
    MemcachedCluster,
    MemcachedVersion,
    NodeType,
    ParameterGroup,
    RedisVersion,
    ReplicationGroup,
    ShardedReplicationGroup,
    ValkeyVersion,
)
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.engine import Engine, versions


def _constants(names: type) -> set[EngineVersion]:
    return {value for name, value in vars(names).items() if name.startswith("VER_")}


def test_every_valkey_version_has_a_constant() -> None:
    """A version that the rulebook learns gets its constant."""
    assert _constants(ValkeyVersion) == set(versions(Engine.VALKEY))


def test_redis_constants_are_versions_that_a_new_cache_can_run() -> None:
    """The constants leave out versions near their end, `of` has them."""
    assert _constants(RedisVersion) <= set(versions(Engine.REDIS))


@pytest.mark.parametrize("names", [ValkeyVersion, RedisVersion])
def test_a_constant_is_called_by_its_number(names: type) -> None:
    """VER_9_0 is 9.0."""
    assert all(
        name == f"VER_{value.version.replace('.', '_')}" for name, value in vars(names).items() if name[:4] == "VER_"
    )


def test_a_version_of_tomorrow() -> None:
    """A version that the rulebook does not know is taken, and its family follows from its number."""
    version = ValkeyVersion.of("10.0")

    assert (version.engine, version.version, version.family, version.known) == ("valkey", "10.0", "valkey10", False)


def test_an_older_redis() -> None:
    """`of` knows the engine."""
    assert RedisVersion.of("5.0.6") == EngineVersion.of(Engine.REDIS, "5.0.6")


def version_of(stack: Stack) -> str:
    """Return the value of a CfnParameter."""
    return CfnParameter(stack, "Version").value_as_string


def group(stack: Stack) -> dict[str, Any]:
    """Return the properties of the replication group of a stack."""
    (found,) = Template.from_stack(stack).find_resources("AWS::ElastiCache::ReplicationGroup").values()
    return found["Properties"]


def test_what_a_deployment_knows_alone(stack: Stack, vpc: ec2.Vpc) -> None:
    """Version and node type come from CfnParameters: both are passed on, and data tiering is left out."""
    node_type = NodeType.of(CfnParameter(stack, "NodeType").value_as_string)
    ReplicationGroup(
        stack, "Cache", vpc=vpc, engine_version=ValkeyVersion.of(version_of(stack)), cache_node_type=node_type
    )

    made = group(stack)
    assert (made["EngineVersion"], made["CacheNodeType"]) == ({"Ref": "Version"}, {"Ref": "NodeType"})
    assert "DataTieringEnabled" not in made


@pytest.mark.parametrize(("make", "end"), [(ReplicationGroup, ""), (ShardedReplicationGroup, ".cluster.on")])
def test_the_deployment_tells_the_default_parameter_group(make: Any, end: str, stack: Stack, vpc: ec2.Vpc) -> None:
    """The family of Valkey is the first number of the version, which CloudFormation takes from it."""
    make(stack, "Cache", vpc=vpc, engine_version=ValkeyVersion.of(version_of(stack)))

    first = {"Fn::Select": [0, {"Fn::Split": [".", {"Ref": "Version"}]}]}
    assert group(stack)["CacheParameterGroupName"] == {
        "Fn::Join": ["", ["default.valkey", first, *([end] if end else [])]]
    }


def test_the_default_parameter_group_of_memcached(stack: Stack, vpc: ec2.Vpc) -> None:
    """The family of Memcached is the first two numbers."""
    MemcachedCluster(stack, "Cache", vpc=vpc, engine_version=MemcachedVersion.of(version_of(stack)))

    (found,) = Template.from_stack(stack).find_resources("AWS::ElastiCache::CacheCluster").values()
    parts = found["Properties"]["CacheParameterGroupName"]["Fn::Join"][1]
    split = {"Fn::Split": [".", {"Ref": "Version"}]}
    assert parts == ["default.memcached", {"Fn::Select": [0, split]}, ".", {"Fn::Select": [1, split]}]


def test_redis_needs_its_parameter_group_named(stack: Stack, vpc: ec2.Vpc) -> None:
    """No number of a version of Redis OSS tells its family: the error says what to name, and that helps."""
    version = RedisVersion.of(version_of(stack))
    with pytest.raises(ValidationError, match="give cache_parameter_group"):
        ReplicationGroup(stack, "Refused", vpc=vpc, engine_version=version)

    named = ParameterGroup.from_cache_parameter_group_name(stack, "Group", "default.redis7")
    ReplicationGroup(stack, "Cache", vpc=vpc, engine_version=version, cache_parameter_group=named)
    assert group(stack)["CacheParameterGroupName"] == "default.redis7"


def test_a_parameter_group_of_such_a_version(stack: Stack) -> None:
    """Its family is told by the deployment; of Redis OSS it cannot be."""
    made = ParameterGroup(stack, "Group", engine_version=ValkeyVersion.of(version_of(stack)))

    assert made.cache_parameter_group_family is None
    with pytest.raises(ValidationError, match="known at synth"):
        ParameterGroup(stack, "Refused", engine_version=RedisVersion.of(Fn.ref("Version")))


def test_alarms_of_such_a_node_type(stack: Stack, vpc: ec2.Vpc) -> None:
    """A threshold that follows from the node type must be given, and the error says so."""
    node_type = NodeType.of(CfnParameter(stack, "NodeType").value_as_string)
    cache = ReplicationGroup(stack, "Cache", vpc=vpc, cache_node_type=node_type)

    with pytest.raises(ValidationError, match=r"node type, which are not known\n.*thresholds"):
        CacheAlarms(stack, "Refused", cache=cache, alarms=["cpu"])
    assert CacheAlarms(stack, "Alarms", cache=cache, thresholds={"cpu": 45}).alarms["cpu"]
