"""What every type has that is added to moto's: made whole or not at all, and changed in place or replaced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from elasticache_kit.emulator import runtime

Properties = Mapping[str, Any]
Definition = Mapping[str, Any]


class DeployedResource:
    """A resource of a stack, as moto's CloudFormation asks for it.

    moto finds resource classes among the direct subclasses of `CloudFormationModel`, so each type inherits from that
    one too, after this.
    """

    physical_resource_id: str
    properties: Properties
    # The one that this replaces is left to the clean-up.
    left_original = False

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str, **_: Any
    ) -> Self:
        """Make the resource that a template describes; one that fails on the way leaves nothing."""
        made = cls.described(resource_name, cloudformation_json, account_id, region_name)
        with runtime.current().lifecycle.making(made):
            made.create()
        return made

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> Self:
        """Change the resource, or make the one that replaces it and leave the original to the clean-up."""
        old: Properties = original_resource.properties
        changed: Self = original_resource.redescribed(cloudformation_json)
        if changed.replaces(old):
            new = cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)
            new.left_original = True
            return new
        changed.update(old)
        return changed

    @classmethod
    def described(cls, name: str, definition: Definition, account_id: str, region_name: str) -> Self:
        """Return the resource that a template describes, which is not made yet.

        Args:
            name: what it is called where the template does not say it.
            definition: what the template says.
            account_id: the account of the stack.
            region_name: its Region.
        """
        raise NotImplementedError

    def redescribed(self, definition: Definition) -> Self:
        """Return this resource as a template describes it anew, which has not changed yet."""
        raise NotImplementedError

    def replaces(self, old: Properties) -> bool:
        """Tell whether CloudFormation makes another resource rather than change the one of the old properties."""
        raise NotImplementedError

    def create(self) -> None:
        """Make the resource."""
        raise NotImplementedError

    def update(self, old: Properties) -> None:
        """Bring the resource from its old properties to its present ones."""
        raise NotImplementedError
