"""What the AWS::ElastiCache types share: each is its API's create, modify and delete, called on the region's state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from moto.elasticache.models import elasticache_backends

from elasticache_kit.emulator import runtime
from elasticache_kit.emulator.action import tag
from elasticache_kit.emulator.cloudformation.deployed_resource import Definition, DeployedResource
from elasticache_kit.emulator.cloudformation.return_value import answer
from elasticache_kit.emulator.cloudformation.shape import operation_shape, typed
from elasticache_kit.emulator.fault import Fault, invalid_state, invalid_value
from elasticache_kit.emulator.operation import OPERATIONS
from elasticache_kit.model import return_value
from elasticache_kit.model.change import replaces

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region

POLL_SECONDS = 0.02
# In which a resource takes requests, and in which it takes none but its deletion.
READY = ("available", "active", "primary-only")
FAILED = ("create-failed",)


class ElastiCacheResource(DeployedResource):
    """Identity, attributes, waiting, and replacement where CloudFormation replaces.

    Args:
        physical_id: what Ref returns.
        properties: the properties of the template, resolved and typed.
        region: where the resource lives.
        online_resharding: UpdatePolicy UseOnlineResharding.
    """

    CREATE: ClassVar[str]
    # The operation that changes in place; none where only tags do.
    MODIFY: ClassVar[str] = ""
    NAME: ClassVar[str]
    # The property that identifies a resource to CloudFormation. Default: the name.
    IDENTIFIER: ClassVar[str] = ""
    LONGEST_NAME: ClassVar[int] = 40
    # The property -> the member of the API, where they differ.
    MEMBERS: ClassVar[Mapping[str, str]] = {}
    # What a property goes back to when it leaves the template; of the others the last value stays.
    DEFAULTS: ClassVar[Mapping[str, Any]] = {}
    # What changes by a call of its own.
    APART: ClassVar[frozenset[str]] = frozenset()
    # The attribute -> where the description has it, where they differ.
    PATHS: ClassVar[Mapping[str, str]] = {}
    # The property -> where the description has its value, for what drift detection compares.
    SHOWN: ClassVar[Mapping[str, str]] = {}

    def __init__(
        self, physical_id: str, properties: dict[str, Any], region: Region, *, online_resharding: bool = False
    ) -> None:
        self.physical_resource_id = physical_id
        self.properties = properties
        self.region = region
        self.online_resharding = online_resharding
        # What the deployment should say of a change that is not quite what the template asks for.
        self.remarks: list[str] = []

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Tell whether Fn::GetAtt knows an attribute."""
        return attr in return_value.attributes(cls.cloudformation_type())

    @classmethod
    def physical_name(cls, properties: Mapping[str, Any], generated: str) -> str:
        """Return the name that was asked for, or one of CloudFormation's making, cut to what the service takes."""
        return str(properties[cls.NAME]).lower() if properties.get(cls.NAME) else fitted(generated, cls.LONGEST_NAME)

    @staticmethod
    def cloudformation_type() -> str:
        """Return the type's name."""
        raise NotImplementedError

    @classmethod
    def described(cls, name: str, definition: Definition, account_id: str, region_name: str) -> Self:
        """Return the resource that a template describes, which is not made yet."""
        backend: Any = elasticache_backends[account_id][region_name]
        properties = cls._properties(definition)
        return cls(cls.physical_name(properties, name), properties, backend.region)

    def redescribed(self, definition: Definition) -> Self:
        """Return this resource as a template describes it anew, which has not changed yet."""
        policy: Mapping[str, Any] = definition.get("UpdatePolicy") or {}
        online = str(policy.get("UseOnlineResharding", "")).lower() == "true"
        properties = self._properties(definition)
        return type(self)(self.physical_resource_id, properties, self.region, online_resharding=online)

    def replaces(self, old: Mapping[str, Any]) -> bool:
        """Tell what the data say of the properties that differ."""
        kind, online = self.cloudformation_type(), self.online_resharding
        return replaces(kind, old, self.properties, online_resharding=online)

    @classmethod
    def existing(cls, physical_id: str, properties: dict[str, Any], account_id: str, region_name: str) -> Self:
        """Find a resource that nobody made through CloudFormation.

        Raises:
            Fault: there is none.
        """
        backend: Any = elasticache_backends[account_id][region_name]
        found = cls(physical_id, cls._properties({"Properties": properties}), backend.region)
        found.look()
        return found

    def look(self) -> None:
        """Raise the API's fault where the resource does not exist."""
        self.shown()

    def create(self) -> None:
        """Make the resource and return when it is ready; one that does not become ready is taken back."""
        request = {self.MEMBERS.get(name, name): value for name, value in self.properties.items()}
        self.api(self.CREATE, **{**request, self.MEMBERS.get(self.NAME, self.NAME): self.physical_resource_id})
        self.made()

    def made(self) -> None:
        """Wait until a resource that was just asked for is ready, and take back one that fails."""
        try:
            self.wait()
        except Fault:
            # A failed resource goes with the rollback, and nobody but this knows of it.
            self.delete("", "")
            raise

    def update(self, old: Mapping[str, Any]) -> None:
        """Bring the resource from its old properties to its present ones and return when it is ready."""
        if request := self.differences(old):
            name = self.MEMBERS.get(self.NAME, self.NAME)
            self.api(self.MODIFY, **{name: self.physical_resource_id, **request})
            self.wait()
        self.retag(old)

    def delete(self, account_id: str, region_name: str) -> None:
        """Remove the resource and return when it is gone; one that is gone already counts as removed."""
        raise NotImplementedError

    def shown(self) -> Mapping[str, Any]:
        """Describe the resource as the API does.

        Raises:
            Fault: it is not there.
        """
        raise NotImplementedError

    def status(self) -> str:
        """Return the status that the description has."""
        return str(self.shown()["Status"])

    def get_cfn_attribute(self, attribute_name: str) -> Any:
        """Return what Fn::GetAtt does.

        Raises:
            Fault: InvalidParameterValue for an attribute that this very resource does not have.
        """
        value = self.attribute(attribute_name)
        if value is None:
            raise invalid_value(f"{self.physical_resource_id} has no attribute {attribute_name}.")
        return answer(value, return_value.attributes(self.cloudformation_type())[attribute_name])

    def attribute(self, name: str) -> Any:
        """Return an attribute from the description, None where it is not there."""
        return dug(self.shown(), self.PATHS.get(name, name))

    def actual(self) -> Mapping[str, Any] | None:
        """Return the properties that the description shows, as they are; None where the resource is gone."""
        try:
            shown = self.shown()
        except Fault:
            return None
        return {name: dug(shown, path) for name, path in self.SHOWN.items()}

    def api(self, operation: str, **request: Any) -> dict[str, Any]:
        """Call an operation of ElastiCache where the resource lives; a member that is None is left out.

        Raises:
            Fault: the operation is refused.
        """
        given = {name: value for name, value in request.items() if value is not None}
        # As a request over the wire, see `LocalElastiCacheResponse`.
        with self.region.lock:
            tag.judge(given)
            return OPERATIONS[operation].action(self.region, given)

    def wait(self) -> None:
        """Let time pass until the resource is ready.

        Raises:
            Fault: it failed.
        """
        while (status := self.status()) not in READY:
            if status in FAILED:
                raise invalid_state(f"{self.physical_resource_id} failed.")
            pause()

    def gone(self, operation: str, **request: Any) -> None:
        """Delete by an operation as soon as the resource is at rest, and wait until it is no more."""
        try:
            while self.status() not in (*READY, *FAILED, "deleting"):
                pause()
            if self.status() != "deleting":
                self.api(operation, **request)
            while self.shown():
                pause()
        except Fault as fault:
            if "NotFound" not in str(fault.code):
                raise

    def differences(self, old: Mapping[str, Any]) -> dict[str, Any]:
        """Return the members of the request that changes in place what differs, and remark on what it cannot say.

        Raises:
            Fault: InvalidParameterValue for a property that the API does not change.
        """
        known: Mapping[str, Any] = operation_shape(self.MODIFY).members if self.MODIFY else {}
        request: dict[str, Any] = {}
        for name in sorted({*old, *self.properties} - {*self.APART, self.NAME, "Tags"}):
            value = self.properties.get(name, self.DEFAULTS.get(name))
            if old.get(name) == value or self.properties.get(name) == old.get(name):
                continue
            if value is None:
                self.remarks.append(f"{name} has left the template: {self.physical_resource_id} keeps what it had.")
            elif (member := self.MEMBERS.get(name, name)) in known:
                request[member] = value
            else:
                raise invalid_value(f"{name} of {self.physical_resource_id} does not change in place.")
        return request

    def retag(self, old: Mapping[str, Any]) -> None:
        """Bring the tags from those of the old properties to those of the present ones."""
        if old.get("Tags") == self.properties.get("Tags"):
            return
        arn = str(self.shown()["ARN"])
        before: list[dict[str, str]] = old.get("Tags") or []
        self.region.tagging.untag_resource_using_names(arn, [item["Key"] for item in before])
        if tags := self.properties.get("Tags"):
            self.api("AddTagsToResource", ResourceName=arn, Tags=tags)

    @classmethod
    def _properties(cls, definition: Mapping[str, Any]) -> dict[str, Any]:
        return typed(definition.get("Properties", {}), operation_shape(cls.CREATE))


def pause() -> None:
    """Let a moment pass; it raises where the emulator stops: a sleep would leave a thread that waits for ever."""
    runtime.current().lifecycle.pause(POLL_SECONDS)


def fitted(generated: str, longest: int) -> str:
    """Make a name of CloudFormation's a valid one: lower case, not too long, no double hyphen, a letter first."""
    # The end is what makes a generated name unique.
    prefix, _, suffix = generated.lower().rpartition("-")
    name = f"{prefix[: longest - 1 - len(suffix)].rstrip('-')}-{suffix}"
    while "--" in name:
        name = name.replace("--", "-")
    return name if name[0].isalpha() else f"x{name}"[:longest]


def dug(shown: Any, path: str) -> Any:
    """Return what stands at the end of a path of members and places, None where there is nothing."""
    for part in path.split("."):
        if isinstance(shown, list):
            items = cast("list[Any]", shown)
            shown = [dug(item, part) for item in items] if not part.isdigit() else dict(enumerate(items)).get(int(part))
        elif isinstance(shown, Mapping):
            shown = cast("Mapping[str, Any]", shown).get(part)
        else:
            return None
    return shown
