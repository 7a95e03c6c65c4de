"""The templates of users, user groups and their secrets, as cfn-lint sees them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk.assertions import Template

from elasticache_kit.cdk.authentication import Authentication
from elasticache_kit.cdk.connection_environment import inject_environment
from elasticache_kit.cdk.iam_user import IamUser
from elasticache_kit.cdk.no_password_user import NoPasswordUser
from elasticache_kit.cdk.password_user import PasswordUser
from elasticache_kit.cdk.secret_rotation import Rotation
from elasticache_kit.cdk.user_group import UserGroup
from elasticache_kit.model.engine import Engine
from tests.cdk.sample_cache import SampleCache
from tests.cfn_lint import lint

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


def _iam_of_redis(stack: Stack, _: ec2.Vpc) -> object:
    return SampleCache(stack, "Cache", engine=Engine.REDIS, authentication=Authentication.iam())


def _token_in_a_vpc(stack: Stack, vpc: ec2.Vpc) -> object:
    return SampleCache(stack, "Cache", authentication=Authentication.auth_token(rotation=Rotation(vpc=vpc)))


def _function(stack: Stack, vpc: ec2.Vpc) -> object:
    cache = SampleCache(stack, "Cache", authentication=Authentication.iam())
    function = lambda_.Function(
        stack,
        "Function",
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline("handler = print"),
        vpc=cast("ec2.IVpc", vpc),
    )
    return inject_environment(cache.connection, function)


def _service(stack: Stack, vpc: ec2.Vpc) -> object:
    user = PasswordUser(stack, "User")
    group = UserGroup(stack, "Users", users=[user])
    task = ecs.FargateTaskDefinition(stack, "Task")
    task.add_container("App", image=ecs.ContainerImage.from_registry("app"))
    cluster = cast("ecs.ICluster", ecs.Cluster(stack, "Cluster", vpc=cast("ec2.IVpc", vpc)))
    service = ecs.FargateService(stack, "Service", cluster=cluster, task_definition=cast("Any", task), desired_count=1)
    cache = SampleCache(stack, "Cache", authentication=Authentication.user_group(group))
    return inject_environment(cache.connection, service)


SHAPES: list[Shape] = [
    _valkey,
    _redis,
    _password_in_a_vpc,
    _iam_of_redis,
    _token_in_a_vpc,
    _function,
    _service,
]


@pytest.mark.parametrize("shape", SHAPES)
def test_cfn_lint_finds_nothing(shape: Shape) -> None:
    """Whatever the options, the template has nothing that cfn-lint would say."""
    stack = Stack(App(), "Stack")
    shape(stack, ec2.Vpc(stack, "Vpc", restrict_default_security_group=False))

    template = json.dumps(Template.from_stack(stack).to_json())
    found = [match for match in lint(template, regions=["us-east-1"]) if match.rule.id not in OF_THE_CDK]
    assert found == []
