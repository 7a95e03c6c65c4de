"""AWS::CodeBuild::Project, which moto's CloudFormation lacks. A project is kept; no build of it runs here."""

from __future__ import annotations

from typing import Any, cast

from moto.core.common_models import CloudFormationModel

from elasticache_kit.emulator.cloudformation.service_resource import Properties, ServiceResource, short_name

LONGEST_NAME = 150
# Members whose names CodeBuild writes otherwise than with a small first letter.
_NAMES = {"BuildSpec": "buildspec"}
_WORDS = {"true": True, "false": False}
_NUMBERS = frozenset({"TimeoutInMinutes", "QueuedTimeoutInMinutes", "ConcurrentBuildLimit"})
# What moto's CreateProject knows.
_MEMBERS = (
    "Artifacts", "Cache", "Description", "Environment", "LogsConfig", "QueuedTimeoutInMinutes", "ServiceRole", "Source",
    "SourceVersion", "Tags", "TimeoutInMinutes", "VpcConfig",
)  # fmt: skip


class BuildProjectResource(ServiceResource, CloudFormationModel):
    """A build project, kept by moto's CodeBuild."""

    NAME = "Name"
    ATTRIBUTES = frozenset({"Arn"})
    REPLACED_BY = frozenset({"Name"})

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        return "AWS::CodeBuild::Project"

    def create(self) -> None:
        """Call CreateProject; Ref is the name."""
        self.name = self.physical_resource_id = short_name(self.name, LONGEST_NAME)
        made = self.place.call("codebuild", "create_project", name=self.name, **self._request())["project"]
        self.attributes = {"Arn": made["arn"]}

    def update(self, old: Properties) -> None:
        """Make the project anew under its name: moto has no UpdateProject."""
        del old
        self.place.call("codebuild", "delete_project", name=self.name)
        self.create()

    def delete(self, account_id: str, region_name: str) -> None:
        """Call DeleteProject."""
        del account_id, region_name
        self.place.call("codebuild", "delete_project", name=self.name)

    def _request(self) -> dict[str, Any]:
        given = {_lower(key): _spelled(self.properties[key], key) for key in _MEMBERS if key in self.properties}
        # moto asks for a place of the source, also where there is none.
        given["source"] = {"location": "none", **given["source"]}
        return given


def _lower(key: str) -> str:
    return _NAMES.get(key, f"{key[0].lower()}{key[1:]}")


def _spelled(value: Any, key: str = "") -> Any:
    """Write members as the API does: CloudFormation begins them with a capital, CodeBuild does not."""
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value)
        return {_lower(name): _spelled(item, name) for name, item in items.items()}
    if isinstance(value, list):
        return [_spelled(item) for item in cast("list[Any]", value)]
    return int(value) if key in _NUMBERS else _WORDS.get(value, value) if isinstance(value, str) else value
