"""Auto scaling of node groups, replicas, and nodes of Memcached."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import CfnParameter, Duration, Stack, TimeZone
from aws_cdk import aws_applicationautoscaling as appscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Annotations, Match, Template

from elasticache_kit.cdk.auto_scaling import NodeGroupScaling, NodeScaling, ReplicaScaling
from elasticache_kit.cdk.memcached.cluster import MemcachedCluster
from elasticache_kit.cdk.node_group_configuration import NodeGroupConfiguration
from elasticache_kit.cdk.replication_group import ReplicationGroup
from elasticache_kit.cdk.scalable_target import TargetTracking
from elasticache_kit.cdk.sharded_replication_group import ShardedReplicationGroup
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.node_type import NodeType
from tests.cdk.linted import linted, only

TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
LARGE = NodeType.of("cache.m7g.large")
NIGHT = appscaling.Schedule.cron(hour="20", minute="0")

Scaling = type[NodeGroupScaling] | type[ReplicaScaling]


def _group(stack: Stack, vpc: ec2.Vpc, **options: Any) -> ShardedReplicationGroup:
    given: dict[str, Any] = {"cache_node_type": LARGE, **options}
    return ShardedReplicationGroup(stack, "Cache", vpc=vpc, **given)


def _shards(stack: Stack, vpc: ec2.Vpc, **options: Any) -> NodeGroupScaling:
    given: dict[str, Any] = {"max_capacity": 10, **options}
    return NodeGroupScaling(stack, "Scaling", replication_group=_group(stack, vpc), **given)


def _refusal(make: Callable[[], object]) -> str:
    with pytest.raises(ValidationError) as error:
        make()
    return str(error.value)


@pytest.mark.parametrize(
    ("scaling", "dimension", "current"),
    [
        (NodeGroupScaling, "elasticache:replication-group:NodeGroups", 3),
        (ReplicaScaling, "elasticache:replication-group:Replicas", 1),
    ],
)
def test_target_of_a_replication_group(
    stack: Stack, vpc: ec2.Vpc, scaling: Scaling, dimension: str, current: int
) -> None:
    """The target is the group by its id, and starts from what the group is made with, with AWS's own role."""
    scaling(stack, "Scaling", replication_group=_group(stack, vpc), max_capacity=5)

    assert only(linted(stack), TARGET)["Properties"] == {
        "ServiceNamespace": "elasticache",
        "ScalableDimension": dimension,
        "ResourceId": {"Fn::Join": ["", ["replication-group/", {"Ref": "Cache18F6EE16"}]]},
        "MinCapacity": current,
        "MaxCapacity": 5,
    }
    assert not Annotations.from_stack(stack).find_warning("*", Match.any_value())


def test_replicas_of_node_groups_that_differ(stack: Stack, vpc: ec2.Vpc) -> None:
    """What NodeGroupConfiguration says counts: the smallest node group is not scaled in by the scaling itself."""
    node_groups = [NodeGroupConfiguration(replica_count=3), NodeGroupConfiguration(replica_count=2)]
    group = _group(stack, vpc, node_group_configuration=node_groups)
    ReplicaScaling(stack, "Scaling", replication_group=group, max_capacity=5)

    assert only(linted(stack), TARGET)["Properties"]["MinCapacity"] == 2


def test_target_of_memcached(stack: Stack, vpc: ec2.Vpc) -> None:
    """Nodes of Memcached have a dimension and a metric of their own."""
    cluster = MemcachedCluster(stack, "Cache", vpc=vpc, cache_node_type=LARGE)
    NodeScaling(stack, "Scaling", cluster=cluster, max_capacity=8).scale_on_engine_cpu_utilization("Cpu", 50)
    template = linted(stack)

    assert only(template, TARGET)["Properties"] == {
        "ServiceNamespace": "elasticache",
        "ScalableDimension": "elasticache:cache-cluster:Nodes",
        "ResourceId": {"Fn::Join": ["", ["cache-cluster/", {"Ref": "Cache18F6EE16"}]]},
        "MinCapacity": 2,
        "MaxCapacity": 8,
    }
    tracking = only(template, POLICY)["Properties"]["TargetTrackingScalingPolicyConfiguration"]
    assert tracking["PredefinedMetricSpecification"]["PredefinedMetricType"] == "ElastiCacheEngineCPUUtilization"


def test_imported_groups(stack: Stack) -> None:
    """Of an import nothing is known, and the bounds are what the user says."""
    group = ShardedReplicationGroup.from_sharded_replication_group_attributes(
        stack, "Cache", replication_group_id="orders"
    )
    NodeGroupScaling(stack, "Shards", replication_group=group, max_capacity=250)
    ReplicaScaling(stack, "Replicas", replication_group=group, min_capacity=2, max_capacity=5)
    targets = [target["Properties"] for target in linted(stack).find_resources(TARGET).values()]

    assert {target["ResourceId"] for target in targets} == {"replication-group/orders"}
    assert sorted(target["MinCapacity"] for target in targets) == [1, 2]


def test_an_imported_cluster(stack: Stack) -> None:
    """The same holds for Memcached."""
    cluster = MemcachedCluster.from_memcached_cluster_attributes(stack, "Cache", cluster_name="orders")
    NodeScaling(stack, "Scaling", cluster=cluster, max_capacity=4)

    assert only(linted(stack), TARGET)["Properties"]["ResourceId"] == "cache-cluster/orders"


def test_every_metric(stack: Stack, vpc: ec2.Vpc) -> None:
    """Each predefined metric has a method of its own, and each policy a name of its own."""
    group = _group(stack, vpc)
    shards = NodeGroupScaling(stack, "Shards", replication_group=group, max_capacity=10)
    shards.scale_on_primary_engine_cpu_utilization("Cpu", 60)
    shards.scale_on_database_memory_usage("Memory", 61)
    shards.scale_on_database_capacity_usage("Capacity", 62)
    replicas = ReplicaScaling(stack, "Replicas", replication_group=group, max_capacity=5)
    replicas.scale_on_replica_engine_cpu_utilization("Cpu", 63)
    policies = [policy["Properties"] for policy in linted(stack).find_resources(POLICY).values()]
    tracked = [policy["TargetTrackingScalingPolicyConfiguration"] for policy in policies]

    assert {one["PredefinedMetricSpecification"]["PredefinedMetricType"]: one["TargetValue"] for one in tracked} == {
        "ElastiCachePrimaryEngineCPUUtilization": 60,
        "ElastiCacheDatabaseMemoryUsageCountedForEvictPercentage": 61,
        "ElastiCacheDatabaseCapacityUsageCountedForEvictPercentage": 62,
        "ElastiCacheReplicaEngineCPUUtilization": 63,
    }
    assert {policy["PolicyType"] for policy in policies} == {"TargetTrackingScaling"}
    assert len({policy["PolicyName"] for policy in policies}) == 4


def test_pace(stack: Stack, vpc: ec2.Vpc) -> None:
    """Cooldowns are written in seconds, and only where they are given."""
    _shards(stack, vpc).scale_on_primary_engine_cpu_utilization(
        "Cpu",
        60,
        TargetTracking(
            scale_out_cooldown=Duration.minutes(5), scale_in_cooldown=Duration.minutes(20), disable_scale_in=True
        ),
    )
    tracking = only(linted(stack), POLICY)["Properties"]["TargetTrackingScalingPolicyConfiguration"]
    del tracking["PredefinedMetricSpecification"]

    assert tracking == {
        "TargetValue": 60,
        "ScaleOutCooldown": 300,
        "ScaleInCooldown": 1200,
        "DisableScaleIn": True,
    }


def test_schedule(stack: Stack, vpc: ec2.Vpc) -> None:
    """Actions keep their order, and move the bounds that they name."""
    scaling = _shards(stack, vpc)
    scaling.scale_on_schedule("night", NIGHT, min_capacity=1, time_zone=TimeZone.EUROPE_BERLIN)
    scaling.scale_on_schedule(
        "sale",
        appscaling.Schedule.rate(Duration.days(1)),
        min_capacity=8,
        max_capacity=20,
        start_time=dt.datetime(2026, 11, 27, tzinfo=dt.UTC),
        end_time=dt.datetime(2026, 11, 30, tzinfo=dt.UTC),
    )

    assert only(linted(stack), TARGET)["Properties"]["ScheduledActions"] == [
        {
            "ScheduledActionName": "night",
            "Schedule": "cron(0 20 * * ? *)",
            "ScalableTargetAction": {"MinCapacity": 1},
            "Timezone": "Europe/Berlin",
        },
        {
            "ScheduledActionName": "sale",
            "Schedule": "rate(1 day)",
            "ScalableTargetAction": {"MinCapacity": 8, "MaxCapacity": 20},
            "StartTime": "2026-11-27T00:00:00Z",
            "EndTime": "2026-11-30T00:00:00Z",
        },
    ]


def test_a_schedule_that_moves_nothing(stack: Stack, vpc: ec2.Vpc) -> None:
    """Without a bound there is nothing to do."""
    text = _refusal(lambda: _shards(stack, vpc).scale_on_schedule("night", NIGHT))

    assert text.splitlines() == [
        "Stack/Scaling/night: 1 problem",
        "  min_capacity is not given: the action moves no bound",
        "    give min_capacity, max_capacity or both   [cdk-schedule-without-bounds]",
    ]


def test_a_schedule_out_of_range(stack: Stack, vpc: ec2.Vpc) -> None:
    """The bounds of an action are checked as those of the target are, against the one that stays too."""
    scaling = _shards(stack, vpc)

    assert "[as-min-max]" in _refusal(lambda: scaling.scale_on_schedule("one", NIGHT, min_capacity=11))
    assert "[as-shards-range]" in _refusal(lambda: scaling.scale_on_schedule("two", NIGHT, max_capacity=251))
    scaling.scale_on_schedule("three", NIGHT, min_capacity=2)
    assert len(only(linted(stack), TARGET)["Properties"]["ScheduledActions"]) == 1


@pytest.mark.parametrize("name", ["cache.t4g.small", "cache.r6gd.4xlarge"])
def test_groups_that_cannot_be_scaled(stack: Stack, vpc: ec2.Vpc, name: str) -> None:
    """The size of the nodes decides, and nothing is left behind."""
    group = _group(stack, vpc, cache_node_type=NodeType.of(name))

    assert "[as-size]" in _refusal(lambda: NodeGroupScaling(stack, "Scaling", replication_group=group, max_capacity=10))
    assert stack.node.try_find_child("Scaling") is None


def test_memory_of_nodes_with_data_tiering(stack: Stack, vpc: ec2.Vpc) -> None:
    """Such nodes hold more than their memory, so the capacity is what counts."""
    group = _group(stack, vpc, cache_node_type=NodeType.of("cache.r6gd.xlarge"))
    scaling = NodeGroupScaling(stack, "Scaling", replication_group=group, max_capacity=10)
    scaling.scale_on_database_capacity_usage("Capacity", 60)

    assert "[as-memory-metric-not-r6gd]" in _refusal(lambda: scaling.scale_on_database_memory_usage("Memory", 60))


def test_a_secondary_of_a_global_datastore(stack: Stack, vpc: ec2.Vpc) -> None:
    """Auto scaling does not work there."""
    group = ShardedReplicationGroup(stack, "Cache", vpc=vpc, global_replication_group_id="ldgnf-orders")

    assert "[as-not-in]" in _refusal(
        lambda: NodeGroupScaling(stack, "Scaling", replication_group=group, max_capacity=10)
    )


def test_a_group_without_cluster_mode(stack: Stack, vpc: ec2.Vpc) -> None:
    """The argument takes only the class that can be scaled."""
    group: Any = ReplicationGroup(stack, "Cache", vpc=vpc, cache_node_type=LARGE)

    assert "must be an IShardedReplicationGroup, not a ReplicationGroup" in _refusal(
        lambda: NodeGroupScaling(stack, "Scaling", replication_group=group, max_capacity=10)
    )


def test_all_mistakes_of_memcached(stack: Stack, vpc: ec2.Vpc) -> None:
    """What Application Auto Scaling answers for Memcached is said at synth."""
    cluster = MemcachedCluster(stack, "Cache", vpc=vpc)
    text = _refusal(lambda: NodeScaling(stack, "Scaling", cluster=cluster, max_capacity=91))

    assert "the following instance: cache.t4g.small is not supported for AutoScaling" in text
    assert "maximum capacity cannot be greater than 90" in text


def test_two_policies_of_one_metric(stack: Stack, vpc: ec2.Vpc) -> None:
    """The second is refused, and the first stays."""
    scaling = _shards(stack, vpc)
    scaling.scale_on_primary_engine_cpu_utilization("One", 60)

    assert "[as-one-policy-per-metric]" in _refusal(lambda: scaling.scale_on_primary_engine_cpu_utilization("Two", 50))
    scaling.scale_on_database_memory_usage("Three", 60)
    linted(stack).resource_count_is(POLICY, 2)


def test_a_target_out_of_range(stack: Stack, vpc: ec2.Vpc) -> None:
    """Replicas are kept at 35 to 70 percent."""
    scaling = ReplicaScaling(stack, "Scaling", replication_group=_group(stack, vpc), max_capacity=5)

    assert "[as-target-range]" in _refusal(lambda: scaling.scale_on_replica_engine_cpu_utilization("Cpu", 80))


def test_bounds_that_move_the_group_at_once(stack: Stack, vpc: ec2.Vpc) -> None:
    """That is allowed, and said once."""
    scaling = _shards(stack, vpc, min_capacity=5)
    scaling.scale_on_primary_engine_cpu_utilization("Cpu", 60)
    (warning,) = Annotations.from_stack(stack).find_warning("/Stack/Scaling", Match.any_value())

    assert "the group has 3 shards, which changes at once" in str(warning.entry.data)


def test_tokens_never_raise(stack: Stack, vpc: ec2.Vpc) -> None:
    """What only a deployment knows passes through."""
    number: Any = CfnParameter(stack, "Number", type="Number").value_as_number
    scaling = _shards(stack, vpc, min_capacity=number, max_capacity=number)
    scaling.scale_on_primary_engine_cpu_utilization("Cpu", number)
    scaling.scale_on_schedule("night", NIGHT, min_capacity=number)
    template = Template.from_stack(stack)

    assert only(template, TARGET)["Properties"]["MinCapacity"] == {"Ref": "Number"}
    assert only(template, POLICY)["Properties"]["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == {
        "Ref": "Number"
    }


@pytest.mark.parametrize("kind", [NodeGroupScaling, ReplicaScaling, NodeScaling])
def test_every_argument_is_documented(kind: type) -> None:
    """The docstring names each argument, and says of each optional one what happens without it."""
    parameters = inspect.signature(kind.__init__).parameters
    text = inspect.getdoc(kind) or ""
    arguments = text[text.index("Args:") : text.index("Raises:")]

    for name, parameter in list(parameters.items())[1:]:
        assert f"    {name}: " in arguments
        described = arguments.split(f"    {name}: ")[1].split("\n    ")[0:4]
        if parameter.default is not inspect.Parameter.empty:
            assert "Default:" in " ".join(described), name


def test_wrong_types(stack: Stack, vpc: ec2.Vpc) -> None:
    """A wrong type is a sentence of Python's side."""
    wrong: Any = "300"

    assert "must be a Duration, not a str" in _refusal(lambda: TargetTracking(scale_in_cooldown=wrong))
    assert "must be an int, not a str" in _refusal(lambda: _shards(stack, vpc, max_capacity="10"))
