"""Compliance: each rule with a template that breaks it and one that just keeps to it."""

from __future__ import annotations

from typing import Any

import pytest

from elasticache_kit.model.compliance import check, rules

GROUP = "AWS::ElastiCache::ReplicationGroup"
CLUSTER = "AWS::ElastiCache::CacheCluster"
SERVERLESS = "AWS::ElastiCache::ServerlessCache"
USER = "AWS::ElastiCache::User"
ALARM = "AWS::CloudWatch::Alarm"
UNKNOWN = {"Fn::If": ["Large", "a", "b"]}

GOOD_GROUP: dict[str, Any] = {
    "SnapshotRetentionLimit": 1,
    "AutomaticFailoverEnabled": True,
    "MultiAZEnabled": True,
    "UserGroupIds": ["users"],
    "LogDeliveryConfigurations": [{"LogType": "slow-log"}],
    "NumCacheClusters": 2,
}
GOOD_MEMCACHED: dict[str, Any] = {"Engine": "memcached", "AZMode": "cross-az", "TransitEncryptionEnabled": True}
GOOD_SERVERLESS: dict[str, Any] = {
    "Engine": "valkey",
    "UserGroupId": "users",
    "SnapshotRetentionLimit": 1,
    "CacheUsageLimits": {"DataStorage": {"Maximum": 1, "Unit": "GB"}, "ECPUPerSecond": {"Maximum": 1000}},
}
GOOD_USER: dict[str, Any] = {
    "UserName": "orders",
    "AccessString": "on ~* +@all -@dangerous",
    "AuthenticationMode": {"Type": "iam"},
}


def template(kind: str, properties: dict[str, Any], **others: Any) -> dict[str, Any]:
    """Make a template with one resource that the test is about."""
    return {"Resources": {"It": {"Type": kind, "Properties": properties}, **others}}


def found(kind: str, properties: dict[str, Any], **others: Any) -> list[str]:
    """Return the rules that the resource breaks."""
    return [item.rule.id for item in check(template(kind, properties, **others)) if item.logical_id == "It"]


def alarm(name: str, **dimensions: Any) -> dict[str, Any]:
    """Make an alarm on a metric of ElastiCache."""
    listed = [{"Name": dimension, "Value": value} for dimension, value in dimensions.items()]
    return {"Namespace": "AWS/ElastiCache", "MetricName": name, "Dimensions": listed}


def without(properties: dict[str, Any], *names: str) -> dict[str, Any]:
    """Leave properties out."""
    return {name: value for name, value in properties.items() if name not in names}


BREAKING: list[tuple[str, str, dict[str, Any]]] = [
    ("rg-backup", GROUP, {**GOOD_GROUP, "SnapshotRetentionLimit": 0}),
    ("rg-backup", GROUP, without(GOOD_GROUP, "SnapshotRetentionLimit")),
    ("rg-multi-az", GROUP, {**GOOD_GROUP, "MultiAZEnabled": False}),
    ("rg-multi-az", GROUP, without(GOOD_GROUP, "MultiAZEnabled")),
    ("rg-sign-in", GROUP, without(GOOD_GROUP, "UserGroupIds")),
    ("rg-log-delivery", GROUP, without(GOOD_GROUP, "LogDeliveryConfigurations")),
    ("memcached-multi-az", CLUSTER, without(GOOD_MEMCACHED, "AZMode")),
    ("memcached-tls", CLUSTER, {**GOOD_MEMCACHED, "TransitEncryptionEnabled": "false"}),
    ("serverless-sign-in", SERVERLESS, without(GOOD_SERVERLESS, "UserGroupId")),
    ("serverless-backup", SERVERLESS, {**GOOD_SERVERLESS, "SnapshotRetentionLimit": {"Ref": "AWS::NoValue"}}),
    ("user-password", USER, {**GOOD_USER, "AuthenticationMode": {"Type": "no-password-required"}}),
    ("user-password", USER, {**without(GOOD_USER, "AuthenticationMode"), "NoPasswordRequired": True}),
    ("user-default", USER, {**GOOD_USER, "UserName": "default"}),
    ("user-rights", USER, {**GOOD_USER, "AccessString": "on ~* +@all"}),
    ("user-rights", USER, {**GOOD_USER, "AccessString": "on allkeys -@dangerous allcommands"}),
    ("alarm-metric", ALARM, alarm("EngineCpuUtilization", CacheClusterId="orders-001")),
    ("alarm-dimension", ALARM, alarm("ThrottledCmds", ServerlessCacheName="orders")),
    ("alarm-dimension", ALARM, alarm("EngineCPUUtilization", ReplicationGroupId="orders")),
]
KEEPING: list[tuple[str, str, dict[str, Any]]] = [
    ("rg-backup", GROUP, GOOD_GROUP),
    ("rg-multi-az", GROUP, {**GOOD_GROUP, "MultiAZEnabled": "true"}),
    ("rg-sign-in", GROUP, {**without(GOOD_GROUP, "UserGroupIds"), "AuthToken": "{{resolve:secretsmanager:it}}"}),
    ("rg-log-delivery", GROUP, GOOD_GROUP),
    ("memcached-multi-az", CLUSTER, GOOD_MEMCACHED),
    ("memcached-tls", CLUSTER, GOOD_MEMCACHED),
    ("serverless-sign-in", SERVERLESS, {**without(GOOD_SERVERLESS, "UserGroupId"), "Engine": "memcached"}),
    ("serverless-backup", SERVERLESS, GOOD_SERVERLESS),
    ("serverless-limit", SERVERLESS, GOOD_SERVERLESS),
    (
        "user-password",
        USER,
        {**GOOD_USER, "AccessString": "off -@all", "AuthenticationMode": {"Type": "no-password-required"}},
    ),
    ("user-default", USER, {**GOOD_USER, "UserName": "default", "AccessString": "off ~* +@all"}),
    ("user-rights", USER, GOOD_USER),
    ("user-rights", USER, {**GOOD_USER, "AccessString": "on ~orders:* +@all"}),
    ("alarm-metric", ALARM, alarm("EngineCPUUtilization", CacheClusterId="orders-001")),
    ("alarm-dimension", ALARM, alarm("ThrottledCmds", clusterId="orders")),
    ("alarm-dimension", ALARM, alarm("EngineCPUUtilization", ReplicationGroupId="orders", Role="Primary")),
    ("alarm-dimension", ALARM, alarm("BytesUsedForCache", CacheClusterId="orders-001", CacheNodeId="0001", Tier="SSD")),
]


@pytest.mark.parametrize(("rule", "kind", "properties"), BREAKING)
def test_what_breaks_a_rule(rule: str, kind: str, properties: dict[str, Any]) -> None:
    """It breaks this rule and no other."""
    assert found(kind, properties) == [rule]


@pytest.mark.parametrize(("rule", "kind", "properties"), KEEPING)
def test_what_just_keeps_to_a_rule(rule: str, kind: str, properties: dict[str, Any]) -> None:
    """Nothing is said of it."""
    assert rule in {item.id for item in rules()}
    assert found(kind, properties) == []


def test_both_limits_of_a_serverless_cache() -> None:
    """Each that is missing is named, and a maximum that only a deployment knows is one."""
    half = {**GOOD_SERVERLESS, "CacheUsageLimits": {"DataStorage": {"Maximum": UNKNOWN}, "ECPUPerSecond": {}}}

    assert found(SERVERLESS, without(GOOD_SERVERLESS, "CacheUsageLimits")) == ["serverless-limit"] * 2
    assert found(SERVERLESS, half) == ["serverless-limit"]


@pytest.mark.parametrize("kind", [GROUP, CLUSTER, SERVERLESS, USER, ALARM])
def test_nothing_is_said_of_what_only_a_deployment_knows(kind: str) -> None:
    """An intrinsic function is neither good nor bad."""
    given = {**GOOD_GROUP, **GOOD_MEMCACHED, **GOOD_SERVERLESS, **GOOD_USER}
    names = {*given, "Namespace", "MetricName", "Dimensions", "Metrics", "NumCacheClusters"}

    assert found(kind, dict.fromkeys(names, UNKNOWN)) == []


SHARDED = {**without(GOOD_GROUP, "NumCacheClusters"), "NumNodeGroups": 2, "ReplicasPerNodeGroup": 1}
COMPATIBLE = {**GOOD_GROUP, "ClusterMode": "compatible"}


@pytest.mark.parametrize(
    ("group", "rest", "there"),
    [
        (GOOD_GROUP, "-001", True),
        (GOOD_GROUP, "-002", True),
        (GOOD_GROUP, "-003", False),
        (GOOD_GROUP, "-0001-001", False),
        (SHARDED, "-0002-002", True),
        (SHARDED, "-0003-001", False),
        (SHARDED, "-001", False),
        (COMPATIBLE, "-0001-002", True),
        (COMPATIBLE, "-002", False),
        ({**SHARDED, "NumNodeGroups": UNKNOWN}, "-0009-001", True),
        ({**SHARDED, "GlobalReplicationGroupId": "ldgnf-orders"}, "-0009-001", True),
    ],
)
@pytest.mark.parametrize("form", ["join", "sub", "text"])
def test_nodes_that_a_group_has_or_not(group: dict[str, Any], rest: str, there: bool, form: str) -> None:
    """The ids of nodes follow from the cluster mode and the sizes, however the template puts them together."""
    named = {**group, "ReplicationGroupId": "orders"}
    value = {"join": {"Fn::Join": ["", [{"Ref": "Cache"}, rest]]}, "sub": {"Fn::Sub": f"${{Cache}}{rest}"}}
    properties = alarm("EngineCPUUtilization", CacheClusterId=value.get(form, f"orders{rest}"))

    assert found(ALARM, properties, Cache={"Type": GROUP, "Properties": named}) == ([] if there else ["alarm-node"])


def test_a_group_is_no_node() -> None:
    """An alarm on the id of a replication group stays without data for good."""
    properties = alarm("EngineCPUUtilization", CacheClusterId={"Ref": "Cache"})
    (finding,) = (item for item in check(template(ALARM, properties, Cache={"Type": GROUP, "Properties": GOOD_GROUP})))

    assert finding.rule.id == "alarm-node"
    assert finding.message == "Cache is a replication group, and no node: CacheClusterId takes the id of a node"


def test_a_group_that_is_scaled_may_have_more_nodes() -> None:
    """Auto scaling adds nodes that the template does not name."""
    properties = alarm("EngineCPUUtilization", CacheClusterId={"Fn::Join": ["", [{"Ref": "Cache"}, "-0009-001"]]})
    target = {
        "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
        "Properties": {"ServiceNamespace": "elasticache"},
    }

    assert found(ALARM, properties, Cache={"Type": GROUP, "Properties": SHARDED}, Target=target) == []


def test_a_metric_of_the_other_engine() -> None:
    """A Memcached cluster has no EngineCPUUtilization, though there is such a metric."""
    memcached = {"Type": CLUSTER, "Properties": GOOD_MEMCACHED}
    properties = alarm("EngineCPUUtilization", CacheClusterId={"Ref": "Cache"})

    assert found(ALARM, properties, Cache=memcached) == ["alarm-metric"]
    assert found(ALARM, alarm("Evictions", CacheClusterId={"Ref": "Cache"}), Cache=memcached) == []


def test_a_metric_in_an_expression() -> None:
    """What metric math reads is read too."""
    metric = {"MetricStat": {"Metric": alarm("CPUUtilization", ServerlessCacheName="orders")}}
    (finding,) = check(template(ALARM, {"Metrics": [{"Expression": "m / 2"}, metric]}))

    assert finding.rule.id == "alarm-dimension"
    assert finding.location == "Properties.Metrics.1.MetricStat.Metric.Dimensions"


def test_alarms_of_other_services_are_left_alone() -> None:
    """A metric of one's own may be called anything."""
    assert found(ALARM, {**alarm("Orders", Shop="main"), "Namespace": "Shop"}) == []


@pytest.mark.parametrize("body", [{}, {"Resources": None}, {"Resources": {"It": "text"}}, {"Resources": {"It": {}}}])
def test_what_is_no_template_has_no_findings(body: dict[str, Any]) -> None:
    """Whoever reads the template says what is wrong with it."""
    assert check(body) == ()


def test_every_rule_is_tested_from_both_sides() -> None:
    """And each says where AWS asks for it, or that it is ours."""
    tested = {rule for rule, _, _ in BREAKING} | {"serverless-limit", "alarm-node"}

    assert {rule.id for rule in rules()} == tested == {rule for rule, _, _ in KEEPING} | {"alarm-node"}
    assert all(rule.source and rule.fix and rule.what for rule in rules())
