"""The topic that events of a cache are sent to."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template

from elasticache_kit.cdk import ReplicationGroup, ShardedReplicationGroup
from elasticache_kit.errors import ValidationError

TYPE = "AWS::ElastiCache::ReplicationGroup"
ARN = "arn:aws:sns:eu-west-1:123456789012:orders"


def _statements(stack: Stack) -> list[dict[str, Any]]:
    (policy,) = Template.from_stack(stack).find_resources("AWS::SNS::TopicPolicy").values()
    return policy["Properties"]["PolicyDocument"]["Statement"]


@pytest.mark.parametrize("kind", [ReplicationGroup, ShardedReplicationGroup])
def test_a_topic_of_the_app(stack: Stack, vpc: ec2.Vpc, kind: type[ReplicationGroup | ShardedReplicationGroup]) -> None:
    """It is named, and lets ElastiCache of this account publish in both ways in which ElastiCache comes."""
    topic = sns.Topic(stack, "Topic")
    kind(stack, "Cache", vpc=vpc, notification_topic=topic)
    arn, account = stack.resolve(topic.topic_arn), {"Ref": "AWS::AccountId"}

    Template.from_stack(stack).has_resource_properties(TYPE, {"NotificationTopicArn": arn})
    assert [
        (statement["Principal"], statement["Condition"], statement["Action"], statement["Resource"])
        for statement in _statements(stack)
    ] == [
        (
            {"Service": "elasticache.amazonaws.com"},
            {"StringEquals": {"aws:SourceAccount": account}},
            "sns:Publish",
            arn,
        ),
        ({"AWS": "*"}, {"StringEquals": {"aws:SourceOwner": account}}, "sns:Publish", arn),
    ]


def test_two_caches_on_one_topic(stack: Stack, vpc: ec2.Vpc) -> None:
    """The second one adds nothing to the policy."""
    topic = sns.Topic(stack, "Topic")
    for name in ("Orders", "Sessions"):
        ReplicationGroup(stack, name, vpc=vpc, notification_topic=topic)

    assert len(_statements(stack)) == 2


def test_a_topic_of_another_stack() -> None:
    """The ARN crosses stacks, and the policy stays with the topic."""
    app = App()
    events, caches = Stack(app, "Events"), Stack(app, "Caches")
    topic = sns.Topic(events, "Topic")
    vpc = ec2.Vpc(caches, "Vpc", restrict_default_security_group=False)
    ReplicationGroup(caches, "Cache", vpc=vpc, notification_topic=topic)

    Template.from_stack(caches).resource_count_is("AWS::SNS::TopicPolicy", 0)
    assert len(_statements(events)) == 2


def test_an_imported_topic(stack: Stack, vpc: ec2.Vpc) -> None:
    """It is named; its policy is somebody else's."""
    ReplicationGroup(stack, "Cache", vpc=vpc, notification_topic=sns.Topic.from_topic_arn(stack, "Topic", ARN))
    template = Template.from_stack(stack)

    template.has_resource_properties(TYPE, {"NotificationTopicArn": ARN})
    template.resource_count_is("AWS::SNS::TopicPolicy", 0)


def test_an_encrypted_topic(stack: Stack, vpc: ec2.Vpc) -> None:
    """ElastiCache cannot publish to it, and would only tell later by marking it inactive."""
    key: Any = kms.Key(stack, "Key")
    topic = sns.Topic(stack, "Topic", master_key=key)

    with pytest.raises(ValidationError) as error:
        ReplicationGroup(stack, "Cache", vpc=vpc, notification_topic=topic)

    assert str(error.value).splitlines() == [
        "Stack/Cache: 1 problem",
        (
            "  notification_topic = 'Stack/Topic': the topic is encrypted with a key of one's own, and ElastiCache "
            "cannot publish to such a topic"
        ),
        "    take a topic without master_key   [cdk-notification-topic-key]",
    ]
