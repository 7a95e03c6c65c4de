"""Change sets as the CDK CLI uses them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.wire import Client, code, retries

SET = "cdk-deploy-change-set"


def body(value: str, name: str = "/a") -> str:
    """A template with one parameter of SSM."""
    return json.dumps(
        {
            "Parameters": {"Version": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/version"}},
            "Resources": {
                "A": {"Type": "AWS::SSM::Parameter", "Properties": {"Name": name, "Type": "String", "Value": value}}
            },
        }
    )


def prepare(client: Client, stack: str, text: str, kind: str, **options: Any) -> dict[str, Any]:
    """Create a change set and describe it."""
    cloudformation = client("cloudformation")
    cloudformation.create_change_set(
        StackName=stack, ChangeSetName=SET, ChangeSetType=kind, TemplateBody=text, **options
    )
    return cloudformation.describe_change_set(StackName=stack, ChangeSetName=SET)


def execute(client: Client, stack: str, waiter: str) -> None:
    """Execute the change set of a stack and wait."""
    client("cloudformation").execute_change_set(StackName=stack, ChangeSetName=SET)
    client("cloudformation").get_waiter(waiter).wait(StackName=stack, WaiterConfig={"Delay": 0.05, "MaxAttempts": 200})


@pytest.fixture(autouse=True)
def version(client: Client) -> None:
    """Store what the templates read from SSM, as a bootstrap does."""
    client("ssm").put_parameter(Name="/version", Value="21", Type="String")


def test_two_stacks_use_the_same_change_set_name(client: Client) -> None:
    """A change set is looked up within its stack: the CDK calls all of them the same."""
    prepare(client, "one", body("1", "/one"), "CREATE")
    prepare(client, "two", body("2", "/two"), "CREATE")

    execute(client, "one", "stack_create_complete")
    execute(client, "two", "stack_create_complete")

    assert client("ssm").get_parameter(Name="/one")["Parameter"]["Value"] == "1"
    assert client("ssm").get_parameter(Name="/two")["Parameter"]["Value"] == "2"


def test_a_second_deployment_keeps_previous_parameter_values(client: Client) -> None:
    """UsePreviousValue of an SSM parameter that was never given falls back to its default, time and again."""
    previous = [{"ParameterKey": "Version", "UsePreviousValue": True}]
    prepare(client, "s", body("1"), "CREATE")
    execute(client, "s", "stack_create_complete")

    for value in ("2", "3"):
        described = prepare(client, "s", body(value), "UPDATE", Parameters=previous)
        assert [change["ResourceChange"]["Action"] for change in described["Changes"]] == ["Modify"]
        execute(client, "s", "stack_update_complete")

    assert client("ssm").get_parameter(Name="/a")["Parameter"]["Value"] == "3"


def test_an_unchanged_template_makes_a_failed_change_set(client: Client) -> None:
    """The reason is the one that the CDK recognizes as nothing to do."""
    prepare(client, "s", body("1"), "CREATE")
    execute(client, "s", "stack_create_complete")

    described = prepare(client, "s", body("1"), "UPDATE")

    assert described["Status"] == "FAILED"
    assert "didn't contain changes" in described["StatusReason"]


def test_an_unknown_change_set_is_not_found(client: Client) -> None:
    """The CDK waits for this code after it deleted a change set."""
    prepare(client, "s", body("1"), "CREATE")
    client("cloudformation").delete_change_set(StackName="s", ChangeSetName=SET)
    client("cloudformation").delete_change_set(StackName="s", ChangeSetName=SET)

    with pytest.raises(ClientError) as caught:
        client("cloudformation").describe_change_set(StackName="s", ChangeSetName=SET)

    assert code(caught) == "ChangeSetNotFound"


def test_a_missing_operation_is_refused_at_once(client: Client) -> None:
    """A 400, which SDKs do not retry: a 500 costs the user of `cdk drift` a minute."""
    with pytest.raises(ClientError) as caught:
        client("cloudformation").describe_type(Type="RESOURCE", TypeName="AWS::S3::Bucket")

    assert code(caught) == "InvalidAction"
    assert retries(caught) == 0


def test_a_stack_in_review_can_be_deleted(client: Client) -> None:
    """It has no template yet and goes at once."""
    prepare(client, "reviewed", body("1"), "CREATE")

    client("cloudformation").delete_stack(StackName="reviewed")

    with pytest.raises(ClientError, match="does not exist"):
        client("cloudformation").describe_stacks(StackName="reviewed")
