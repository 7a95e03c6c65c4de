"""AWS::SNS::Subscription and AWS::SNS::TopicPolicy."""

from __future__ import annotations

import json

from moto.core.common_models import CloudFormationModel

from elasticache_kit.emulator.cloudformation.service_resource import Properties, ServiceResource

# Properties that are attributes of a subscription; SNS takes all of them as text.
SUBSCRIPTION_ATTRIBUTES = (
    "DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy", "SubscriptionRoleArn",
)  # fmt: skip


class TopicSubscriptionResource(ServiceResource, CloudFormationModel):
    """A subscription, kept by moto's SNS."""

    REPLACED_BY = frozenset({"TopicArn", "Protocol", "Endpoint"})

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::SNS::Subscription"

    def create(self) -> None:
        """Call Subscribe; Ref is the ARN."""
        made = self.place.call(
            "sns",
            "subscribe",
            TopicArn=self.properties["TopicArn"],
            Protocol=self.properties["Protocol"],
            Endpoint=self.properties.get("Endpoint"),
            Attributes={
                name: _text(self.properties[name]) for name in SUBSCRIPTION_ATTRIBUTES if name in self.properties
            },
            ReturnSubscriptionArn=True,
        )
        self.physical_resource_id = made["SubscriptionArn"]

    def update(self, old: Properties) -> None:
        """Call SetSubscriptionAttributes for what differs."""
        for name in SUBSCRIPTION_ATTRIBUTES:
            value = self.properties.get(name)
            if value is not None and value != old.get(name):
                self.place.call(
                    "sns",
                    "set_subscription_attributes",
                    SubscriptionArn=self.physical_resource_id,
                    AttributeName=name,
                    AttributeValue=_text(value),
                )

    def delete(self, account_id: str, region_name: str) -> None:
        """Call Unsubscribe."""
        del account_id, region_name
        self.place.call("sns", "unsubscribe", SubscriptionArn=self.physical_resource_id)


class TopicPolicyResource(ServiceResource, CloudFormationModel):
    """The policy of one or more topics."""

    ATTRIBUTES = frozenset({"Id"})
    REPLACED_BY = frozenset({"Topics"})

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::SNS::TopicPolicy"

    def create(self) -> None:
        """Set the attribute Policy of each topic."""
        self.attributes = {"Id": self.name}
        for topic in self.properties["Topics"]:
            self.place.call(
                "sns",
                "set_topic_attributes",
                TopicArn=topic,
                AttributeName="Policy",
                AttributeValue=json.dumps(self.properties["PolicyDocument"]),
            )

    def update(self, old: Properties) -> None:
        """Set the attribute anew."""
        del old
        self.create()

    def delete(self, account_id: str, region_name: str) -> None:
        """Leave the topics as they are: a topic has no call that takes its policy away, and they mostly go too."""


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value)
