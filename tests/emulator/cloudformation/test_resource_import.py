"""Import: a resource that exists is taken into a stack, and nothing is made or changed by it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.wire import Client, at_rest, available, code, make_group, make_subnet_group, make_subnets

SET = "cdk-import"
GROUP = {
    "ReplicationGroupId": "orders",
    "ReplicationGroupDescription": "d",
    "Engine": "valkey",
    "EngineVersion": "8.1",
    "CacheNodeType": "cache.t4g.small",
    "CacheSubnetGroupName": "net",
    "TransitEncryptionEnabled": True,
    "AutomaticFailoverEnabled": True,
    "MultiAZEnabled": True,
    "NumCacheClusters": 3,
}
ORDERS = {
    "LogicalResourceId": "Cache",
    "ResourceType": "AWS::ElastiCache::ReplicationGroup",
    "ResourceIdentifier": {"ReplicationGroupId": "orders"},
}


def body(*, policy: str | None = "Retain", resources: dict[str, Any] | None = None, **properties: Any) -> str:
    """A template of the group, and of more."""
    cache: dict[str, Any] = {"Type": "AWS::ElastiCache::ReplicationGroup", "Properties": {**GROUP, **properties}}
    if policy is not None:
        cache["DeletionPolicy"] = policy
    return json.dumps({"Resources": {"Cache": cache, **(resources or {})}})


def parameter(value: str) -> dict[str, Any]:
    """A resource of the simplest kind."""
    return {"P": {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/p", "Type": "String", "Value": value}}}


def prepare(client: Client, stack: str, template: str, *imports: dict[str, Any], kind: str = "IMPORT") -> Any:
    """Create a change set and describe it."""
    more = {"ResourcesToImport": list(imports)} if imports else {}
    client("cloudformation").create_change_set(
        StackName=stack, ChangeSetName=SET, ChangeSetType=kind, TemplateBody=template, **more
    )
    return client("cloudformation").describe_change_set(StackName=stack, ChangeSetName=SET)


def execute(client: Client, stack: str) -> dict[str, Any]:
    """Execute the change set and describe the stack at its end."""
    client("cloudformation").execute_change_set(StackName=stack, ChangeSetName=SET)
    return at_rest(client, stack)


def adopted(client: Client, stack: str = "s") -> dict[str, Any]:
    """Import the group into a stack."""
    prepare(client, stack, body(), ORDERS)
    return execute(client, stack)


@pytest.fixture(autouse=True)
def orders(client: Client) -> dict[str, Any]:
    """A group made by hand."""
    make_subnet_group(client, make_subnets(client, "abc"))
    make_group(client)
    return available(client("elasticache"))


def test_a_group_becomes_part_of_a_new_stack(client: Client, orders: dict[str, Any]) -> None:
    """The change set says so beforehand, the events afterwards, and the group is the same one."""
    described = prepare(client, "s", body(), ORDERS)
    stack = execute(client, "s")

    change = described["Changes"][0]["ResourceChange"]
    assert (change["Action"], change["PhysicalResourceId"]) == ("Import", "orders")
    assert stack["StackStatus"] == "IMPORT_COMPLETE"
    held = client("cloudformation").describe_stack_resources(StackName="s")["StackResources"]
    assert [(item["LogicalResourceId"], item["PhysicalResourceId"]) for item in held] == [("Cache", "orders")]
    statuses = {
        item["ResourceStatus"] for item in client("cloudformation").describe_stack_events(StackName="s")["StackEvents"]
    }
    assert statuses == {"REVIEW_IN_PROGRESS", "IMPORT_IN_PROGRESS", "IMPORT_COMPLETE"}
    assert available(client("elasticache")) == orders


def test_the_same_template_changes_nothing_afterwards(client: Client) -> None:
    """It is what is deployed now."""
    adopted(client)

    again = prepare(client, "s", body(), kind="UPDATE")

    assert (again["Status"], "didn't contain changes" in again["StatusReason"]) == ("FAILED", True)


def test_an_adopted_group_changes_with_its_template(client: Client) -> None:
    """In place, like one that CloudFormation made."""
    adopted(client)

    prepare(client, "s", body(SnapshotRetentionLimit=5), kind="UPDATE")
    stack = execute(client, "s")

    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    assert available(client("elasticache"))["SnapshotRetentionLimit"] == 5


def test_a_stack_that_has_resources_already_takes_one_more(client: Client) -> None:
    """Those that it has are left as they are."""
    prepare(client, "s", json.dumps({"Resources": parameter("1")}), kind="CREATE")
    execute(client, "s")

    prepare(client, "s", body(resources=parameter("1")), ORDERS)
    stack = execute(client, "s")

    assert stack["StackStatus"] == "IMPORT_COMPLETE"
    held = client("cloudformation").describe_stack_resources(StackName="s")["StackResources"]
    assert {item["LogicalResourceId"] for item in held} == {"Cache", "P"}


def test_a_group_that_does_not_exist_is_refused(client: Client) -> None:
    """The change set has failed and says why; it cannot be executed."""
    missing = {**ORDERS, "ResourceIdentifier": {"ReplicationGroupId": "missing"}}

    described = prepare(client, "s", body(ReplicationGroupId="missing"), missing)

    assert described["Status"] == "FAILED"
    assert "missing not found" in described["StatusReason"]
    with pytest.raises(ClientError, match="cannot be executed"):
        client("cloudformation").execute_change_set(StackName="s", ChangeSetName=SET)


def test_a_group_of_another_stack_is_refused(client: Client) -> None:
    """A resource belongs to one stack."""
    adopted(client, "first")

    described = prepare(client, "second", body(), ORDERS)

    assert described["Status"] == "FAILED"
    assert "already exists in stack" in described["StatusReason"]
    assert "first" in described["StatusReason"]


def test_a_group_that_goes_before_it_is_imported_ends_in_a_rollback(client: Client) -> None:
    """The stack holds nothing then."""
    prepare(client, "s", body(), ORDERS)
    client("elasticache").delete_replication_group(ReplicationGroupId="orders")
    client("elasticache").get_waiter("replication_group_deleted").wait(
        ReplicationGroupId="orders", WaiterConfig={"Delay": 0.05, "MaxAttempts": 200}
    )

    stack = execute(client, "s")

    assert stack["StackStatus"] == "IMPORT_ROLLBACK_COMPLETE"
    assert client("cloudformation").describe_stack_resources(StackName="s")["StackResources"] == []


# Of one emulator, because a refusal leaves nothing behind.
REFUSED: list[tuple[str, list[dict[str, Any]], str]] = [
    (body(policy=None), [ORDERS], r"\[Cache\] must have DeletionPolicy"),
    (body(resources=parameter("1")), [ORDERS], r"modified resources \[P\] in your template that are not being"),
    (body(), [{**ORDERS, "LogicalResourceId": "Other"}], "Other of type .* is not found in the template"),
    (body(), [{**ORDERS, "ResourceType": "AWS::EC2::VPC"}], "Cache of type AWS::EC2::VPC is not found"),
    (body(), [{**ORDERS, "ResourceIdentifier": {"Name": "orders"}}], "must be identified by ReplicationGroupId"),
    (body(ReplicationGroupId="other"), [ORDERS], "is identified by ReplicationGroupId orders, and the template"),
    (body(), [], "ResourcesToImport must be specified"),
    (
        body(resources={"P": {**parameter("1")["P"], "DeletionPolicy": "Retain"}}),
        [
            {
                "LogicalResourceId": "P",
                "ResourceType": "AWS::SSM::Parameter",
                "ResourceIdentifier": {"Name": "/p"},
            }
        ],
        "AWS::SSM::Parameter is not supported for import",
    ),
]


def test_what_does_not_fit_the_template_is_refused_at_once(client: Client) -> None:
    """CreateChangeSet answers with a ValidationError, and no stack is left in review."""
    for template, imports, message in REFUSED:
        with pytest.raises(ClientError, match=message) as caught:
            prepare(client, "s", template, *imports)
        assert code(caught) == "ValidationError"

    assert client("cloudformation").describe_stacks()["Stacks"] == []


def test_a_deployed_resource_is_neither_changed_nor_dropped_by_an_import(client: Client) -> None:
    """Either is refused, and so is to import what the stack has."""
    prepare(client, "s", json.dumps({"Resources": parameter("1")}), kind="CREATE")
    execute(client, "s")

    for template in (body(), body(resources=parameter("2"))):
        with pytest.raises(ClientError, match=r"modified resources \[P\]"):
            prepare(client, "s", template, ORDERS)

    adopted(client, "other")
    with pytest.raises(ClientError, match=r"modified resources \[Cache\]"):
        prepare(client, "other", body(), ORDERS)


def test_a_template_summary_says_what_identifies_a_resource(client: Client) -> None:
    """Only of types that can be imported here."""
    summary = client("cloudformation").get_template_summary(TemplateBody=body(resources=parameter("1")))

    assert summary["ResourceIdentifierSummaries"] == [
        {
            "ResourceType": "AWS::ElastiCache::ReplicationGroup",
            "LogicalResourceIds": ["Cache"],
            "ResourceIdentifiers": ["ReplicationGroupId"],
        }
    ]
    assert set(summary["ResourceTypes"]) == {"AWS::ElastiCache::ReplicationGroup", "AWS::SSM::Parameter"}
