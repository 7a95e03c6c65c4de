"""AWS::SecretsManager::RotationSchedule."""

from __future__ import annotations

from moto.core.common_models import CloudFormationModel

from elasticache_kit.emulator.cloudformation.service_resource import Properties, ServiceResource
from elasticache_kit.emulator.cloudformation.template import TemplateError


class RotationScheduleResource(ServiceResource, CloudFormationModel):
    """When a secret is rotated, and by which function."""

    ATTRIBUTES = frozenset({"Id"})
    REPLACED_BY = frozenset({"SecretId"})

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::SecretsManager::RotationSchedule"

    def create(self) -> None:
        """Call RotateSecret, which rotates at once unless RotateImmediatelyOnUpdate is false.

        Raises:
            TemplateError: the function is to come from AWS.
        """
        if self.properties.get("HostedRotationLambda"):
            raise TemplateError(
                "HostedRotationLambda: AWS makes this function of an application in its Serverless Application "
                "Repository, which is not there locally. Name a function of yours as RotationLambdaARN."
            )
        self.physical_resource_id = self.properties["SecretId"]
        self.attributes = {"Id": self.physical_resource_id}
        rules = dict(self.properties.get("RotationRules") or {})
        if "AutomaticallyAfterDays" in rules:
            rules["AutomaticallyAfterDays"] = int(rules["AutomaticallyAfterDays"])
        self.place.call(
            "secretsmanager",
            "rotate_secret",
            SecretId=self.physical_resource_id,
            RotationLambdaARN=self.properties.get("RotationLambdaARN"),
            RotationRules=rules or None,
            RotateImmediately=str(self.properties.get("RotateImmediatelyOnUpdate", True)).lower() == "true",
        )

    def update(self, old: Properties) -> None:
        """Call RotateSecret with the new rules."""
        del old
        self.create()

    def delete(self, account_id: str, region_name: str) -> None:
        """Call CancelRotateSecret."""
        del account_id, region_name
        self.place.call("secretsmanager", "cancel_rotate_secret", SecretId=self.physical_resource_id)
