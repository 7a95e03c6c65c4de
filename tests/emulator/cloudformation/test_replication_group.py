"""A replication group in a stack: Ref, GetAtt, update in place, replacement, final snapshot."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from elasticache_kit.emulator.lifecycle import AWS
from elasticache_kit.emulator.server import Emulator
from tests.emulator.wire import Client, at_rest, client_of, until


def body(group: dict[str, Any] | None = None, outputs: dict[str, str] | None = None, policy: str = "Delete") -> str:
    """A template with a VPC, a subnet group and a replication group."""
    resources: dict[str, Any] = {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        "Net": {
            "Type": "AWS::ElastiCache::SubnetGroup",
            "Properties": {"Description": "d", "SubnetIds": [{"Ref": "SubnetA"}, {"Ref": "SubnetB"}]},
        },
        "Group": {
            "Type": "AWS::ElastiCache::ReplicationGroup",
            "Properties": {
                "ReplicationGroupDescription": "d",
                "Engine": "valkey",
                "EngineVersion": "8.1",
                "CacheNodeType": "cache.t4g.small",
                "CacheSubnetGroupName": {"Ref": "Net"},
                "TransitEncryptionEnabled": "true",
                "AutomaticFailoverEnabled": True,
                "MultiAZEnabled": True,
                "NumCacheClusters": "2",
                **(group or {}),
            },
            "DeletionPolicy": policy,
        },
    }
    for letter, number in (("A", 0), ("B", 1)):
        resources[f"Subnet{letter}"] = {
            "Type": "AWS::EC2::Subnet",
            "Properties": {
                "VpcId": {"Ref": "Vpc"},
                "CidrBlock": f"10.0.{number}.0/24",
                "AvailabilityZone": f"eu-west-1{letter.lower()}",
            },
        }
    shown = {name: {"Value": {"Fn::GetAtt": ["Group", path]}} for name, path in (outputs or {}).items()}
    return json.dumps({"Resources": resources, "Outputs": {"Id": {"Value": {"Ref": "Group"}}, **shown}})


def deploy(client: Client, text: str, *, update: bool = False) -> dict[str, Any]:
    """Create or update the stack `s` and return its description when it is at rest."""
    cloudformation = client("cloudformation")
    call = cloudformation.update_stack if update else cloudformation.create_stack
    stack_id = call(StackName="s", TemplateBody=text)["StackId"]
    return at_rest(client, stack_id)


def outputs_of(stack: dict[str, Any]) -> dict[str, str]:
    """The outputs of a stack by name."""
    return {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])}


def only(client: Client) -> dict[str, Any]:
    """The one replication group that there is."""
    (group,) = client("elasticache").describe_replication_groups()["ReplicationGroups"]
    return group


def test_ref_and_attributes_of_a_group(client: Client) -> None:
    """Ref is the id; the endpoints of a group with cluster mode disabled are what the API says."""
    paths = {"Primary": "PrimaryEndPoint.Address", "Reader": "ReaderEndPoint.Address", "Port": "PrimaryEndPoint.Port"}

    stack = deploy(client, body(outputs=paths))

    group, outputs = only(client), outputs_of(stack)
    node_group = group["NodeGroups"][0]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert outputs == {
        "Id": group["ReplicationGroupId"],
        "Primary": node_group["PrimaryEndpoint"]["Address"],
        "Reader": node_group["ReaderEndpoint"]["Address"],
        "Port": "6379",
    }
    assert len(outputs["Id"]) <= 40


def test_an_endpoint_that_the_cluster_mode_does_not_have_fails(client: Client) -> None:
    """A configuration endpoint needs cluster mode enabled: the output cannot be made, as on AWS."""
    stack = deploy(client, body(outputs={"Configuration": "ConfigurationEndPoint.Address"}))

    assert stack["StackStatus"] in ("CREATE_FAILED", "ROLLBACK_COMPLETE")


def test_a_size_changes_in_place(client: Client) -> None:
    """More replicas and another node type: the same group, grown."""
    before = outputs_of(deploy(client, body()))["Id"]

    stack = deploy(client, body({"NumCacheClusters": 3, "CacheNodeType": "cache.t4g.medium"}), update=True)

    group = only(client)
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    assert (group["ReplicationGroupId"], len(group["MemberClusters"])) == (before, 3)
    assert group["CacheNodeType"] == "cache.t4g.medium"


def test_a_create_only_property_replaces_the_group(client: Client) -> None:
    """Another port is another group; the old one is gone afterwards."""
    before = outputs_of(deploy(client, body()))["Id"]

    after = outputs_of(deploy(client, body({"Port": 6380}), update=True))["Id"]

    assert after != before
    assert only(client)["ReplicationGroupId"] == after


def test_a_refused_update_leaves_the_group_as_it_was(client: Client) -> None:
    """The rulebook refuses, the stack goes back, the group is as before."""
    deploy(client, body())

    stack = deploy(client, body({"SnapshotRetentionLimit": 99}), update=True)

    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert only(client)["SnapshotRetentionLimit"] == 0


@pytest.mark.parametrize(("policy", "snapshots"), [("Snapshot", 1), ("Delete", 0)])
def test_a_final_snapshot_is_taken_where_the_policy_asks_for_it(client: Client, policy: str, snapshots: int) -> None:
    """Deleting the stack removes everything but the snapshot."""
    stack = deploy(client, body(policy=policy))

    client("cloudformation").delete_stack(StackName="s")

    assert at_rest(client, stack["StackId"])["StackStatus"] == "DELETE_COMPLETE"
    assert client("elasticache").describe_replication_groups()["ReplicationGroups"] == []
    assert client("elasticache").describe_cache_subnet_groups()["CacheSubnetGroups"] == []
    assert len(client("elasticache").describe_snapshots()["Snapshots"]) == snapshots


def test_a_stack_that_waits_ends_with_its_emulator(tmp_path: Path) -> None:
    """A group that takes minutes does not leave a thread behind that waits for it for ever."""
    with Emulator(tmp_path, timing=AWS, engines=False) as emulator:
        client = client_of(emulator.endpoint_url)
        client("cloudformation").create_stack(StackName="waiting", TemplateBody=body())
        until(
            lambda: client("elasticache").describe_replication_groups()["ReplicationGroups"],
            lambda groups: len(groups) == 1,
        )
        assert "stack waiting" in [thread.name for thread in threading.enumerate()]

    assert "stack waiting" not in [thread.name for thread in threading.enumerate()]


def test_a_failed_update_gives_a_replaced_group_its_place_back(client: Client) -> None:
    """The original holds the data: after the rollback it is the stack's again, and its replacement is gone."""
    before = outputs_of(deploy(client, body()))["Id"]
    changed = json.loads(body({"Port": 6380}))
    changed["Resources"]["Broken"] = {
        "Type": "AWS::ElastiCache::SubnetGroup",
        "Properties": {"Description": "d", "SubnetIds": ["subnet-none"]},
        "DependsOn": "Group",
    }

    stack = deploy(client, json.dumps(changed), update=True)

    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert only(client)["ReplicationGroupId"] == before
    assert outputs_of(stack)["Id"] == before
