"""What the API tells of a group, as a template would say it."""

from __future__ import annotations

from typing import Any

import pytest

from elasticache_kit.model.replication_group.properties import asked_version, properties

GROUP: dict[str, Any] = {
    "ReplicationGroupId": "orders",
    "Description": "Orders",
    "Engine": "valkey",
    "CacheNodeType": "cache.r7g.large",
    "ClusterMode": "disabled",
    "MemberClusters": ["orders-001", "orders-002"],
    "NodeGroups": [
        {
            "NodeGroupId": "0001",
            "PrimaryEndpoint": {"Address": "primary", "Port": 6390},
            "NodeGroupMembers": [{"CacheClusterId": "orders-001"}, {"CacheClusterId": "orders-002"}],
        }
    ],
    "AutomaticFailover": "enabled",
    "MultiAZ": "disabled",
    "TransitEncryptionEnabled": True,
    "TransitEncryptionMode": "required",
    "AtRestEncryptionEnabled": True,
    "SnapshotRetentionLimit": 3,
    "SnapshotWindow": "03:00-05:00",
    "AutoMinorVersionUpgrade": True,
}
NODE: dict[str, Any] = {
    "EngineVersion": "8.1.0",
    "CacheParameterGroup": {"CacheParameterGroupName": "default.valkey8"},
    "CacheSubnetGroupName": "private",
    "SecurityGroups": [{"SecurityGroupId": "sg-1", "Status": "active"}],
    "PreferredMaintenanceWindow": "sun:23:00-mon:01:30",
}


def sharded(*replicas: int) -> dict[str, Any]:
    """Return a group with cluster mode enabled and so many replicas in each node group."""
    groups: list[dict[str, Any]] = [
        {"NodeGroupId": f"{number:04}", "NodeGroupMembers": [{}] * (count + 1), "Slots": "0-1"}
        for number, count in enumerate(replicas, start=1)
    ]
    endpoint = {"Address": "configuration", "Port": 6379}
    return {**GROUP, "ClusterMode": "enabled", "NodeGroups": groups, "ConfigurationEndpoint": endpoint}


def test_a_group_without_cluster_mode() -> None:
    """What is not set is left out, and so is what nobody asked for, such as the zones of the nodes."""
    assert properties(GROUP, NODE) == {
        "ReplicationGroupId": "orders",
        "ReplicationGroupDescription": "Orders",
        "Engine": "valkey",
        "EngineVersion": "8.1",
        "CacheNodeType": "cache.r7g.large",
        "CacheParameterGroupName": "default.valkey8",
        "CacheSubnetGroupName": "private",
        "SecurityGroupIds": ["sg-1"],
        "ClusterMode": "disabled",
        "NumCacheClusters": 2,
        "AutomaticFailoverEnabled": True,
        "MultiAZEnabled": False,
        "TransitEncryptionEnabled": True,
        "TransitEncryptionMode": "required",
        "AtRestEncryptionEnabled": True,
        "Port": 6390,
        "SnapshotRetentionLimit": 3,
        "SnapshotWindow": "03:00-05:00",
        "PreferredMaintenanceWindow": "sun:23:00-mon:01:30",
        "AutoMinorVersionUpgrade": True,
    }


def test_a_sharded_group_says_once_what_holds_for_all_node_groups() -> None:
    """And each by itself where they differ; slots are where the data is, and nobody's wish."""
    alike, different = properties(sharded(1, 1, 1), NODE), properties(sharded(1, 0), NODE)

    assert (alike["NumNodeGroups"], alike["ReplicasPerNodeGroup"]) == (3, 1)
    assert "ReplicasPerNodeGroup" not in different
    assert different["NodeGroupConfiguration"] == [
        {"NodeGroupId": "0001", "ReplicaCount": 1},
        {"NodeGroupId": "0002", "ReplicaCount": 0},
    ]


def test_an_api_without_a_cluster_mode_tells_whether_it_is_enabled() -> None:
    """As it did before `compatible`."""
    old = {**sharded(1), "ClusterMode": None, "ClusterEnabled": True}

    assert properties(old, NODE)["ClusterMode"] == "enabled"


def test_what_a_group_has_beside() -> None:
    """Users, logs, topic, key, tags of its owner; a topic that was switched off is none."""
    log = {
        "LogType": "slow-log",
        "LogFormat": "json",
        "DestinationType": "cloudwatch-logs",
        "DestinationDetails": {"CloudWatchLogsDetails": {"LogGroup": "slow"}},
    }
    group = {
        **GROUP,
        "UserGroupIds": ["users"],
        "KmsKeyId": "key",
        "DataTiering": "enabled",
        "LogDeliveryConfigurations": [{**log, "Status": "active", "Message": ""}],
    }
    tags = [{"Key": "team", "Value": "orders"}, {"Key": "aws:cloudformation:stack-name", "Value": "s"}]
    node = {**NODE, "NotificationConfiguration": {"TopicArn": "topic", "TopicStatus": "active"}}
    off = {**NODE, "NotificationConfiguration": {"TopicArn": "topic", "TopicStatus": "inactive"}}

    found = properties(group, node, tags)

    assert found["Tags"] == [{"Key": "team", "Value": "orders"}]
    assert found["LogDeliveryConfigurations"] == [log]
    assert (found["UserGroupIds"], found["KmsKeyId"], found["DataTieringEnabled"]) == (["users"], "key", True)
    assert found["NotificationTopicArn"] == "topic"
    assert "NotificationTopicArn" not in properties(group, off)


def test_the_window_of_snapshots_that_are_not_taken_is_nobodys_wish() -> None:
    """The API tells one all the same."""
    assert "SnapshotWindow" not in properties({**GROUP, "SnapshotRetentionLimit": 0}, NODE)


@pytest.mark.parametrize(
    ("engine", "runs", "asked"),
    [
        ("valkey", "8.1.0", "8.1"),
        ("valkey", "8.1", "8.1"),
        ("redis", "7.1.0", "7.1"),
        ("redis", "6.2.6", "6.2"),
        ("redis", "5.0.6", "5.0.6"),
    ],
)
def test_aws_chooses_the_last_number_of_newer_versions(engine: str, runs: str, asked: str) -> None:
    """A template that named it would be refused."""
    assert asked_version(engine, runs) == asked
