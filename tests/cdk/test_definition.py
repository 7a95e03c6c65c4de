"""What both kinds of replication group have in common."""

from __future__ import annotations

import inspect

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Template

from elasticache_kit.cdk import ReplicationGroup, ShardedReplicationGroup

_TOPOLOGY = {
    "num_cache_clusters",
    "preferred_cache_cluster_azs",
    "cluster_mode",
    "primary_cluster_id",
    "snapshotting_cluster_id",
    "automatic_failover_enabled",
    "num_node_groups",
    "replicas_per_node_group",
    "node_group_configuration",
}


def _logical_ids(kind: type[ReplicationGroup | ShardedReplicationGroup]) -> dict[str, str]:
    stack = Stack(App(), "Stack")
    kind(stack, "Cache", vpc=ec2.Vpc(stack, "Vpc", restrict_default_security_group=False))
    resources = Template.from_stack(stack).to_json()["Resources"]
    return {logical_id: resource["Type"] for logical_id, resource in resources.items()}


def test_logical_ids_survive_the_change_of_cluster_mode() -> None:
    """The other class under the same id makes the same resources, so that CloudFormation replaces none of them."""
    disabled, enabled = _logical_ids(ReplicationGroup), _logical_ids(ShardedReplicationGroup)

    assert disabled == enabled


def test_logical_ids_survive_releases() -> None:
    """These ids are a contract: another one here replaces the caches of everybody who updates."""
    caches = {name: kind for name, kind in _logical_ids(ReplicationGroup).items() if name.startswith("Cache")}

    assert caches == {
        "Cache18F6EE16": "AWS::ElastiCache::ReplicationGroup",
        "CacheSubnetGroup91C52AB9": "AWS::ElastiCache::SubnetGroup",
        "CacheSecurityGroup79A9F160": "AWS::EC2::SecurityGroup",
    }


@pytest.mark.parametrize("part", ["description", "subnet_group", "security_group"])
def test_texts_survive_the_change_of_cluster_mode(part: str) -> None:
    """Nothing else may change with the cluster mode, and another text would replace the security group."""
    type_, property_ = {
        "description": ("AWS::ElastiCache::ReplicationGroup", "ReplicationGroupDescription"),
        "subnet_group": ("AWS::ElastiCache::SubnetGroup", "Description"),
        "security_group": ("AWS::EC2::SecurityGroup", "GroupDescription"),
    }[part]
    texts: set[str] = set()
    for kind in (ReplicationGroup, ShardedReplicationGroup):
        stack = Stack(App(), "Stack")
        kind(stack, "Cache", vpc=ec2.Vpc(stack, "Vpc", restrict_default_security_group=False))
        texts.add(dict(Template.from_stack(stack).find_resources(type_)).popitem()[1]["Properties"][property_])

    assert len(texts) == 1


def test_both_classes_take_the_same_arguments() -> None:
    """But for the number and the place of their nodes the two have the same options with the same defaults."""
    shared = [
        {
            name: (parameter.annotation, parameter.default)
            for name, parameter in inspect.signature(kind.__init__).parameters.items()
            if name not in _TOPOLOGY
        }
        for kind in (ReplicationGroup, ShardedReplicationGroup)
    ]

    assert shared[0] == shared[1]


@pytest.mark.parametrize("kind", [ReplicationGroup, ShardedReplicationGroup])
def test_every_argument_is_documented(kind: type) -> None:
    """The docstring names each argument, and says of each optional one what happens without it."""
    parameters = inspect.signature(kind.__init__).parameters
    text = inspect.getdoc(kind) or ""
    arguments = text[text.index("Args:") : text.index("Raises:")]

    for name, parameter in parameters.items():
        if name == "self":
            continue
        assert f"    {name}: " in arguments
        described = arguments.split(f"    {name}: ")[1].split("\n    ")[0:4]
        if parameter.default is not inspect.Parameter.empty:
            assert "Default:" in " ".join(described), name


@pytest.mark.parametrize("kind", [ReplicationGroup, ShardedReplicationGroup])
def test_a_long_path_fits(kind: type[ReplicationGroup | ShardedReplicationGroup]) -> None:
    """EC2 and ElastiCache take 255 characters of description, so the path in it is cut."""
    stack = Stack(App(), "Stack")
    kind(stack, "Cache" * 100, vpc=ec2.Vpc(stack, "Vpc", restrict_default_security_group=False))
    template = Template.from_stack(stack)
    resources = [*template.find_resources("AWS::EC2::SecurityGroup").values()]
    resources += [*template.find_resources("AWS::ElastiCache::ReplicationGroup").values()]

    assert len(resources) == 2
    for resource in resources:
        properties = resource["Properties"]
        assert len(properties.get("GroupDescription", properties.get("ReplicationGroupDescription"))) == 255
