"""Who hears of events and alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aws_cdk import Stack
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions

from elasticache_kit.cdk.alarm import allow_alarms
from stacks.acknowledgement import acknowledge, skip_checkov

if TYPE_CHECKING:
    from constructs import Construct

    from stacks.settings import Settings


class NotificationStack(Stack):
    """A topic that the caches send their events to, and the alarms what they raise; a person confirms by e-mail."""

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(scope, construct_id, description="Who hears of the ElastiCache stacks")

        topic = sns.Topic(self, "Topic", enforce_ssl=True)
        why = "ElastiCache publishes to no topic that is encrypted with a key of one's own"
        acknowledge(topic, why, "SNSEncryptedKMS")
        skip_checkov(topic, why, "CKV_AWS_26")
        topic.add_subscription(
            cast("sns.ITopicSubscription", subscriptions.EmailSubscription(settings.notification_email))
        )
        allow_alarms(topic)
        self.topic = cast("sns.ITopic", topic)
