"""Stacks as CloudFormation deploys them: order, events, outputs, update, rollback, clean-up."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.wire import Client, at_rest

PARAMETER = "AWS::SSM::Parameter"


def parameter(name: str, value: object, **more: object) -> dict[str, object]:
    """A resource that is cheap and shows its value."""
    return {"Type": PARAMETER, "Properties": {"Name": name, "Type": "String", "Value": value}, **more}


def broken(*needs: str) -> dict[str, object]:
    """A resource that cannot be made, tried after those that it needs."""
    properties = {"Description": "d", "SubnetIds": ["subnet-none"]}
    return {"Type": "AWS::ElastiCache::SubnetGroup", "Properties": properties, "DependsOn": needs}


def template(resources: dict[str, object], **more: object) -> str:
    """A template as text."""
    return json.dumps({"Resources": resources, **more})


def create(client: Client, name: str, body: str, **options: Any) -> dict[str, Any]:
    """Create a stack and wait for it; the returned id finds it after its deletion too."""
    stack_id = client("cloudformation").create_stack(StackName=name, TemplateBody=body, **options)["StackId"]
    return at_rest(client, stack_id)


def update(client: Client, name: str, body: str, **options: Any) -> dict[str, Any]:
    """Update a stack and wait for it."""
    client("cloudformation").update_stack(StackName=name, TemplateBody=body, **options)
    return at_rest(client, name)


def value_of(client: Client, name: str) -> str | None:
    """Read a parameter, None where there is none."""
    found = client("ssm").get_parameters(Names=[name])["Parameters"]
    return found[0]["Value"] if found else None


def events(client: Client, name: str) -> list[tuple[str, str]]:
    """What happened, in order: logical id and status."""
    listed = client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    return [(event["LogicalResourceId"], event["ResourceStatus"]) for event in reversed(listed)]


def test_a_resource_is_made_after_what_it_refers_to(client: Client) -> None:
    """The order of the template does not matter, references do; every step has its event."""
    body = template({"Late": parameter("/late", {"Ref": "Early"}), "Early": parameter("/early", "x")})

    stack = create(client, "s", body)

    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert value_of(client, "/late") == "/early"
    assert events(client, "s") == [
        ("s", "CREATE_IN_PROGRESS"),
        ("Early", "CREATE_IN_PROGRESS"),
        ("Early", "CREATE_COMPLETE"),
        ("Late", "CREATE_IN_PROGRESS"),
        ("Late", "CREATE_COMPLETE"),
        ("s", "CREATE_COMPLETE"),
    ]


def test_outputs_and_exports_reach_another_stack(client: Client) -> None:
    """An export of one stack is a value in the other."""
    outputs = {"Name": {"Value": {"Ref": "A"}, "Export": {"Name": "shared"}}}
    first = create(client, "first", template({"A": parameter("/a", "1")}, Outputs=outputs))

    create(client, "second", template({"B": parameter("/b", {"Fn::ImportValue": "shared"})}))

    assert first["Outputs"][0]["OutputValue"] == "/a"
    assert value_of(client, "/b") == "/a"


def test_a_stack_whose_export_is_in_use_cannot_be_deleted(client: Client) -> None:
    """The one that imports is named, and nothing is removed."""
    outputs = {"Name": {"Value": {"Ref": "A"}, "Export": {"Name": "shared"}}}
    create(client, "first", template({"A": parameter("/a", "1")}, Outputs=outputs))
    create(client, "second", template({"B": parameter("/b", {"Fn::ImportValue": "shared"})}))

    client("cloudformation").delete_stack(StackName="first")
    stack = at_rest(client, "first")

    assert stack["StackStatus"] == "DELETE_FAILED"
    assert value_of(client, "/a") == "1"


def test_a_failed_creation_removes_what_it_made(client: Client) -> None:
    """The stack ends in ROLLBACK_COMPLETE, the event says why, and no resource is left."""
    body = template({"A": parameter("/a", "1"), "Broken": broken("A")})

    stack = create(client, "s", body)

    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert value_of(client, "/a") is None
    failed = [
        event
        for event in client("cloudformation").describe_stack_events(StackName="s")["StackEvents"]
        if event["ResourceStatus"] == "CREATE_FAILED"
    ]
    assert "The subnet ID subnet-none does not exist" in failed[0]["ResourceStatusReason"]


def test_an_update_changes_adds_and_removes(client: Client) -> None:
    """What changed is updated, what is new is made, what is gone is removed, what is the same stays untouched."""
    create(
        client,
        "s",
        template({"Same": parameter("/same", "1"), "Changed": parameter("/c", "1"), "Gone": parameter("/g", "1")}),
    )

    stack = update(
        client,
        "s",
        template({"Same": parameter("/same", "1"), "Changed": parameter("/c", "2"), "New": parameter("/n", "1")}),
    )

    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    assert [value_of(client, name) for name in ("/same", "/c", "/g", "/n")] == ["1", "2", None, "1"]
    assert ("Same", "UPDATE_COMPLETE") not in events(client, "s")
    assert ("Gone", "DELETE_COMPLETE") in events(client, "s")


def test_a_failed_update_goes_back(client: Client) -> None:
    """What was changed has its old value again, what was added is gone."""
    create(client, "s", template({"A": parameter("/a", "old")}))
    body = template({"A": parameter("/a", "new"), "New": parameter("/n", "1"), "Broken": broken("A", "New")})

    stack = update(client, "s", body)

    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert [value_of(client, name) for name in ("/a", "/n")] == ["old", None]


def test_a_dependant_follows_a_replaced_resource(client: Client) -> None:
    """A resource whose own definition is unchanged is updated when what it refers to has another id now."""
    dependant = parameter("/d", {"Ref": "A"})
    create(client, "s", template({"A": parameter("/a1", "1"), "D": dependant}))

    update(client, "s", template({"A": parameter("/a2", "1"), "D": dependant}))

    assert value_of(client, "/d") == "/a2"
    assert value_of(client, "/a1") is None


def test_a_retained_resource_stays_after_its_stack(client: Client) -> None:
    """DeletionPolicy Retain is heeded, the other resource goes."""
    body = template({"Kept": parameter("/kept", "1", DeletionPolicy="Retain"), "Gone": parameter("/gone", "1")})
    stack = create(client, "s", body)

    client("cloudformation").delete_stack(StackName="s")
    at_rest(client, stack["StackId"])

    assert [value_of(client, name) for name in ("/kept", "/gone")] == ["1", None]


def test_a_vpc_of_the_cdk_can_be_removed(client: Client) -> None:
    """Route tables go with their stack: stock moto leaves them, and the VPC with them."""
    body = template(
        {
            "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
            "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.0.0.0/24"}},
            "Table": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": {"Ref": "Vpc"}}},
            "Link": {
                "Type": "AWS::EC2::SubnetRouteTableAssociation",
                "Properties": {"RouteTableId": {"Ref": "Table"}, "SubnetId": {"Ref": "Subnet"}},
            },
        }
    )
    before = {vpc["VpcId"] for vpc in client("ec2").describe_vpcs()["Vpcs"]}
    stack = create(client, "s", body)
    assert len(client("ec2").describe_vpcs()["Vpcs"]) == len(before) + 1

    client("cloudformation").delete_stack(StackName="s")
    gone = at_rest(client, stack["StackId"])

    assert gone["StackStatus"] == "DELETE_COMPLETE"
    assert {vpc["VpcId"] for vpc in client("ec2").describe_vpcs()["Vpcs"]} == before


def test_an_unsupported_type_is_refused_by_name(client: Client) -> None:
    """Stock moto drops what it does not know and calls the stack complete."""
    with pytest.raises(ClientError, match=r"Unrecognized resource types: \[AWS::QLDB::Ledger\]"):
        client("cloudformation").create_stack(
            StackName="s", TemplateBody=template({"A": {"Type": "AWS::QLDB::Ledger", "Properties": {}}})
        )


def test_a_condition_that_turns_false_removes_its_resource(client: Client) -> None:
    """Conditions are evaluated for every deployment."""
    body = template(
        {"A": parameter("/a", "1", Condition="Wanted"), "B": parameter("/b", "1")},
        Parameters={"Want": {"Type": "String"}},
        Conditions={"Wanted": {"Fn::Equals": [{"Ref": "Want"}, "yes"]}},
    )
    create(client, "s", body, Parameters=[{"ParameterKey": "Want", "ParameterValue": "yes"}])
    assert value_of(client, "/a") == "1"

    update(client, "s", body, Parameters=[{"ParameterKey": "Want", "ParameterValue": "no"}])

    assert value_of(client, "/a") is None
