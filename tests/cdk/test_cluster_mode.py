"""The way of a replication group from cluster mode disabled over compatible to enabled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Template

from elasticache_kit.cdk import ParameterGroup, RedisVersion, ReplicationGroup, ShardedReplicationGroup, ValkeyVersion
from elasticache_kit.cdk.reference import ReplicationGroupReference
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.engine import Engine, default_version
from elasticache_kit.model.replication_group import check_change

TYPE = "AWS::ElastiCache::ReplicationGroup"
DEFAULT = f"default.{default_version(Engine.VALKEY).family}"

Step = Callable[[Stack, ec2.IVpc], ReplicationGroupReference]


def _disabled(stack: Stack, vpc: ec2.IVpc) -> ReplicationGroupReference:
    return ReplicationGroup(stack, "Cache", vpc=vpc, num_cache_clusters=3)


def _compatible(stack: Stack, vpc: ec2.IVpc) -> ReplicationGroupReference:
    return ReplicationGroup(stack, "Cache", vpc=vpc, num_cache_clusters=3, cluster_mode="compatible")


def _enabled(stack: Stack, vpc: ec2.IVpc) -> ReplicationGroupReference:
    return ShardedReplicationGroup(stack, "Cache", vpc=vpc, num_node_groups=1, replicas_per_node_group=2)


def _resharded(stack: Stack, vpc: ec2.IVpc) -> ReplicationGroupReference:
    return ShardedReplicationGroup(stack, "Cache", vpc=vpc, num_node_groups=4, replicas_per_node_group=2)


def _back(stack: Stack, vpc: ec2.IVpc) -> ReplicationGroupReference:
    return ReplicationGroup(stack, "Cache", vpc=vpc, num_cache_clusters=3, cluster_mode="disabled")


def _made(step: Step) -> tuple[ReplicationGroupReference, dict[str, Any]]:
    """Make a stack with one step in it, and return the group and the resources."""
    stack = Stack(App(), "Stack")
    group = step(stack, ec2.Vpc(stack, "Vpc", restrict_default_security_group=False))
    return group, Template.from_stack(stack).to_json()["Resources"]


def _changes(old: dict[str, Any], new: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return what differs between two resources, attributes and properties alike."""
    left = {**old, **old["Properties"], "Properties": None}
    right = {**new, **new["Properties"], "Properties": None}
    names = left.keys() | right.keys()
    return {name: (left.get(name), right.get(name)) for name in names if left.get(name) != right.get(name)}


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        (
            _disabled,
            _compatible,
            {
                "ClusterMode": (None, "compatible"),
                "CacheParameterGroupName": (DEFAULT, f"{DEFAULT}.cluster.on"),
            },
        ),
        (
            _compatible,
            _enabled,
            {
                "ClusterMode": ("compatible", "enabled"),
                "NumCacheClusters": (3, None),
                "NumNodeGroups": (None, 1),
                "ReplicasPerNodeGroup": (None, 2),
                "UpdatePolicy": (None, {"UseOnlineResharding": True}),
            },
        ),
        (_enabled, _resharded, {"NumNodeGroups": (1, 4)}),
        (
            _compatible,
            _back,
            {
                "ClusterMode": ("compatible", "disabled"),
                "CacheParameterGroupName": (f"{DEFAULT}.cluster.on", DEFAULT),
            },
        ),
    ],
    ids=["to-compatible", "to-enabled", "to-more-shards", "back"],
)
def test_each_step_changes_one_resource_in_place(
    before: Step, after: Step, changes: dict[str, tuple[Any, Any]]
) -> None:
    """All logical ids stay, only the group changes, and the rulebook finds the change allowed."""
    (old_group, old), (new_group, new) = _made(before), _made(after)

    assert old.keys() == new.keys()
    changed = [name for name in old if old[name] != new[name]]
    assert [old[name]["Type"] for name in changed] == [TYPE]
    assert _changes(old[changed[0]], new[changed[0]]) == changes
    assert check_change(old_group.spec, new_group.spec) == ()


def test_a_step_left_out_is_refused_by_the_rulebook() -> None:
    """Straight from disabled to enabled is what ElastiCache refuses, so the check above can tell."""
    (old, _), (new, _) = _made(_disabled), _made(_enabled)

    assert "rg-cluster-mode-path" in {violation.rule_id for violation in check_change(old.spec, new.spec)}


def test_compatible_has_the_endpoints_of_both_modes(stack: Stack, vpc: ec2.Vpc) -> None:
    """Clients of either kind connect while they move."""
    cache = ReplicationGroup(stack, "Cache", vpc=vpc, cluster_mode="compatible")
    logical_id = stack.resolve(cache.replication_group_id)["Ref"]

    for endpoint, name in (
        (cache.primary_endpoint, "PrimaryEndPoint"),
        (cache.reader_endpoint, "ReaderEndPoint"),
        (cache.configuration_endpoint, "ConfigurationEndPoint"),
    ):
        assert stack.resolve(endpoint.address) == {"Fn::GetAtt": [logical_id, f"{name}.Address"]}


@pytest.mark.parametrize(
    ("step", "ids"),
    [
        (_disabled, ["orders-001", "orders-002", "orders-003"]),
        (_compatible, ["orders-0001-001", "orders-0001-002", "orders-0001-003"]),
        (_enabled, ["orders-0001-001", "orders-0001-002", "orders-0001-003"]),
    ],
)
def test_ids_of_the_nodes(step: Step, ids: list[str]) -> None:
    """The ids change with the step to compatible, which alarms on a node must follow."""
    group, _ = _made(step)
    token = group.replication_group_id

    assert [member.replace(token, "orders") for member in group.cache_cluster_ids] == ids


def test_parameter_group_for_the_compatible_mode(stack: Stack, vpc: ec2.Vpc) -> None:
    """A group of one's own must turn cluster mode on, one that does not is refused with what to do."""
    parameters = ParameterGroup(stack, "Parameters", engine_version=ValkeyVersion.VER_9_1)

    with pytest.raises(ValidationError) as error:
        ReplicationGroup(
            stack,
            "Cache",
            vpc=vpc,
            engine_version=ValkeyVersion.VER_9_1,
            cluster_mode="compatible",
            cache_parameter_group=parameters,
        )

    assert str(error.value).splitlines() == [
        "Stack/Cache: 1 problem",
        (
            "  cache_parameter_group = 'Stack/Parameters': its cluster-enabled is no, and cluster mode compatible "
            "needs yes"
        ),
        '    set "cluster-enabled": "yes" in its properties   [cdk-parameter-group-cluster-mode]',
    ]


def test_what_the_compatible_mode_needs(stack: Stack, vpc: ec2.Vpc) -> None:
    """Without a replica, or with an engine that cannot, the rulebook refuses."""
    with pytest.raises(ValidationError) as error:
        ReplicationGroup(
            stack,
            "Cache",
            vpc=vpc,
            engine_version=RedisVersion.VER_6_2,
            num_cache_clusters=1,
            cluster_mode="compatible",
        )

    assert "rg-cluster-mode-compatible-needs" in str(error.value)
