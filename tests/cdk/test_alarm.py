"""CacheAlarms: alarms by name, one for each node."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, CfnParameter, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Match, Template

from elasticache_kit.cdk import (
    Authentication,
    NodeType,
    ReplicationGroup,
    ServerlessCache,
    ShardedReplicationGroup,
    UserGroup,
)
from elasticache_kit.cdk.alarm import CacheAlarms
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.metric import Scope
from elasticache_kit.model.metric import alarms as facts
from elasticache_kit.model.replication_group import ReplicationGroupSpec
from elasticache_kit.model.serverless_cache import CacheUsageLimitsSpec, UsageLimitSpec
from elasticache_kit.model.unknown import UNKNOWN
from tests.cdk.conftest import isolated_vpc
from tests.cdk.lint import findings
from tests.cdk.watched_caches import group_of, memcached, replication_group, serverless, sharded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_ec2 as ec2

ALARM = "AWS::CloudWatch::Alarm"
LARGE = NodeType.of("cache.r7g.xlarge")
BY_DEFAULT = ["connections", "cpu", "freeable-memory", "memory", "traffic-management"]


def _alarms(stack: Stack, alarms: CacheAlarms) -> dict[str, list[dict[str, Any]]]:
    """Return the properties of the alarms by name, in the order of the nodes."""
    found = Template.from_stack(stack).find_resources(ALARM)
    return {
        name: [found[stack.get_logical_id(_resource(alarm))]["Properties"] for alarm in listed]
        for name, listed in alarms.alarms.items()
    }


def _resource(alarm: cloudwatch.Alarm) -> Any:
    return alarm.node.default_child


def _watches(properties: dict[str, Any]) -> str:
    return next(one["Value"] for one in properties["Dimensions"] if one["Name"] == "CacheClusterId")


def _refusal(stack: Stack, **wrong: Any) -> str:
    with pytest.raises(ValidationError) as error:
        CacheAlarms(stack, "Alarms", **({} if "cache" in wrong else {"cache": replication_group(stack)}), **wrong)
    assert stack.node.try_find_child("Alarms") is None, "a refused construct leaves nothing behind"
    return str(error.value)


def test_one_for_each_node(stack: Stack) -> None:
    """Each alarm is made for every node of both node groups, under the id that ElastiCache gives it."""
    alarms = _alarms(stack, CacheAlarms(stack, "Alarms", cache=sharded(stack)))
    nodes = ["orders-0001-001", "orders-0001-002", "orders-0002-001", "orders-0002-002"]

    assert len(alarms) == 5
    for name, listed in alarms.items():
        assert [_watches(properties) for properties in listed] == nodes, name
    assert findings(stack) == []


@pytest.mark.parametrize("mode", ["disabled", "compatible"])
def test_ids_of_the_nodes_of_an_owned_group(stack: Stack, vpc: ec2.Vpc, mode: Any) -> None:
    """In mode compatible the nodes are called as with cluster mode enabled, or the alarms never see any data."""
    cache = ReplicationGroup(stack, "Cache", vpc=vpc, num_cache_clusters=2, cluster_mode=mode)
    alarms = _alarms(stack, CacheAlarms(stack, "Alarms", cache=cache, alarms=["memory"]))
    group = stack.resolve(cache.replication_group_id)
    begin = "" if mode == "disabled" else "-0001"

    assert [_watches(properties) for properties in alarms["memory"]] == [
        {"Fn::Join": ["", [group, f"{begin}-001"]]},
        {"Fn::Join": ["", [group, f"{begin}-002"]]},
    ]


def test_as_aws_recommends(stack: Stack) -> None:
    """The alarm on the CPU of a small node has the numbers of AWS's recommendation."""
    alarm = _alarms(stack, CacheAlarms(stack, "Alarms", cache=replication_group(stack)))["cpu"][0]

    assert alarm == {
        "Namespace": "AWS/ElastiCache",
        "MetricName": "CPUUtilization",
        "Dimensions": [{"Name": "CacheClusterId", "Value": "orders-001"}, {"Name": "CacheNodeId", "Value": "0001"}],
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 5,
        "DatapointsToAlarm": 5,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 45,
        "TreatMissingData": "missing",
        "AlarmDescription": "Stack/Cache node 001: The one thread of the engine is close to a whole processor.",
    }


@pytest.mark.parametrize(
    ("node_type", "name", "metric", "threshold"),
    [
        ("cache.t4g.micro", "cpu", "CPUUtilization", 45),
        ("cache.r7g.large", "cpu", "CPUUtilization", 45),
        ("cache.r7g.xlarge", "engine-cpu", "EngineCPUUtilization", 90),
        ("cache.r7g.16xlarge", "engine-cpu", "EngineCPUUtilization", 90),
    ],
)
def test_cpu_by_the_node_type(stack: Stack, node_type: str, name: str, metric: str, threshold: int) -> None:
    """With two processors the node's CPU tells, with more of them only the engine's does."""
    cache = replication_group(stack, cache_node_type=NodeType.of(node_type))
    alarms = _alarms(stack, CacheAlarms(stack, "Alarms", cache=cache))

    assert [listed for listed in alarms if "cpu" in listed] == [name]
    assert (alarms[name][0]["MetricName"], alarms[name][0]["Threshold"]) == (metric, threshold)


def test_connections_by_the_node_type(stack: Stack) -> None:
    """The smallest nodes take fewer connections, and the alarm comes earlier."""
    small = replication_group(stack, cache_node_type=NodeType.of("cache.t4g.micro"))
    few, many = CacheAlarms(stack, "Small", cache=small), CacheAlarms(stack, "Large", cache=sharded(stack))
    thresholds = [_alarms(stack, alarms)["connections"][0]["Threshold"] for alarms in (few, many)]

    assert thresholds == [0.8 * 20000, 0.8 * 65000]


def test_an_import_of_an_unknown_node_type(stack: Stack) -> None:
    """What does not depend on the node type is there all the same."""
    cache = replication_group(stack, cache_node_type=None)
    alarms = CacheAlarms(stack, "Alarms", cache=cache)

    assert sorted(alarms.alarms) == ["engine-cpu", "freeable-memory", "memory", "traffic-management"]


def test_only_those_asked_for(stack: Stack) -> None:
    """Whoever names alarms gets these and no other."""
    alarms = CacheAlarms(stack, "Alarms", cache=replication_group(stack), alarms=["memory", "engine-cpu"])

    assert sorted(alarms.alarms) == ["engine-cpu", "memory"]
    Template.from_stack(stack).resource_count_is(ALARM, 4)


def test_thresholds_of_one_s_own(stack: Stack) -> None:
    """A threshold replaces the recommended one, and makes an alarm that has none."""
    alarms = _alarms(
        stack,
        CacheAlarms(
            stack,
            "Alarms",
            cache=replication_group(stack),
            thresholds={"memory": 65.5, "replication-lag": 30, "evictions": 0},
        ),
    )

    assert sorted(alarms) == sorted([*BY_DEFAULT, "replication-lag", "evictions"])
    assert {name: alarms[name][0]["Threshold"] for name in ("memory", "replication-lag", "evictions")} == {
        "memory": 65.5,
        "replication-lag": 30,
        "evictions": 0,
    }


@pytest.mark.parametrize(
    ("known", "more"),
    [
        ({"auth_token": UNKNOWN}, ["authentication-failures"]),
        (
            {"user_group_ids": (UNKNOWN,), "engine_version": "8.1"},
            [
                "authentication-failures",
                "channel-authorization-failures",
                "command-authorization-failures",
                "key-authorization-failures",
            ],
        ),
        (
            {"user_group_ids": (UNKNOWN,), "engine_version": "9.1"},
            [
                "authentication-failures",
                "channel-authorization-failures",
                "command-authorization-failures",
                "database-authorization-failures",
                "key-authorization-failures",
            ],
        ),
        ({"durability": "async"}, ["durability-buffer", "durability-lag"]),
        ({"durability": "sync"}, []),
    ],
)
def test_what_a_cache_can_raise(stack: Stack, known: dict[str, Any], more: Sequence[str]) -> None:
    """Failures to sign in come with sign-in, and refused writes with asynchronous durability."""
    spec = ReplicationGroupSpec(
        cluster_mode="disabled", num_cache_clusters=1, engine="valkey", cache_node_type="cache.t4g.small", **known
    )
    alarms = CacheAlarms(stack, "Alarms", cache=group_of(stack, spec))

    assert sorted(alarms.alarms) == sorted([*BY_DEFAULT, *more])


def test_imports_that_ask_for_sign_in(stack: Stack) -> None:
    """The users that an import is told of fail as those of a cache that is made here do."""
    users = UserGroup.from_user_group_id(stack, "Users", "admins")
    authentication = Authentication.user_group(users)
    group = CacheAlarms(stack, "Group", cache=replication_group(stack, authentication=authentication))
    cache = ServerlessCache.from_serverless_cache_attributes(
        stack, "Baskets", serverless_cache_name="baskets", user_group=users
    )
    serverless_cache = CacheAlarms(stack, "ServerlessCache", cache=cache)

    failures = {"authentication-failures", "command-authorization-failures", "key-authorization-failures"}
    assert failures <= set(group.alarms)
    assert failures <= set(serverless_cache.alarms)


def test_silence_of_what_is_counted(stack: Stack) -> None:
    """There is no value while nothing is counted, and that is well; a gauge that is silent says nothing."""
    alarms = _alarms(stack, CacheAlarms(stack, "Alarms", cache=replication_group(stack), thresholds={"evictions": 0}))

    assert {name: listed[0]["TreatMissingData"] for name, listed in alarms.items()} == {
        "cpu": "missing",
        "memory": "missing",
        "connections": "missing",
        "freeable-memory": "missing",
        "traffic-management": "notBreaching",
        "evictions": "notBreaching",
    }


def test_memcached(stack: Stack) -> None:
    """A node of Memcached is told apart by its cache node id, and uses all of its processors."""
    alarms = _alarms(stack, CacheAlarms(stack, "Alarms", cache=memcached(stack)))

    assert sorted(alarms) == ["connections", "cpu", "freeable-memory", "swap"]
    assert [alarm["Dimensions"] for alarm in alarms["cpu"]] == [
        [{"Name": "CacheClusterId", "Value": "pages"}, {"Name": "CacheNodeId", "Value": node}]
        for node in ("0001", "0002")
    ]
    assert alarms["cpu"][0]["Threshold"] == 90
    assert findings(stack) == []


def test_serverless_with_limits(stack: Stack) -> None:
    """The alarms come before the limits are reached, in the unit of the metric."""
    limits = CacheUsageLimitsSpec(
        data_storage=UsageLimitSpec(maximum=10, unit="GB"), ecpu_per_second=UsageLimitSpec(maximum=1000)
    )
    alarms = _alarms(stack, CacheAlarms(stack, "Alarms", cache=serverless(stack, cache_usage_limits=limits)))

    assert sorted(alarms) == ["processing-units", "storage", "throttled"]
    assert alarms["storage"][0]["Threshold"] == 7_500_000_000
    # The metric counts the units of a minute.
    assert alarms["processing-units"][0]["Threshold"] == 45_000
    assert alarms["storage"][0]["Dimensions"] == [{"Name": "clusterId", "Value": "baskets"}]
    assert findings(stack) == []


@pytest.mark.parametrize("limits", [None, UNKNOWN, CacheUsageLimitsSpec(data_storage=UsageLimitSpec(maximum=0))])
def test_serverless_without_limits(stack: Stack, limits: Any) -> None:
    """What has no limit has no alarm before the limit; 0 takes a limit away."""
    alarms = CacheAlarms(stack, "Alarms", cache=serverless(stack, cache_usage_limits=limits))

    assert list(alarms.alarms) == ["throttled"]


def test_serverless_with_users(stack: Stack) -> None:
    """A serverless cache with a user group can refuse somebody."""
    alarms = CacheAlarms(stack, "Alarms", cache=serverless(stack, user_group_id="users"))

    assert "authentication-failures" in alarms.alarms
    assert "key-authorization-failures" in alarms.alarms


def test_a_topic_hears_of_it(stack: Stack) -> None:
    """The topic is told when an alarm is raised and when it is over, and lets the alarms of this account publish."""
    topic = sns.Topic(stack, "Topic")
    CacheAlarms(stack, "Alarms", cache=replication_group(stack), topic=topic, alarms=["memory"])
    CacheAlarms(stack, "More", cache=sharded(stack), topic=topic, alarms=["memory"])
    template = Template.from_stack(stack)
    arn = stack.resolve(topic.topic_arn)

    template.all_resources_properties(ALARM, {"AlarmActions": [arn], "OKActions": [arn]})
    template.has_resource_properties(
        "AWS::SNS::TopicPolicy",
        {
            "PolicyDocument": {
                "Statement": [
                    {
                        "Sid": "AllowAlarms",
                        "Effect": "Allow",
                        "Principal": {"Service": "cloudwatch.amazonaws.com"},
                        "Action": "sns:Publish",
                        "Resource": arn,
                        "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
                    },
                    {
                        "Sid": "AllowOwner",
                        "Effect": "Allow",
                        "Principal": {"AWS": "*"},
                        "Action": "sns:Publish",
                        "Resource": arn,
                        "Condition": {"StringEquals": {"aws:SourceOwner": {"Ref": "AWS::AccountId"}}},
                    },
                ]
            }
        },
    )
    assert findings(stack) == []


def test_an_encrypted_topic(stack: Stack) -> None:
    """CloudWatch needs the key of an encrypted topic, and nothing tells when it has not got it."""
    key: Any = kms.Key(stack, "Key")
    topic = sns.Topic(stack, "Topic", master_key=key)
    CacheAlarms(stack, "Alarms", cache=replication_group(stack), topic=topic)

    Template.from_stack(stack).has_resource_properties(
        "AWS::KMS::Key",
        {
            "KeyPolicy": {
                "Statement": Match.array_with(
                    [
                        Match.object_like(
                            {
                                "Principal": {"Service": "cloudwatch.amazonaws.com"},
                                "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                            }
                        )
                    ]
                )
            }
        },
    )


def test_an_imported_topic(stack: Stack) -> None:
    """A topic that exists keeps its policy."""
    arn = "arn:aws:sns:eu-west-1:123456789012:oncall"
    CacheAlarms(stack, "Alarms", cache=replication_group(stack), topic=sns.Topic.from_topic_arn(stack, "Topic", arn))
    template = Template.from_stack(stack)

    template.all_resources_properties(ALARM, {"AlarmActions": [arn]})
    template.resource_count_is("AWS::SNS::TopicPolicy", 0)


def test_nobody_is_told_by_default(stack: Stack) -> None:
    """Without a topic an alarm only has a state."""
    CacheAlarms(stack, "Alarms", cache=replication_group(stack))

    Template.from_stack(stack).all_resources_properties(ALARM, {"AlarmActions": Match.absent()})


def test_names_are_left_to_cloudformation(stack: Stack) -> None:
    """Two apps may watch caches of the same name."""
    CacheAlarms(stack, "Alarms", cache=replication_group(stack))

    Template.from_stack(stack).all_resources_properties(ALARM, {"AlarmName": Match.absent()})


def test_over_a_cache_of_another_stack() -> None:
    """The alarms may live in a stack of their own, and be combined there."""
    app = App()
    maker, user = Stack(app, "Maker"), Stack(app, "User")
    cache = ShardedReplicationGroup(maker, "Cache", vpc=isolated_vpc(maker), cache_node_type=LARGE)
    alarms = CacheAlarms(user, "Alarms", cache=cache)
    rule = cloudwatch.AlarmRule.any_of(*alarms.alarms["engine-cpu"])
    cloudwatch.CompositeAlarm(user, "Any", alarm_rule=rule)

    assert findings(user) == []
    assert len(alarms.all) == len(Template.from_stack(user).find_resources(ALARM))


def test_all_mistakes_at_once(stack: Stack) -> None:
    """One message has every name that is no alarm and every threshold that is missing."""
    text = _refusal(stack, alarms=["memry", "evictions"], thresholds={"lag": 3})

    first, *lines = text.splitlines()
    assert first == "Stack/Alarms: 3 problems"
    assert lines[0] == "  alarms = 'memry': 'memry' is no alarm of this kind of cache"
    assert "the alarms are cpu, engine-cpu, memory, connections" in lines[1]
    assert lines[2] == "  thresholds = 'lag': 'lag' is no alarm of this kind of cache"
    assert lines[4:] == [
        "  thresholds is not given: the alarm evictions watches Evictions, whose threshold only the application knows",
        '    write thresholds={"evictions": ...}   [cdk-alarm-threshold]',
    ]


@pytest.mark.parametrize(
    ("told", "name", "why"),
    [
        (
            {"cache_node_type": None},
            "cpu",
            "whose threshold follows from the processors of the node type, which are not known",
        ),
        (
            {"cache_node_type": None},
            "connections",
            "whose threshold follows from the connections that the node type takes, which are not known",
        ),
    ],
)
def test_a_threshold_that_cannot_be_derived(stack: Stack, told: dict[str, Any], name: str, why: str) -> None:
    """Who asks for an alarm by name gets it, or hears what is missing."""
    assert why in _refusal(stack, cache=replication_group(stack, **told), alarms=[name])


def test_a_limit_that_is_not_there(stack: Stack) -> None:
    """A serverless cache without a limit has nothing to come close to."""
    assert "follows from a limit that the cache does not have" in _refusal(
        stack, cache=serverless(stack), alarms=["storage"]
    )


def test_the_number_of_nodes_is_not_known(stack: Stack) -> None:
    """SEARCH is not allowed in alarms, so the nodes must be known."""
    text = _refusal(stack, cache=replication_group(stack, num_cache_clusters=None))

    assert "give a number where the group is made or imported" in text


def test_a_secondary_of_a_global_datastore(stack: Stack, vpc: ec2.Vpc) -> None:
    """It cannot say its numbers, which come from its primary: an import of it does, and has the alarms."""
    made = ShardedReplicationGroup(stack, "Secondary", vpc=vpc, global_replication_group_id="ldgnf-orders")
    imported = ShardedReplicationGroup.from_sharded_replication_group_attributes(
        stack,
        "Imported",
        replication_group_id=made.replication_group_id,
        cache_node_type=NodeType.of("cache.r7g.xlarge"),
        num_node_groups=2,
        replicas_per_node_group=1,
    )

    assert "import this secondary by its attributes" in _refusal(stack, cache=made)
    assert len(CacheAlarms(stack, "Watched", cache=imported).alarms["memory"]) == 4


def test_wrong_type(stack: Stack) -> None:
    """The id of a group is no cache."""
    assert "cache = 'orders': must be a ReplicationGroupReference or" in _refusal(stack, cache="orders")


def test_every_alarm_is_in_the_documentation() -> None:
    """Whoever reads the page on monitoring finds each alarm by its name, and no other."""
    page = (Path(__file__).parents[2] / "docs" / "monitoring.md").read_text()
    table = page.split("## Alarms")[1].split("\n\n")[1]
    listed = {name for row in table.splitlines()[2:] for name in re.findall(r"`([a-z-]+)`", row.split("|")[1])}

    assert listed == {fact.name for scope in Scope for fact in facts(scope)}


def test_a_negative_threshold(stack: Stack) -> None:
    """No metric is ever below 0; 0 itself and a token are taken."""
    cache = replication_group(stack)
    text = _refusal(stack, cache=cache, thresholds={"memory": -1})
    assert "thresholds = -1" in text
    assert "cdk-alarm-negative" in text

    token = CfnParameter(stack, "Threshold", type="Number").value_as_number
    CacheAlarms(stack, "Alarms", cache=cache, thresholds={"evictions": 0, "memory": token})
