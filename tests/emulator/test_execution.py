"""Executions of state machines."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from elasticache_kit.emulator import execution, runtime
from elasticache_kit.emulator.persistence import pickling
from elasticache_kit.emulator.states_language import Position
from tests.emulator.wire import Client, until

ROLE = "arn:aws:iam::123456789012:role/states"


def machine(client: Client, states: dict[str, Any], **fields: Any) -> str:
    """Make a state machine that begins with its first state, and return its ARN."""
    definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states, **fields}
    made = client("stepfunctions").create_state_machine(name="m", definition=json.dumps(definition), roleArn=ROLE)
    return made["stateMachineArn"]


def test_an_execution_calls_the_services_of_the_account(client: Client) -> None:
    """With what it was given, and its output is what the service answered."""
    client("sns").create_topic(Name="orders")
    arn = machine(
        client,
        {
            "A": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:sns:createTopic",
                "Arguments": {"Name": "{% $states.input.name %}"},
                "End": True,
            }
        },
    )
    api = client("stepfunctions")
    started = api.start_execution(stateMachineArn=arn, input='{"name": "made"}')["executionArn"]

    described = until(lambda: api.describe_execution(executionArn=started), lambda found: found["status"] != "RUNNING")

    assert described["status"] == "SUCCEEDED"
    topics = {item["TopicArn"] for item in client("sns").list_topics()["Topics"]}
    assert json.loads(described["output"])["TopicArn"] in topics
    assert len(topics) == 2


def test_one_that_is_stopped_goes_no_further(client: Client) -> None:
    """Its job ends, and its status is ABORTED and stays so."""
    arn = machine(
        client,
        {"A": {"Type": "Wait", "Seconds": 1, "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}},
    )
    api = client("stepfunctions")
    started = api.start_execution(stateMachineArn=arn)["executionArn"]

    api.stop_execution(executionArn=started)

    until(lambda: runtime.current().lifecycle.jobs, lambda jobs: not jobs)
    assert api.describe_execution(executionArn=started)["status"] == "ABORTED"


def test_one_in_jsonpath_is_recorded_and_not_run(client: Client) -> None:
    """As moto does."""
    states = {"A": {"Type": "Succeed"}}
    arn = machine(client, states, QueryLanguage="JSONPath")
    started = client("stepfunctions").start_execution(stateMachineArn=arn)["executionArn"]

    assert client("stepfunctions").describe_execution(executionArn=started)["status"] == "RUNNING"


def test_a_name_is_taken_once(client: Client) -> None:
    """The second execution of the name is refused by moto's own rule, and nothing runs twice."""
    arn = machine(client, {"A": {"Type": "Succeed"}})
    api = client("stepfunctions")
    first = api.start_execution(stateMachineArn=arn, name="once")["executionArn"]
    until(lambda: api.describe_execution(executionArn=first)["status"], lambda status: status == "SUCCEEDED")

    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        api.start_execution(stateMachineArn=arn, name="once")


def test_one_that_was_cut_off_goes_on_where_it_was(client: Client) -> None:
    """Its job comes back from the state on disk, with the position that it had."""
    from moto.stepfunctions.models import stepfunctions_backends  # noqa: PLC0415 - after the seam

    states = {"A": {"Type": "Fail", "Error": "again"}, "B": {"Type": "Pass", "Output": "{% $v %}", "End": True}}
    arn = machine(client, states)
    backend: Any = stepfunctions_backends["123456789012"]["eu-west-1"]
    known = backend.describe_state_machine(arn)
    record: Any = known.start_execution("eu-west-1", "123456789012", "cut", "{}")
    until(lambda: record.status, lambda status: status == "FAILED")
    record.status, record.position = "RUNNING", Position("B", {}, {"v": "kept"})

    job, back = pickling.loads(pickling.dumps((execution.job(known, record), record)))
    job()

    assert (back.status, back.output) == ("SUCCEEDED", '"kept"')


@pytest.mark.parametrize(
    ("service", "code", "name"),
    [
        ("elasticache", "SnapshotAlreadyExistsFault", "ElastiCache.SnapshotAlreadyExistsException"),
        ("elasticache", "InvalidCacheClusterState", "ElastiCache.InvalidCacheClusterStateException"),
        ("s3", "NoSuchBucket", "S3.NoSuchBucketException"),
        ("s3", "SlowDown", "S3.S3Exception"),
    ],
)
def test_errors_have_the_names_of_the_sdk_for_java(service: str, code: str, name: str) -> None:
    """Those that a service's model does not know have the service's own."""
    assert execution.error_name(service, code) == name
