"""AWS::CloudWatch::Alarm and AWS::CloudWatch::CompositeAlarm."""

from __future__ import annotations

from typing import ClassVar

from moto.core.common_models import CloudFormationModel

from elasticache_kit.emulator.cloudformation.service_resource import Properties, ServiceResource, retag


class _AlarmResource(ServiceResource):
    """What both kinds of alarm share, kept by moto's CloudWatch: the properties are the members of one call."""

    PUT: ClassVar[str]
    NAME = "AlarmName"
    ATTRIBUTES = frozenset({"Arn"})
    REPLACED_BY = frozenset({"AlarmName"})

    def create(self) -> None:
        """Put the alarm."""
        place = self.place
        place.call("cloudwatch", self.PUT, **{**self.properties, "AlarmName": self.name})
        prefix = f"arn:{place.partition}:cloudwatch:{place.region}:{place.account_id}:alarm"
        self.attributes = {"Arn": f"{prefix}:{self.name}"}

    def update(self, old: Properties) -> None:
        """Put the alarm anew, which replaces what it watches, and change the tags, which that leaves."""
        self.create()
        retag(self, "cloudwatch", "ResourceARN", self.attributes["Arn"], old)

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DeleteAlarms."""
        del account_id, region_name
        self.place.call("cloudwatch", "delete_alarms", AlarmNames=[self.name])


class AlarmResource(_AlarmResource, CloudFormationModel):
    """An alarm on a metric."""

    PUT = "put_metric_alarm"

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::CloudWatch::Alarm"


class CompositeAlarmResource(_AlarmResource, CloudFormationModel):
    """An alarm over other alarms."""

    PUT = "put_composite_alarm"

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::CloudWatch::CompositeAlarm"
