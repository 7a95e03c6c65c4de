"""IAM: where moto is told to ask it, a policy that lacks an action of ElastiCache refuses that action."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.emulator.wire import Client, code

if TYPE_CHECKING:
    from elasticache_kit.emulator.server import Emulator


def enforce(emulator: Emulator, after: str) -> None:
    """Tell moto to ask IAM from the next request on, or never (`inf`)."""
    connection = http.client.HTTPConnection("127.0.0.1", emulator.port)
    connection.request("POST", "/moto-api/reset-auth", after)
    assert connection.getresponse().status == 200
    connection.close()


@pytest.fixture
def signed_in(control_plane: Emulator, client: Client) -> Iterator[Callable[[list[str]], Any]]:
    """Make a client of ElastiCache for a user who may do some actions, with IAM enforced."""
    iam = client("iam")

    def make(actions: list[str]) -> Any:
        iam.create_user(UserName="anna")
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        iam.put_user_policy(UserName="anna", PolicyName="p", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName="anna")["AccessKey"]
        enforce(control_plane, "0")
        return boto3.client(
            "elasticache", endpoint_url=control_plane.endpoint_url, region_name="eu-west-1",
            aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"],
        )  # fmt: skip

    yield make
    enforce(control_plane, "inf")


def test_an_action_that_the_policy_lacks_is_refused(signed_in: Callable[[list[str]], Any]) -> None:
    """What it has is answered, and what it lacks is named and not done."""
    elasticache = signed_in(["elasticache:DescribeUsers"])

    assert elasticache.describe_users()["Users"]
    with pytest.raises(ClientError, match="not authorized to perform: elasticache:CreateUserGroup") as caught:
        elasticache.create_user_group(UserGroupId="people", Engine="redis", UserIds=["default"])
    assert code(caught) == "AccessDenied"


def test_a_wildcard_is_enough(signed_in: Callable[[list[str]], Any]) -> None:
    """Control: with elasticache:* the same request is taken."""
    elasticache = signed_in(["elasticache:*"])

    assert elasticache.create_user_group(UserGroupId="people", Engine="redis", UserIds=["default"])


def test_unless_told_so_nobody_is_asked(client: Client) -> None:
    """By default any key will do, as with moto."""
    assert client("elasticache").describe_users()["Users"]
