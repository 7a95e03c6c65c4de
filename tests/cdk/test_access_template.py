"""The templates of users, user groups and their secrets, as cfn-lint sees them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import cast

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk.assertions import Template
from cfnlint.api import lint

from elasticache_kit.cdk.iam_user import IamUser
from elasticache_kit.cdk.no_password_user import NoPasswordUser
from elasticache_kit.cdk.password_user import PasswordUser
from elasticache_kit.cdk.secret_rotation import Rotation
from elasticache_kit.cdk.user_group import UserGroup
from elasticache_kit.model.engine import Engine

# The CDK's own Lambda function names its role twice.
OF_THE_CDK = {"W3005"}

Shape = Callable[[Stack, ec2.Vpc], object]


def _valkey(stack: Stack, _: ec2.Vpc) -> object:
    return UserGroup(stack, "Users", users=[IamUser(stack, "Iam"), PasswordUser(stack, "Password")])


def _redis(stack: Stack, _: ec2.Vpc) -> object:
    users = [NoPasswordUser(stack, "Default", user_name="default"), IamUser(stack, "Iam", engine=Engine.REDIS)]
    return UserGroup(stack, "Users", engine=Engine.REDIS, users=users)


def _password_in_a_vpc(stack: Stack, vpc: ec2.Vpc) -> object:
    key = cast("kms.IKey", kms.Key(stack, "Key"))
    return PasswordUser(
        stack, "Password", kms_key=key, rotation=Rotation(automatically_after_days=1, keep_previous=False, vpc=vpc)
    )


@pytest.mark.parametrize("shape", [_valkey, _redis, _password_in_a_vpc])
def test_cfn_lint_finds_nothing(shape: Shape) -> None:
    """Whatever the options, the template has nothing that cfn-lint would say."""
    stack = Stack(App(), "Stack")
    shape(stack, ec2.Vpc(stack, "Vpc", restrict_default_security_group=False))

    template = json.dumps(Template.from_stack(stack).to_json())
    found = [match for match in lint(template, regions=["us-east-1"]) if match.rule.id not in OF_THE_CDK]
    assert found == []
