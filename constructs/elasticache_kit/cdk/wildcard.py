"""Wildcards in the rights of a role, each acknowledged to cdk-nag with the reason.

cdk-nag knows a wildcard by the text of the resource as CloudFormation will refer to it, and between two stacks that is
settled when the app is synthesized. So the acknowledgement waits until then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

import jsii
from aws_cdk import Acknowledgment, Stack, Validations
from constructs import IValidation

if TYPE_CHECKING:
    from constructs import IConstruct

_RULE = "AwsSolutions::AwsSolutions-IAM5"


def acknowledge_wildcards(role: IConstruct, reasons: Mapping[str, str]) -> None:
    """Acknowledge the wildcards in the resources that a role may do something with.

    Args:
        role: the role.
        reasons: why it may do that with more than one resource, by the ARN of the resources.
    """
    role.node.add_validation(cast("IValidation", _Wildcards(role, reasons)))


@jsii.implements(IValidation)
class _Wildcards:
    def __init__(self, role: IConstruct, reasons: Mapping[str, str]) -> None:
        self._role = role
        self._reasons = reasons

    def validate(self) -> list[str]:
        """Acknowledge them; nothing of it is an error."""
        stack = Stack.of(self._role)
        for arn, reason in self._reasons.items():
            resource = _text(stack.resolve(arn))
            if "*" in resource:
                Validations.of(self._role).acknowledge(
                    Acknowledgment(id=f"{_RULE}[Resource::{resource}]", reason=reason)
                )
        return []


def _text(reference: object) -> str:
    """Write a reference of CloudFormation as cdk-nag does: `<Bucket.Arn>/*`."""
    if not isinstance(reference, Mapping):
        return str(reference)
    ((kind, value),) = cast("Mapping[str, object]", reference).items()
    if kind == "Fn::Join":
        delimiter, items = cast("tuple[str, Sequence[object]]", value)
        return delimiter.join(map(_text, items))
    if kind == "Fn::GetAtt":
        return f"<{'.'.join(map(_text, cast('Sequence[object]', value)))}>"
    return f"<{value}>" if kind == "Ref" else _text(value)
