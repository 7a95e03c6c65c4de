"""Drift of the resources of ElastiCache."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.cloudformation.stack_of import resource

if TYPE_CHECKING:
    from tests.emulator.cloudformation.stack_of import StackOf

CACHE = {"ServerlessCacheName": "Adrift", "Engine": "valkey", "Description": "d"}
TOPIC = {"Type": "AWS::SNS::Topic"}
PARAMETERS = {"Description": "d", "CacheParameterGroupFamily": "valkey8", "Properties": {"timeout": 30}}


def look(stack: StackOf) -> tuple[str, dict[str, dict[str, Any]]]:
    """Detect drift; return the status of the stack, and what is said of each resource."""
    api = stack.client("cloudformation")
    detection = api.detect_stack_drift(StackName=stack.name)["StackDriftDetectionId"]
    told = api.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
    drifts = api.describe_stack_resource_drifts(StackName=stack.name)["StackResourceDrifts"]
    assert told["DetectionStatus"] == "DETECTION_COMPLETE"
    return told["StackDriftStatus"], {item["LogicalResourceId"]: item for item in drifts}


def test_a_stack_that_is_as_it_was_deployed_is_in_sync(stack: StackOf) -> None:
    """Numbers written as text and names in capitals are no drift; what is not ElastiCache's is not checked."""
    stack.deploy({"C": resource("ServerlessCache", {**CACHE, "SnapshotRetentionLimit": "1"}), "T": TOPIC})

    status, found = look(stack)

    assert status == "IN_SYNC"
    assert {name: item["StackResourceDriftStatus"] for name, item in found.items()} == {
        "C": "IN_SYNC",
        "T": "NOT_CHECKED",
    }
    assert json.loads(found["C"]["ExpectedProperties"])["SnapshotRetentionLimit"] == 1


def test_what_was_changed_by_hand_is_told(stack: StackOf) -> None:
    """The property, what the template says, and what there is."""
    stack.deploy({"C": resource("ServerlessCache", CACHE), "P": resource("ParameterGroup", PARAMETERS)})
    api = stack.client("elasticache")
    api.modify_serverless_cache(ServerlessCacheName="adrift", Description="e")
    api.modify_cache_parameter_group(
        CacheParameterGroupName=stack.id_of("P"),
        ParameterNameValues=[{"ParameterName": "timeout", "ParameterValue": "60"}],
    )

    status, found = look(stack)

    (difference,) = found["C"]["PropertyDifferences"]
    assert status == "DRIFTED"
    assert difference == {
        "PropertyPath": "/Description",
        "ExpectedValue": "d",
        "ActualValue": "e",
        "DifferenceType": "NOT_EQUAL",
    }
    assert [item["PropertyPath"] for item in found["P"]["PropertyDifferences"]] == ["/Properties"]


def test_what_was_deleted_by_hand_is_told(stack: StackOf) -> None:
    """And the stack can be removed all the same."""
    stack.deploy({"C": resource("ServerlessCache", CACHE)})
    stack.client("elasticache").delete_serverless_cache(ServerlessCacheName="adrift")

    status, found = look(stack)
    one = stack.client("cloudformation").detect_stack_resource_drift(StackName=stack.name, LogicalResourceId="C")

    assert (status, found["C"]["StackResourceDriftStatus"]) == ("DRIFTED", "DELETED")
    assert one["StackResourceDrift"]["StackResourceDriftStatus"] == "DELETED"
    assert stack.destroy() == "DELETE_COMPLETE"


def test_filters_choose(stack: StackOf) -> None:
    """Only the resources of a status are shown."""
    stack.deploy({"C": resource("ServerlessCache", CACHE), "T": TOPIC})
    look(stack)

    shown = stack.client("cloudformation").describe_stack_resource_drifts(
        StackName=stack.name, StackResourceDriftStatusFilters=["NOT_CHECKED"]
    )["StackResourceDrifts"]

    assert [item["LogicalResourceId"] for item in shown] == ["T"]


def test_a_detection_that_never_was_is_refused(stack: StackOf) -> None:
    """At once: an error that SDKs try again would take a minute."""
    with pytest.raises(ClientError, match="does not exist"):
        stack.client("cloudformation").describe_stack_drift_detection_status(StackDriftDetectionId="none")
