"""Notifications: the events of a cache reach the subscribers of its topic."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.wire import Client, available, client_of, make_group, make_subnet_group, make_subnets, until


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """Clients of a control plane with the subnet group `net`."""
    with Emulator(tmp_path, timing=INSTANT, engines=False) as emulator:
        made = client_of(emulator.endpoint_url)
        make_subnet_group(made, make_subnets(made, "abc"))
        yield made


def inbox(client: Client) -> tuple[str, str]:
    """Make a topic with a queue behind it and return the topic's ARN and the queue's URL."""
    topic = client("sns").create_topic(Name="events")["TopicArn"]
    queue = client("sqs").create_queue(QueueName="inbox")["QueueUrl"]
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:eu-west-1:123456789012:inbox")
    return topic, queue


def received(client: Client, queue: str) -> list[dict[str, Any]]:
    """Take what lies in the queue."""
    messages = client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(json.loads(item["Body"])["Message"]) for item in messages]


def test_a_topic_is_told(client: Client) -> None:
    """Under the names that AWS gives its notifications; a topic that is inactive is told nothing."""
    topic, queue = inbox(client)
    make_group(client, NumCacheClusters=2, NotificationTopicArn=topic)
    elasticache = client("elasticache")
    available(elasticache)
    told = received(client, queue)
    shown = elasticache.describe_cache_clusters(CacheClusterId="orders-001")["CacheClusters"][0]

    elasticache.modify_replication_group(
        ReplicationGroupId="orders", NotificationTopicStatus="inactive", ApplyImmediately=True
    )
    available(elasticache)
    elasticache.test_failover(ReplicationGroupId="orders", NodeGroupId="0001")
    until(
        lambda: [event["Message"] for event in elasticache.describe_events()["Events"]],
        lambda messages: any(message.startswith("Finished recovery") for message in messages),
    )

    assert told == [
        {"ElastiCache:CacheClusterProvisioningComplete": "orders-001"},
        {"ElastiCache:CacheClusterProvisioningComplete": "orders-002"},
        {"ElastiCache:CreateReplicationGroupComplete": "orders"},
    ]
    assert shown["NotificationConfiguration"] == {"TopicArn": topic, "TopicStatus": "active"}
    assert received(client, queue) == []


def test_a_topic_that_is_gone_stops_nothing(client: Client) -> None:
    """The group is made all the same."""
    topic, _ = inbox(client)
    make_group(client, NotificationTopicArn=topic)
    elasticache = client("elasticache")
    available(elasticache)
    client("sns").delete_topic(TopicArn=topic)

    elasticache.delete_replication_group(ReplicationGroupId="orders")

    until(lambda: elasticache.describe_replication_groups()["ReplicationGroups"], lambda groups: groups == [])
