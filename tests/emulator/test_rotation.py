"""Rotation by Secrets Manager: the function of the constructs runs, and ElastiCache takes other passwords."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import App, CfnOutput, Stack
from aws_cdk import aws_ec2 as ec2
from moto.elasticache.models import elasticache_backends

from elasticache_kit.cdk import (
    AccessString,
    Authentication,
    NodeType,
    PasswordUser,
    ReplicationGroup,
    Rotation,
    UserGroup,
    ValkeyVersion,
)
from elasticache_kit.emulator.account import LocalAccount
from elasticache_kit.emulator.lifecycle import INSTANT
from elasticache_kit.emulator.server import Emulator
from tests.emulator.wire import until

if TYPE_CHECKING:
    from elasticache_kit.emulator.region import Region


@dataclass(frozen=True, slots=True)
class Rotated:
    """A deployed stack whose secrets can be rotated.

    Args:
        account: where it is.
        outputs: its outputs.
    """

    account: LocalAccount
    outputs: dict[str, str]

    @property
    def region(self) -> Region:
        """The state of ElastiCache: the API tells no password."""
        backend: Any = elasticache_backends[self.account.account_id][self.account.region]
        return backend.region

    def password(self, secret: str) -> str:
        """Return the current password in a secret."""
        held = self.account.client("secretsmanager").get_secret_value(SecretId=self.outputs[secret])
        return json.loads(held["SecretString"])["password"]

    def rotate(self, secret: str) -> tuple[str, str]:
        """Rotate a secret, and return the password before and the one after."""
        before = self.password(secret)
        self.account.client("secretsmanager").rotate_secret(SecretId=self.outputs[secret])
        return before, until(lambda: self.password(secret), lambda now: now != before)


@pytest.fixture(scope="module")
def rotated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rotated]:
    """A stack with a user and two groups with an AUTH token, of which one keeps no token but the current."""
    app = App(outdir=str(tmp_path_factory.mktemp("assembly") / "cdk.out"))
    stack = Stack(app, "rotated")
    vpc = ec2.Vpc(
        stack,
        "Vpc",
        nat_gateways=0,
        subnet_configuration=[ec2.SubnetConfiguration(name="Cache", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)],
    )
    user = PasswordUser(stack, "User", access_string=AccessString.application(), rotation=Rotation())
    UserGroup(stack, "Users", users=[user])
    CfnOutput(stack, "UserId", value=user.user_id)
    CfnOutput(stack, "UserSecret", value=user.secret.secret_arn)
    for name, keep in (("Kept", True), ("Strict", False)):
        group = ReplicationGroup(
            stack,
            name,
            vpc=vpc,
            engine_version=ValkeyVersion.VER_8_1,
            cache_node_type=NodeType.of("cache.t4g.small"),
            num_cache_clusters=2,
            authentication=Authentication.auth_token(rotation=Rotation(keep_previous=keep)),
        )
        CfnOutput(stack, f"{name}Id", value=group.replication_group_id)
        assert group.sign_in.secret is not None
        CfnOutput(stack, f"{name}Secret", value=group.sign_in.secret.secret_arn)
    with Emulator(tmp_path_factory.mktemp("emulator"), timing=INSTANT, engines=False) as emulator:
        account = LocalAccount(emulator)
        yield Rotated(account, dict(account.deploy(stack).outputs))


def test_a_user_takes_the_new_password_beside_the_one_before(rotated: Rotated) -> None:
    """A client that has yet to read the secret again still signs in; the second rotation ends the oldest password."""
    user = rotated.region.users[rotated.outputs["UserId"]]
    first = rotated.rotate("UserSecret")
    after_first = set(user.password_hashes)
    second = rotated.rotate("UserSecret")
    after_second = set(user.password_hashes)

    hashes = [{hashlib.sha256(password.encode()).hexdigest() for password in pair} for pair in (first, second)]
    assert [after_first, after_second] == hashes
    assert second[0] == first[1]


def test_a_group_takes_the_new_token_beside_the_one_before(rotated: Rotated) -> None:
    """ROTATE."""
    before, now = rotated.rotate("KeptSecret")

    tokens = rotated.region.replication_group(rotated.outputs["KeptId"]).auth_tokens
    assert tokens is not None
    assert tokens.values == (before, now)


def test_a_group_that_keeps_no_previous_token_takes_the_new_one_alone(rotated: Rotated) -> None:
    """ROTATE, then SET."""
    _, now = rotated.rotate("StrictSecret")

    group = rotated.region.replication_group(rotated.outputs["StrictId"])
    tokens = until(lambda: group.auth_tokens, lambda found: found is not None and len(found.values) == 1)
    assert tokens is not None
    assert tokens.values == (now,)


def test_a_rotation_that_fails_leaves_the_password(rotated: Rotated) -> None:
    """A user that is gone cannot take another one: the current version stays, and the next attempt goes through."""
    before = rotated.password("UserSecret")
    removed = rotated.region.users.pop(rotated.outputs["UserId"])
    try:
        rotated.account.client("secretsmanager").rotate_secret(SecretId=rotated.outputs["UserSecret"])
        during = rotated.password("UserSecret")
    finally:
        rotated.region.users[rotated.outputs["UserId"]] = removed
    again = rotated.rotate("UserSecret")

    assert during == before
    assert again[0] == before
