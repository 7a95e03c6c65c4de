"""The stack with alarms and the dashboard."""

from __future__ import annotations

import json

import pytest

from tests.stacks.conftest import Templates, resources, templates

ALARM = "AWS::CloudWatch::Alarm"
EMAIL = "oncall@example.com"


@pytest.fixture(scope="module")
def quiet() -> Templates:
    """The app with nobody to tell."""
    return templates()


@pytest.fixture(scope="module")
def told() -> Templates:
    """The app with somebody to tell."""
    return templates(notification_email=EMAIL)


def test_alarms_of_both_groups(quiet: Templates) -> None:
    """Each node of each group is watched, under the id that follows from the cluster mode."""
    watched = {json.dumps(alarm["Dimensions"][0]["Value"]) for alarm in resources(quiet["monitoring"], ALARM)}
    sharded = [f"-{group:04}-{node:03}" for group in (1, 2, 3) for node in (1, 2)]

    assert sorted(text.split('"')[-2] for text in watched) == [*sharded, "-001", "-002", "-003"]
    assert all("Fn::ImportValue" in text for text in watched)


def test_replicas_that_fall_behind(quiet: Templates) -> None:
    """The threshold that AWS leaves to the application is given."""
    lags = [alarm for alarm in resources(quiet["monitoring"], ALARM) if alarm["MetricName"] == "ReplicationLag"]

    assert len(lags) == 9
    assert {alarm["Threshold"] for alarm in lags} == {60}


def test_one_dashboard(quiet: Templates) -> None:
    """Both groups are on one dashboard."""
    (dashboard,) = resources(quiet["monitoring"], "AWS::CloudWatch::Dashboard")
    body = json.dumps(dashboard["DashboardBody"])

    assert "elasticache-kit-replication-group/ReplicationGroup" in body
    assert "elasticache-kit-sharded-replication-group/ReplicationGroup" in body


def test_nobody_is_told_unless_asked(quiet: Templates) -> None:
    """Without an address there is no topic, and neither alarms nor groups name one."""
    assert "notification" not in quiet
    assert all("AlarmActions" not in alarm for alarm in resources(quiet["monitoring"], ALARM))
    assert "NotificationTopicArn" not in json.dumps(quiet["replication-group"])


def test_a_person_hears_of_alarms_and_events(told: Templates) -> None:
    """With an address every alarm and both groups send to one topic, which lets both publish."""
    (subscription,) = resources(told["notification"], "AWS::SNS::Subscription")
    (policy,) = resources(told["notification"], "AWS::SNS::TopicPolicy")
    allowed = {
        statement["Sid"] for statement in policy["PolicyDocument"]["Statement"] if statement["Effect"] == "Allow"
    }

    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", EMAIL)
    assert {"AllowAlarms", "AllowElastiCache", "AllowElastiCacheAsOwner"} <= allowed
    for alarm in resources(told["monitoring"], ALARM):
        assert list(alarm["AlarmActions"][0]) == ["Fn::ImportValue"]
    for name in ("replication-group", "sharded-replication-group"):
        (group,) = resources(told[name], "AWS::ElastiCache::ReplicationGroup")
        assert list(group["NotificationTopicArn"]) == ["Fn::ImportValue"]


def test_no_publishing_without_tls(told: Templates) -> None:
    """Events say what a cache is called and where it is."""
    (policy,) = resources(told["notification"], "AWS::SNS::TopicPolicy")
    denied = [statement for statement in policy["PolicyDocument"]["Statement"] if statement["Effect"] == "Deny"]

    assert [statement["Condition"] for statement in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]
