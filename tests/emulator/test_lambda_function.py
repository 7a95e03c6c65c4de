"""Lambda functions: Python code runs in a process of its own, and reaches this emulator and nothing else."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.emulator.wire import Client


def zipped(code: str) -> bytes:
    """Return a deployment package that holds `index.py`."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", code)
    return packed.getvalue()


def invoke(client: Client, code: str, event: Any = None, **configuration: Any) -> tuple[Any, str | None]:
    """Make a function of some code, call it, and return its answer and the kind of error, if it is one."""
    role = client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    function = client("lambda")
    function.create_function(
        **{
            "FunctionName": "f",
            "Runtime": "python3.14",
            "Role": role,
            "Handler": "index.handler",
            "Code": {"ZipFile": zipped(code)},
            **configuration,
        }
    )
    answer = function.invoke(FunctionName="f", Payload=json.dumps({} if event is None else event))
    return json.loads(answer["Payload"].read()), answer.get("FunctionError")


def test_a_handler_gets_its_event_and_its_environment(client: Client) -> None:
    """What it returns is the answer."""
    code = "import os\ndef handler(event, context):\n    return [event['n'] + 1, os.environ['COLOUR']]\n"

    answer, error = invoke(client, code, {"n": 1}, Environment={"Variables": {"COLOUR": "red"}})

    assert (answer, error) == ([2, "red"], None)


def test_a_handler_reaches_this_emulator(client: Client) -> None:
    """boto3 in it is led here without a word of its own, whatever its environment says."""
    code = "import boto3\ndef handler(event, context):\n    return boto3.client('sqs').list_queues()['QueueUrls']\n"
    client("sqs").create_queue(QueueName="seen-from-inside")

    answer, _ = invoke(client, code, Timeout=60, Environment={"Variables": {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}})

    assert answer[0].endswith("/seen-from-inside")


def test_what_a_handler_raises_is_a_function_error(client: Client) -> None:
    """The answer has its type and its text, and the log has the traceback."""
    code = "def handler(event, context):\n    raise ValueError('no such colour')\n"

    answer, error = invoke(client, code)
    group = "/aws/lambda/f"
    (stream,) = client("logs").describe_log_streams(logGroupName=group)["logStreams"]
    lines = client("logs").get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])["events"]

    assert (answer, bool(error)) == ({"errorMessage": "no such colour", "errorType": "ValueError"}, True)
    assert any("Traceback" in line["message"] for line in lines)


def test_a_handler_that_takes_too_long_is_ended(client: Client) -> None:
    """The answer is the one of Lambda."""
    answer, error = invoke(client, "import time\ndef handler(event, context):\n    time.sleep(600)\n", Timeout=1)

    assert "Task timed out after 1.00 seconds" in answer["errorMessage"]
    assert error


def test_a_process_that_ends_without_an_answer_says_so(client: Client) -> None:
    """A crash of the interpreter is no traceback of ours."""
    answer, error = invoke(client, "import os\ndef handler(event, context):\n    os._exit(3)\n")

    assert "ended with status 3" in answer["errorMessage"]
    assert error


@pytest.mark.parametrize("runtime", ["nodejs24.x", "java25"])
def test_another_language_is_refused_by_name(client: Client, runtime: str) -> None:
    """The answer says what runs and what was asked for."""
    answer, error = invoke(client, "", Runtime=runtime)

    assert answer["errorType"] == "NotEmulated"
    assert runtime in answer["errorMessage"]
    assert error
