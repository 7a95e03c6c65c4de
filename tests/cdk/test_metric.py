"""Metrics of caches of every kind, owned and imported."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, CfnParameter, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk.assertions import Template

from elasticache_kit.cdk import NodeType, ReplicaScaling, ReplicationGroup, ShardedReplicationGroup
from elasticache_kit.cdk.memcached.metrics import MemcachedMetrics
from elasticache_kit.cdk.metric import CacheMetric, CacheMetrics, NamedMetric
from elasticache_kit.cdk.replication_group_metrics import ReplicationGroupMetrics
from elasticache_kit.cdk.serverless.metrics import ServerlessMetrics
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.metric import Scope, metrics
from tests.cdk.conftest import isolated_vpc
from tests.cdk.lint import findings
from tests.cdk.watched_caches import memcached, replication_group, serverless, sharded

if TYPE_CHECKING:
    from aws_cdk import aws_ec2 as ec2

ALARM = "AWS::CloudWatch::Alarm"


def _alarm(stack: Stack, metric: CacheMetric) -> dict[str, Any]:
    """Return the properties of an alarm on a metric, which says how CloudFormation is told of it."""
    cloudwatch.Alarm(stack, "Alarm", metric=metric, threshold=1, evaluation_periods=1)
    (alarm,) = Template.from_stack(stack).find_resources(ALARM).values()
    return alarm["Properties"]


def _dimensions(properties: dict[str, Any]) -> dict[str, Any]:
    return {dimension["Name"]: dimension["Value"] for dimension in properties["Dimensions"]}


@pytest.mark.parametrize(
    ("kind", "scopes"),
    [
        (ReplicationGroupMetrics, [Scope.NODE]),
        (MemcachedMetrics, [Scope.MEMCACHED]),
        (ServerlessMetrics, [Scope.SERVERLESS, Scope.SERVERLESS_MEMCACHED]),
    ],
)
def test_every_metric_is_a_method(kind: type[CacheMetrics], scopes: list[Scope]) -> None:
    """Each class has a method for each metric that the rulebook knows, under its name in snake_case, and no other."""
    methods = {name: member.name for name, member in inspect.getmembers_static(kind) if isinstance(member, NamedMetric)}

    assert set(methods.values()) == {fact.name for scope in scopes for fact in metrics(scope)}
    assert len(methods) == len(set(methods.values()))
    for name, metric in methods.items():
        assert re.fullmatch(r"[a-z0-9_]+", name)
        assert name.replace("_", "") == metric.lower()


def test_a_node_of_an_imported_group(stack: Stack) -> None:
    """A node is a cache cluster, and has the one cache node id; values come every minute."""
    metric = ReplicationGroupMetrics(replication_group(stack)).node("orders-002").engine_cpu_utilization()
    properties = _alarm(stack, metric)

    assert _dimensions(properties) == {"CacheClusterId": "orders-002", "CacheNodeId": "0001"}
    assert (properties["Namespace"], properties["MetricName"]) == ("AWS/ElastiCache", "EngineCPUUtilization")
    assert (properties["Statistic"], properties["Period"]) == ("Average", 60)
    assert findings(stack) == []


def test_a_node_of_an_owned_group(stack: Stack, vpc: ec2.Vpc) -> None:
    """The id of an owned group is known to the deployment only, and its nodes' follow from it."""
    cache = ReplicationGroup(stack, "Cache", vpc=vpc)
    group = stack.resolve(cache.replication_group_id)
    metric = ReplicationGroupMetrics(cache).node(cache.cache_cluster_ids[1]).evictions()

    assert _dimensions(_alarm(stack, metric)) == {
        "CacheClusterId": {"Fn::Join": ["", [group, "-002"]]},
        "CacheNodeId": "0001",
    }


def test_a_node_in_another_stack() -> None:
    """Metrics cross stacks as the id of the group does."""
    app = App()
    maker, user = Stack(app, "Maker"), Stack(app, "User")
    cache = ShardedReplicationGroup(maker, "Cache", vpc=isolated_vpc(maker), num_node_groups=2)
    metric = ReplicationGroupMetrics(cache).node(cache.cache_cluster_ids[0]).evictions()

    reference, suffix = _dimensions(_alarm(user, metric))["CacheClusterId"]["Fn::Join"][1]
    assert list(reference) == ["Fn::ImportValue"]
    assert suffix == "-0001-001"


def test_options_of_a_metric(stack: Stack) -> None:
    """Statistic, period and label are those asked for."""
    metric = (
        ReplicationGroupMetrics(replication_group(stack))
        .node("orders-001")
        .successful_read_request_latency(statistic="p99", period=Duration.minutes(5), label="reads")
    )
    properties = _alarm(stack, metric)

    assert properties["Metrics"][0]["Label"] == "reads"
    stat = properties["Metrics"][0]["MetricStat"]
    assert (stat["Stat"], stat["Period"]) == ("p99", 300)


@pytest.mark.parametrize(
    ("statistic", "together"), [(None, "AVG"), ("Sum", "SUM"), ("Minimum", "MIN"), ("Maximum", "MAX"), ("p99", "MAX")]
)
def test_a_whole_group(stack: Stack, statistic: str | None, together: str) -> None:
    """The nodes of a group are taken together as the values of a period are; of a percentile the worst counts."""
    metric = ReplicationGroupMetrics(sharded(stack)).engine_cpu_utilization(statistic=statistic)
    expression, *series = _alarm(stack, metric)["Metrics"]
    nodes = [_dimensions(one["MetricStat"]["Metric"])["CacheClusterId"] for one in series]

    assert expression["Expression"] == f"{together}([{', '.join(one['Id'] for one in series)}])"
    assert nodes == ["orders-0001-001", "orders-0001-002", "orders-0002-001", "orders-0002-002"]
    assert findings(stack) == []


def test_two_caches_in_one_graph(stack: Stack) -> None:
    """Every series has an id of its own, which a graph insists on."""
    groups = [ReplicationGroupMetrics(cache) for cache in (replication_group(stack), sharded(stack))]
    metrics = [group.evictions() for group in groups] + [group.evictions(statistic="Maximum") for group in groups]
    widget = cloudwatch.GraphWidget(left=list(metrics))

    assert len(widget.to_json()) == 1


def test_a_node_group(stack: Stack) -> None:
    """A node group is its nodes."""
    metrics = ReplicationGroupMetrics(sharded(stack)).node_group("0002")

    assert metrics.cache_cluster_ids == ("orders-0002-001", "orders-0002-002")


def test_the_only_node_group(stack: Stack) -> None:
    """With cluster mode disabled there is one node group, and ElastiCache calls it 0001."""
    metrics = ReplicationGroupMetrics(replication_group(stack)).node_group("0001")

    assert metrics.cache_cluster_ids == ("orders-001", "orders-002")


def test_no_such_node_group(stack: Stack) -> None:
    """The message has the node groups that there are."""
    with pytest.raises(ValidationError) as error:
        ReplicationGroupMetrics(sharded(stack)).node_group("0003")

    assert str(error.value) == "Stack/Sharded has no node group '0003'; its node groups are 0001, 0002"


def test_the_number_of_nodes_is_not_known(stack: Stack) -> None:
    """Without it the nodes of an import have no metrics, but those of a role have."""
    metrics = ReplicationGroupMetrics(replication_group(stack, num_cache_clusters=None))

    with pytest.raises(ValidationError, match="give a number where the group is made or imported"):
        metrics.evictions()
    assert _dimensions(_alarm(stack, metrics.engine_cpu_utilization_of_role("Primary"))) == {
        "ReplicationGroupId": "orders",
        "Role": "Primary",
    }


def test_a_number_that_only_a_deployment_knows(stack: Stack, vpc: ec2.Vpc) -> None:
    """A token is no number of nodes, but a node can be named."""
    number: Any = CfnParameter(stack, "Number", type="Number").value_as_number
    metrics = ReplicationGroupMetrics(ReplicationGroup(stack, "Cache", vpc=vpc, num_cache_clusters=number))

    with pytest.raises(ValidationError):
        metrics.evictions()
    assert _dimensions(_alarm(stack, metrics.node("orders-001").evictions()))["CacheClusterId"] == "orders-001"


def test_a_metric_by_its_name(stack: Stack) -> None:
    """It has the statistic that says most of it."""
    node = ReplicationGroupMetrics(replication_group(stack)).node("orders-001")
    properties = _alarm(stack, node.metric("Evictions"))

    assert (properties["MetricName"], properties["Statistic"]) == ("Evictions", "Sum")


@pytest.mark.parametrize("kind", [replication_group, memcached, serverless])
def test_a_metric_that_there_is_not(kind: Any, stack: Stack) -> None:
    """It would get no data, so the error lists what there is; a token may be any."""
    cache = kind(stack)
    metrics = {replication_group: ReplicationGroupMetrics, memcached: MemcachedMetrics, serverless: ServerlessMetrics}
    made = metrics[kind](cache)

    with pytest.raises(ValidationError, match=r"'Foo' is no metric of it; the metrics are .*CacheHits|GetHits"):
        made.metric("Foo")
    assert made.metric(CfnParameter(stack, "Name").value_as_string)


def test_a_node_that_there_is_not(stack: Stack) -> None:
    """The error lists the nodes, of a replication group and of a Memcached cluster."""
    with pytest.raises(ValidationError, match=r"has no node 'foo'; its nodes are orders-001, "):
        ReplicationGroupMetrics(replication_group(stack)).node("foo")
    with pytest.raises(ValidationError, match=r"has no node '0009'; its nodes are 0001, "):
        MemcachedMetrics(memcached(stack)).node("0009")


def test_a_node_of_a_group_whose_id_a_deployment_knows(stack: Stack, vpc: ec2.Vpc) -> None:
    """The end of the id tells the node; auto scaling may add others."""
    cache = ReplicationGroup(stack, "Cache", vpc=vpc, num_cache_clusters=2)
    metrics = ReplicationGroupMetrics(cache)

    for name in (*cache.cache_cluster_ids, "orders-002", CfnParameter(stack, "Node").value_as_string):
        assert metrics.node(name).cache_cluster_ids == (name,)
    for name in ("foo", "orders-003", f"{cache.replication_group_id}-003"):
        with pytest.raises(ValidationError, match="has no node"):
            metrics.node(name)


def test_a_node_that_auto_scaling_adds(stack: Stack, vpc: ec2.Vpc) -> None:
    """Nobody knows at synth how many there will be."""
    large = NodeType.of("cache.r7g.large")
    cache = ShardedReplicationGroup(stack, "Cache", vpc=vpc, num_node_groups=2, cache_node_type=large)
    ReplicaScaling(stack, "Scaling", replication_group=cache, max_capacity=3)

    assert ReplicationGroupMetrics(cache).node("orders-0001-004").evictions()


def test_memcached(stack: Stack) -> None:
    """A Memcached cluster is one cache cluster, and its nodes are told apart by the cache node id."""
    metrics = MemcachedMetrics(memcached(stack))
    node = _alarm(stack, metrics.node("0002").unused_memory())

    assert metrics.dimensions == ({"CacheClusterId": "pages"},)
    assert _dimensions(node) == {"CacheClusterId": "pages", "CacheNodeId": "0002"}


def test_serverless(stack: Stack) -> None:
    """CloudWatch has the metrics of a serverless cache under clusterId, and under nothing else."""
    properties = _alarm(stack, ServerlessMetrics(serverless(stack)).elasticache_processing_units())

    assert _dimensions(properties) == {"clusterId": "baskets"}
    assert properties["MetricName"] == "ElastiCacheProcessingUnits"
    assert findings(stack) == []


@pytest.mark.parametrize(
    ("engine", "name", "other"),
    [("valkey", "cmd_get", "Memcached"), ("memcached", "cache_hit_rate", "Valkey and Redis OSS")],
)
def test_serverless_metric_of_the_other_engine(stack: Stack, engine: str, name: str, other: str) -> None:
    """A metric that never has any data is no metric of this cache."""
    metrics = ServerlessMetrics(serverless(stack, engine=engine))

    with pytest.raises(ValidationError, match=f"is a metric of {other}, and the engine of this cache is {engine}"):
        getattr(metrics, name)()


def test_serverless_import_without_an_engine(stack: Stack) -> None:
    """Nothing is refused of an import that did not tell its engine."""
    metrics = ServerlessMetrics(serverless(stack, engine=None))

    assert _dimensions(_alarm(stack, metrics.cmd_get())) == {"clusterId": "baskets"}


def test_a_metric_keeps_its_region() -> None:
    """A dashboard in another Region shows the metric of the Region of the cache."""
    app = App()
    there = Stack(app, "There", env={"account": "123456789012", "region": "eu-west-1"})
    here = Stack(app, "Here", env={"account": "123456789012", "region": "us-east-1"})
    metric = ReplicationGroupMetrics(replication_group(there)).node("orders-001").evictions()
    cloudwatch.Dashboard(here, "Dashboard").add_widgets(cloudwatch.GraphWidget(left=[metric]))
    (dashboard,) = Template.from_stack(here).find_resources("AWS::CloudWatch::Dashboard").values()

    assert '"region":"eu-west-1"' in str(dashboard["Properties"]["DashboardBody"])


def test_wrong_type(stack: Stack) -> None:
    """A number of seconds is no Duration."""
    seconds: Any = 60

    with pytest.raises(ValidationError, match="period = 60: must be a Duration"):
        ReplicationGroupMetrics(replication_group(stack)).evictions(period=seconds)
