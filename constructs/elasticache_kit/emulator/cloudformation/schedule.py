"""AWS::Scheduler::Schedule and AWS::Scheduler::ScheduleGroup."""

from __future__ import annotations

from moto.core.common_models import CloudFormationModel

from elasticache_kit.emulator.cloudformation.service_resource import Properties, ServiceResource, retag, short_name

LONGEST_NAME = 64


class ScheduleResource(ServiceResource, CloudFormationModel):
    """A schedule, kept by moto's EventBridge Scheduler; see `emulator.schedule` for what it starts."""

    NAME = "Name"
    ATTRIBUTES = frozenset({"Arn"})
    REPLACED_BY = frozenset({"Name"})

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::Scheduler::Schedule"

    def create(self) -> None:
        """Call CreateSchedule: the properties are its members."""
        self.name = self.physical_resource_id = short_name(self.name, LONGEST_NAME)
        made = self.place.call("scheduler", "create_schedule", **{**self.properties, "Name": self.name})
        self.attributes = {"Arn": made["ScheduleArn"]}

    def update(self, old: Properties) -> None:
        """Call UpdateSchedule, which takes the whole schedule anew."""
        del old
        self.place.call("scheduler", "update_schedule", **{**self.properties, "Name": self.name})

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DeleteSchedule."""
        del account_id, region_name
        group = self.properties.get("GroupName")
        self.place.call("scheduler", "delete_schedule", Name=self.name, GroupName=group)


class ScheduleGroupResource(ServiceResource, CloudFormationModel):
    """A group of schedules, kept by moto's EventBridge Scheduler."""

    NAME = "Name"
    ATTRIBUTES = frozenset({"Arn", "State"})
    REPLACED_BY = frozenset({"Name"})

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::Scheduler::ScheduleGroup"

    def create(self) -> None:
        """Call CreateScheduleGroup."""
        self.name = self.physical_resource_id = short_name(self.name, LONGEST_NAME)
        tags = self.properties.get("Tags")
        made = self.place.call("scheduler", "create_schedule_group", Name=self.name, Tags=tags)
        self.attributes = {"Arn": made["ScheduleGroupArn"], "State": "ACTIVE"}

    def update(self, old: Properties) -> None:
        """Change the tags: a group has nothing else."""
        retag(self, "scheduler", "ResourceArn", self.attributes["Arn"], old)

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DeleteScheduleGroup."""
        del account_id, region_name
        self.place.call("scheduler", "delete_schedule_group", Name=self.name)
