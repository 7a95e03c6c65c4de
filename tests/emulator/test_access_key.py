"""Access keys of users and roles."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from elasticache_kit.emulator.access_key import secret

if TYPE_CHECKING:
    from tests.emulator.wire import Client

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}


def test_the_key_of_a_user_is_known_until_it_is_inactive(client: Client) -> None:
    """Then it has a secret with which no signature is right."""
    iam = client("iam")
    iam.create_user(UserName="anna")
    key = iam.create_access_key(UserName="anna")["AccessKey"]
    assert secret(key["AccessKeyId"]) == key["SecretAccessKey"]
    iam.update_access_key(UserName="anna", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert not secret(key["AccessKeyId"])
    assert secret(key["AccessKeyId"]) is not None


def test_the_key_of_a_role_is_known(client: Client) -> None:
    """Also where its user was never one of this emulator."""
    role = client("iam").create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    key = client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="session")["Credentials"]
    assert secret(key["AccessKeyId"]) == key["SecretAccessKey"]


def test_a_key_from_elsewhere_is_not_known(client: Client) -> None:
    """Such as the one that local tools sign with."""
    assert client("sts").get_caller_identity()["Account"]
    assert secret("ELASTICACHEKITLOCAL0") is None
