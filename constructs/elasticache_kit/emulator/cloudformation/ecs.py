"""AWS::ECS::Cluster, AWS::ECS::TaskDefinition and AWS::ECS::Service.

moto makes task definitions without their roles, and services without their network. Nothing runs by itself: see `task`.
"""

from __future__ import annotations

import contextlib
from typing import Any, ClassVar

from moto.core.common_models import CloudFormationModel
from moto.ecs.models import Cluster as StockCluster
from moto.ecs.models import Service as StockService
from moto.ecs.models import TaskDefinition as StockTaskDefinition

from elasticache_kit.emulator.cloudformation.service_resource import Properties, ServiceResource, retag
from elasticache_kit.emulator.cloudformation.shape import lowered, operation_shape
from elasticache_kit.emulator.service_call import ServiceRefusedError


class _EcsResource(ServiceResource):
    """What the types share: properties become members of requests."""

    def request(self, operation: str, *, without: frozenset[str] = frozenset()) -> dict[str, Any]:
        """Return the properties as members of an operation, as far as it has them.

        Args:
            operation: the operation.
            without: properties to leave out.
        """
        given = {name: value for name, value in self.properties.items() if name not in without}
        return lowered(given, operation_shape(operation, "ecs"))

    def retag(self, old: Properties) -> None:
        """Bring the tags from the old ones to the present ones."""
        retag(self, "ecs", "resourceArn", self.attributes["Arn"], old, lower=True)


class EcsClusterResource(_EcsResource, CloudFormationModel):
    """A cluster."""

    NAME = "ClusterName"
    ATTRIBUTES = frozenset({"Arn"})
    REPLACED_BY = frozenset({"ClusterName"})

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        # Named by moto's own class, which must be there before ours: of two classes of one type moto takes the later.
        return StockCluster.cloudformation_type()

    def create(self) -> None:
        """Call CreateCluster; Ref is the name."""
        request = {**self.request("CreateCluster"), "clusterName": self.name, "settings": self._settings()}
        made = self.place.call("ecs", "create_cluster", **request)
        self.attributes = {"Arn": made["cluster"]["clusterArn"]}

    def update(self, old: Properties) -> None:
        """Call UpdateCluster, and change the tags."""
        self.place.call("ecs", "update_cluster", cluster=self.name, settings=self._settings())
        self.retag(old)

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DeleteCluster."""
        del account_id, region_name
        with contextlib.suppress(ServiceRefusedError):
            self.place.call("ecs", "delete_cluster", cluster=self.name)

    def _settings(self) -> list[dict[str, str]] | None:
        given: list[dict[str, str]] = self.properties.get("ClusterSettings") or []
        return [{key.lower(): value for key, value in item.items()} for item in given] or None


class TaskDefinitionResource(_EcsResource, CloudFormationModel):
    """A revision of a task definition, which never changes."""

    NAME = "Family"
    ATTRIBUTES = frozenset({"TaskDefinitionArn"})

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return StockTaskDefinition.cloudformation_type()

    def replaces(self, old: Properties) -> bool:
        """Tell whether anything differs but the tags."""
        return {**old, "Tags": None} != {**self.properties, "Tags": None}

    def create(self) -> None:
        """Call RegisterTaskDefinition; Ref is the ARN of the revision."""
        request = {**self.request("RegisterTaskDefinition"), "family": self.name}
        made = self.place.call("ecs", "register_task_definition", **request)
        self.physical_resource_id = made["taskDefinition"]["taskDefinitionArn"]
        self.attributes = {"Arn": self.physical_resource_id, "TaskDefinitionArn": self.physical_resource_id}

    def update(self, old: Properties) -> None:
        """Change the tags."""
        self.retag(old)

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DeregisterTaskDefinition."""
        del account_id, region_name
        with contextlib.suppress(ServiceRefusedError):
            self.place.call("ecs", "deregister_task_definition", taskDefinition=self.physical_resource_id)


class EcsServiceResource(_EcsResource, CloudFormationModel):
    """A service."""

    NAME = "ServiceName"
    ATTRIBUTES = frozenset({"Name", "ServiceArn"})
    REPLACED_BY = frozenset({"Cluster", "LaunchType", "Role", "SchedulingStrategy", "ServiceName"})
    # What the template has as a capital, and the API under another name or not at all.
    _APART: ClassVar[frozenset[str]] = frozenset({"ServiceName", "Tags"})

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return StockService.cloudformation_type()

    def create(self) -> None:
        """Call CreateService; Ref is the ARN."""
        desired = {} if self.properties.get("SchedulingStrategy") == "DAEMON" else {"desiredCount": 1}
        request = {**desired, **self.request("CreateService"), "serviceName": self.name}
        made = self.place.call("ecs", "create_service", **request)
        self.physical_resource_id = made["service"]["serviceArn"]
        self.attributes = {"Arn": self.physical_resource_id, "ServiceArn": self.physical_resource_id, "Name": self.name}

    def update(self, old: Properties) -> None:
        """Call UpdateService, and change the tags."""
        request = {**self.request("UpdateService", without=self._APART), "service": self.name}
        self.place.call("ecs", "update_service", **request)
        self.retag(old)

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DeleteService, which ends what runs."""
        del account_id, region_name
        cluster = self.properties.get("Cluster")
        with contextlib.suppress(ServiceRefusedError):
            self.place.call("ecs", "delete_service", cluster=cluster, service=self.name, force=True)
