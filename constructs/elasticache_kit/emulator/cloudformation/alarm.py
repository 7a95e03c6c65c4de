"""AWS::CloudWatch::Alarm and AWS::CloudWatch::CompositeAlarm."""

from __future__ import annotations

from moto.core.common_models import CloudFormationModel

from elasticache_kit.emulator.cloudformation.service_resource import Properties, ServiceResource, retag


class AlarmResource(ServiceResource, CloudFormationModel):
    """An alarm on a metric, kept by moto's CloudWatch."""

    NAME = "AlarmName"
    ATTRIBUTES = frozenset({"Arn"})
    REPLACED_BY = frozenset({"AlarmName"})

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::CloudWatch::Alarm"

    def create(self) -> None:
        """Call PutMetricAlarm: the properties are its members."""
        self.place.call("cloudwatch", "put_metric_alarm", **{**self.properties, "AlarmName": self.name})
        self.attributes = {"Arn": f"{_prefix(self)}:{self.name}"}

    def update(self, old: Properties) -> None:
        """Call PutMetricAlarm, which replaces what the alarm watches, and change the tags, which it leaves."""
        self.create()
        retag(self, "cloudwatch", "ResourceARN", self.attributes["Arn"], old)

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DeleteAlarms."""
        del account_id, region_name
        self.place.call("cloudwatch", "delete_alarms", AlarmNames=[self.name])


class CompositeAlarmResource(ServiceResource, CloudFormationModel):
    """An alarm over other alarms, kept by moto's CloudWatch."""

    NAME = "AlarmName"
    ATTRIBUTES = frozenset({"Arn"})
    REPLACED_BY = frozenset({"AlarmName"})

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::CloudWatch::CompositeAlarm"

    def create(self) -> None:
        """Call PutCompositeAlarm: the properties are its members."""
        self.place.call("cloudwatch", "put_composite_alarm", **{**self.properties, "AlarmName": self.name})
        self.attributes = {"Arn": f"{_prefix(self)}:{self.name}"}

    def update(self, old: Properties) -> None:
        """Call PutCompositeAlarm, which replaces the rule, and change the tags."""
        self.create()
        retag(self, "cloudwatch", "ResourceARN", self.attributes["Arn"], old)

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DeleteAlarms."""
        del account_id, region_name
        self.place.call("cloudwatch", "delete_alarms", AlarmNames=[self.name])


def _prefix(resource: ServiceResource) -> str:
    place = resource.place
    return f"arn:{place.partition}:cloudwatch:{place.region}:{place.account_id}:alarm"
