"""Stacks as CloudFormation has them deployed: their templates and the values of their parameters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from elasticache_kit.errors import ConnectionFailedError
from elasticache_kit.ops.session import message, reaching

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

# Nothing of these is deployed: a stack that was never made, or whose creation was taken back.
_EMPTY = ("REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "DELETE_COMPLETE")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedStack:
    """A deployed stack.

    Args:
        stack_id: its ARN.
        region: its Region.
        status: for example `UPDATE_COMPLETE`.
        template: the template it was deployed from, as text.
        parameters: the values of its parameters; `****` where NoEcho hides one.
    """

    stack_id: str
    region: str
    status: str
    template: str
    parameters: Mapping[str, str]

    @property
    def busy(self) -> bool:
        """Whether it is being changed right now."""
        return self.status.endswith("_IN_PROGRESS")


def read(client: CloudFormationClient, name: str) -> DeployedStack | None:
    """Return a stack by name or ARN; None where nothing is deployed under it.

    Raises:
        ConnectionFailedError: the API cannot be reached, or refuses.
    """
    try:
        with reaching():
            found = client.describe_stacks(StackName=name)["Stacks"][0]
            if found["StackStatus"] in _EMPTY:
                return None
            body: object = client.get_template(StackName=name, TemplateStage="Original")["TemplateBody"]
    except ClientError as error:
        if _is_missing(error):
            return None
        raise _refused(error) from error
    return DeployedStack(
        stack_id=found.get("StackId", name),
        region=client.meta.region_name,
        status=found["StackStatus"],
        # boto3 gives a template in JSON as a mapping, one in YAML as text.
        template=body if isinstance(body, str) else json.dumps(body),
        parameters={
            item.get("ParameterKey", ""): item.get("ParameterValue", "") for item in found.get("Parameters", [])
        },
    )


def nested_id(client: CloudFormationClient, stack: str, logical_id: str) -> str | None:
    """Return the ARN of the stack that is nested in another under a logical id; None where there is none.

    Raises:
        ConnectionFailedError: the API cannot be reached, or refuses.
    """
    try:
        with reaching():
            found = client.describe_stack_resource(StackName=stack, LogicalResourceId=logical_id)
    except ClientError as error:
        if _is_missing(error):
            return None
        raise _refused(error) from error
    return found["StackResourceDetail"].get("PhysicalResourceId")


def _is_missing(error: ClientError) -> bool:
    # CloudFormation has no code of its own for it.
    return "does not exist" in message(error)


def _refused(error: ClientError) -> ConnectionFailedError:
    return ConnectionFailedError(f"CloudFormation refuses {error.operation_name}: {message(error)}")
