"""Deployed stacks, as CloudFormation tells them."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from elasticache_kit.errors import ConnectionFailedError
from elasticache_kit.ops import stack

ARN = "arn:aws:cloudformation:eu-west-1:000000000000:stack/orders/1"


@pytest.fixture
def scripted() -> Generator[tuple[Any, Stubber]]:
    """Return a client that answers from a script, and the script."""
    client: Any = boto3.client(
        "cloudformation",
        region_name="eu-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - no secret: nothing is sent
    )
    with Stubber(client) as script:
        yield client, script
        script.assert_no_pending_responses()


def described(status: str = "UPDATE_COMPLETE") -> dict[str, Any]:
    """Return the answer of DescribeStacks."""
    known = {"StackName": "orders", "StackId": ARN, "StackStatus": status, "CreationTime": "2026-11-26T00:00:00Z"}
    return {"Stacks": [{**known, "Parameters": [{"ParameterKey": "Port", "ParameterValue": "6379"}]}]}


@pytest.mark.parametrize("body", ['{"Resources": {}}', "Resources: {}"])
def test_a_deployed_stack_has_its_template_and_its_values(scripted: tuple[Any, Stubber], body: str) -> None:
    """As it was given, before any transform; boto3 hands JSON over read."""
    client, script = scripted
    script.add_response("describe_stacks", described(), {"StackName": "orders"})
    script.add_response("get_template", {"TemplateBody": body}, {"StackName": "orders", "TemplateStage": "Original"})

    found = stack.read(client, "orders")

    assert found is not None
    assert (found.stack_id, found.region, found.parameters, found.busy) == (ARN, "eu-west-1", {"Port": "6379"}, False)
    assert found.template in (body, json.dumps({"Resources": {}}))


def test_a_stack_that_does_not_exist_is_none(scripted: tuple[Any, Stubber]) -> None:
    """CloudFormation has no code of its own for it."""
    client, script = scripted
    script.add_client_error("describe_stacks", "ValidationError", "Stack with id orders does not exist")

    assert stack.read(client, "orders") is None


@pytest.mark.parametrize("status", ["REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "DELETE_COMPLETE"])
def test_a_stack_without_resources_is_none(scripted: tuple[Any, Stubber], status: str) -> None:
    """It has a name and nothing else."""
    client, script = scripted
    script.add_response("describe_stacks", described(status))

    assert stack.read(client, "orders") is None


def test_a_stack_that_changes_is_busy(scripted: tuple[Any, Stubber]) -> None:
    """What is deployed may be another thing in a minute."""
    client, script = scripted
    script.add_response("describe_stacks", described("UPDATE_IN_PROGRESS"))
    script.add_response("get_template", {"TemplateBody": "{}"})

    found = stack.read(client, "orders")

    assert found is not None
    assert found.busy


@pytest.mark.parametrize("code", ["AccessDenied", "ValidationError", "SomethingElse"])
def test_another_answer_is_an_error_in_one_sentence(scripted: tuple[Any, Stubber], code: str) -> None:
    """It is never taken for a stack that is not there: everything would look new and harmless."""
    client, script = scripted
    script.add_client_error("describe_stacks", code, "no")

    with pytest.raises(ConnectionFailedError, match="DescribeStacks"):
        stack.read(client, "orders")


def test_a_nested_stack_is_found_by_its_logical_id(scripted: tuple[Any, Stubber]) -> None:
    """None where the deployed stack has none."""
    client, script = scripted
    detail = {
        "PhysicalResourceId": ARN,
        "LogicalResourceId": "Inner",
        "ResourceType": "AWS::CloudFormation::Stack",
        "LastUpdatedTimestamp": "2026-11-26T00:00:00Z",
        "ResourceStatus": "CREATE_COMPLETE",
    }
    script.add_response("describe_stack_resource", {"StackResourceDetail": detail})
    script.add_client_error("describe_stack_resource", "ValidationError", "Resource Gone does not exist for stack x")

    assert stack.nested_id(client, "orders", "Inner") == ARN
    assert stack.nested_id(client, "orders", "Gone") is None
