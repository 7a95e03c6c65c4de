"""CacheDashboard: graphs of caches of any kind."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, Duration, Stack
from aws_cdk.assertions import Match, Template

from elasticache_kit.cdk import ReplicationGroup
from elasticache_kit.cdk.alarm import CacheAlarms
from elasticache_kit.cdk.dashboard import CacheDashboard
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.metric import Scope, metrics
from tests.cdk.conftest import isolated_vpc
from tests.cdk.lint import findings
from tests.cdk.watched_caches import memcached, replication_group, serverless, sharded

if TYPE_CHECKING:
    from elasticache_kit.cdk.serverless.reference import IServerlessCache

DASHBOARD = "AWS::CloudWatch::Dashboard"


def _body(stack: Stack) -> dict[str, Any]:
    (dashboard,) = Template.from_stack(stack).find_resources(DASHBOARD).values()
    parts = dashboard["Properties"]["DashboardBody"]["Fn::Join"][1]
    return json.loads("".join(part if isinstance(part, str) else f"<{next(iter(part))}>" for part in parts))


def _graphs(stack: Stack) -> dict[str, dict[str, Any]]:
    widgets = _body(stack)["widgets"]
    return {widget["properties"]["title"]: widget["properties"] for widget in widgets if widget["type"] == "metric"}


def _serverless_memcached(stack: Stack) -> IServerlessCache:
    return serverless(stack, engine="memcached")


def test_a_line_for_each_node(stack: Stack) -> None:
    """A graph shows every node under its own id, labelled with what tells the nodes apart."""
    CacheDashboard(stack, "Dashboard", caches=[sharded(stack)])
    lines = _graphs(stack)["Engine CPU (%)"]["metrics"]

    assert [line[:6] for line in lines] == [
        ["AWS/ElastiCache", "EngineCPUUtilization", "CacheClusterId", node, "CacheNodeId", "0001"]
        for node in ("orders-0001-001", "orders-0001-002", "orders-0002-001", "orders-0002-002")
    ]
    assert [line[-1]["label"] for line in lines] == ["0001-001", "0001-002", "0002-001", "0002-002"]
    assert findings(stack) == []


def test_thresholds_of_the_alarms(stack: Stack) -> None:
    """A graph has the threshold of the alarm that watches what it shows, where the alarm is of use."""
    CacheDashboard(stack, "Dashboard", caches=[replication_group(stack)])
    graphs = _graphs(stack)

    assert graphs["CPU (%)"]["annotations"]["horizontal"] == [{"value": 45, "label": "cpu", "yAxis": "left"}]
    assert "annotations" not in graphs["Engine CPU (%)"]
    assert "annotations" not in graphs["Replication lag (seconds)"]


@pytest.mark.parametrize(
    ("make", "scope"),
    [
        (replication_group, Scope.NODE),
        (memcached, Scope.MEMCACHED),
        (serverless, Scope.SERVERLESS),
        (_serverless_memcached, Scope.SERVERLESS_MEMCACHED),
    ],
)
def test_every_metric_has_data(stack: Stack, make: Any, scope: Scope) -> None:
    """No graph shows a metric that this kind of cache does not have."""
    CacheDashboard(stack, "Dashboard", caches=[make(stack)])
    shown = {line[1] for graph in _graphs(stack).values() for line in graph["metrics"]}

    assert shown <= {metric.name for metric in metrics(scope)}
    assert len(shown) >= 6
    assert findings(stack) == []


def test_several_caches_on_one_dashboard(stack: Stack) -> None:
    """Each cache has a heading and its own graphs below it."""
    CacheDashboard(stack, "Dashboard", caches=[replication_group(stack), memcached(stack), serverless(stack)])
    widgets = _body(stack)["widgets"]

    assert [widget["properties"]["markdown"] for widget in widgets if widget["type"] == "text"] == [
        "## Stack/Cache",
        "## Stack/Memcached",
        "## Stack/Serverless",
    ]
    assert all(widget["x"] + widget["width"] <= 24 for widget in widgets)


def test_alarms_stand_at_the_top(stack: Stack) -> None:
    """The first widget has the state of all alarms."""
    cache = replication_group(stack)
    alarms = CacheAlarms(stack, "Alarms", cache=cache)
    CacheDashboard(stack, "Dashboard", caches=[cache], alarms=[alarms])
    first = _body(stack)["widgets"][0]

    assert first["type"] == "alarm"
    assert len(first["properties"]["alarms"]) == len(alarms.all)


def test_three_hours_and_no_name(stack: Stack) -> None:
    """It opens on the last three hours, under a name of CloudFormation's."""
    CacheDashboard(stack, "Dashboard", caches=[replication_group(stack)])

    assert _body(stack)["start"] == "-PT3H"
    Template.from_stack(stack).has_resource_properties(DASHBOARD, {"DashboardName": Match.absent()})


def test_name_and_interval(stack: Stack) -> None:
    """Both can be chosen."""
    CacheDashboard(
        stack,
        "Dashboard",
        caches=[replication_group(stack)],
        dashboard_name="orders",
        default_interval=Duration.days(1),
    )

    assert _body(stack)["start"] == "-P1D"
    Template.from_stack(stack).has_resource_properties(DASHBOARD, {"DashboardName": "orders"})


def test_over_a_cache_of_another_stack() -> None:
    """The dashboard may live in a stack of its own."""
    app = App()
    maker, user = Stack(app, "Maker"), Stack(app, "User")
    CacheDashboard(user, "Dashboard", caches=[ReplicationGroup(maker, "Cache", vpc=isolated_vpc(maker))])

    assert "<Fn::ImportValue>-001" in json.dumps(_body(user))
    assert findings(user) == []


def test_more_than_a_dashboard_takes(stack: Stack) -> None:
    """CloudWatch refuses such a dashboard at deployment; the message has both numbers."""
    cache = sharded(stack, num_node_groups=100, replicas_per_node_group=1)

    with pytest.raises(
        ValidationError, match="CloudWatch takes 2500 metrics in a dashboard, and these caches have 2600"
    ):
        CacheDashboard(stack, "Dashboard", caches=[cache])


def test_no_cache_at_all(stack: Stack) -> None:
    """A dashboard of nothing is a mistake."""
    with pytest.raises(ValidationError, match="a dashboard without a cache shows nothing"):
        CacheDashboard(stack, "Dashboard", caches=[])


def test_the_number_of_nodes_is_not_known(stack: Stack) -> None:
    """The lines are those of nodes, which must be known."""
    with pytest.raises(ValidationError, match="give a number where the group is made or imported"):
        CacheDashboard(stack, "Dashboard", caches=[replication_group(stack, num_cache_clusters=None)])


def test_a_cache_is_no_list(stack: Stack) -> None:
    """One cache goes into a list too."""
    cache: Any = replication_group(stack)

    with pytest.raises(ValidationError, match=r"caches = .*: must be a list of"):
        CacheDashboard(stack, "Dashboard", caches=cache)
