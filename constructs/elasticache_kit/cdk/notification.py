"""Notification: what an SNS topic must allow before ElastiCache can send its events there."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns

from elasticache_kit.cdk.argument import violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_cdk.interfaces.aws_sns import ITopicRef

    from elasticache_kit.model.rule import Violation


def encrypted_topic(topic: ITopicRef | None) -> Iterator[Violation]:
    """Yield a violation where a topic is encrypted with a key of one's own, which ElastiCache cannot publish to.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ECEvents.SNS.html
    """
    if isinstance(topic, sns.Topic) and topic.master_key is not None:
        yield violation(
            "cdk-notification-topic-key",
            "notification_topic",
            topic.node.path,
            "the topic is encrypted with a key of one's own, and ElastiCache cannot publish to such a topic",
            "take a topic without master_key",
        )


def allow_events(topic: ITopicRef) -> None:
    """Let ElastiCache of this account publish to a topic that is made in this app; an import keeps its own policy.

    A topic without a policy of its own lets its owner publish, and ElastiCache comes as the owner. Any policy puts an
    end to that, so the topic gets both: the service, and the owner as the page names it.
    """
    if not isinstance(topic, sns.Topic):
        return
    account = topic.stack.account
    for sid, principal, condition in (
        ("AllowElastiCache", iam.ServicePrincipal("elasticache.amazonaws.com"), "aws:SourceAccount"),
        ("AllowElastiCacheAsOwner", iam.AnyPrincipal(), "aws:SourceOwner"),
    ):
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid=sid,
                principals=[cast("iam.IPrincipal", principal)],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {condition: account}},
            )
        )
