"""Who signs in to a replication group, and what an application is told of it; in either cluster mode, imports too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk.assertions import Match, Template

from elasticache_kit.cdk import (
    RedisVersion,
    ReplicationGroup,
    ShardedReplicationGroup,
    ValkeyVersion,
)
from elasticache_kit.cdk.authentication import Authentication
from elasticache_kit.cdk.iam_user import IamUser
from elasticache_kit.cdk.user_group import UserGroup
from elasticache_kit.errors import ValidationError
from tests.cdk.linted import only

if TYPE_CHECKING:
    from elasticache_kit.cdk.reference import ReplicationGroupReference

TYPE = "AWS::ElastiCache::ReplicationGroup"
KINDS = [ReplicationGroup, ShardedReplicationGroup]
Kind = type[ReplicationGroup | ShardedReplicationGroup]


def _function(stack: Stack, vpc: Any) -> lambda_.Function:
    return lambda_.Function(
        stack,
        "Function",
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline("handler = print"),
        vpc=vpc,
        vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
    )


def _imported(stack: Stack, kind: Kind, **options: Any) -> ReplicationGroupReference:
    group: Any = ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-0123456789abcdef0")
    if kind is ReplicationGroup:
        return ReplicationGroup.from_replication_group_attributes(
            stack,
            "Cache",
            replication_group_id="orders",
            primary_endpoint_address="orders.example.com",
            security_groups=[group],
            **options,
        )
    return ShardedReplicationGroup.from_sharded_replication_group_attributes(
        stack,
        "Cache",
        replication_group_id="orders",
        configuration_endpoint_address="orders.example.com",
        security_groups=[group],
        **options,
    )


def _variables(stack: Stack) -> dict[str, Any]:
    return only(Template.from_stack(stack), "AWS::Lambda::Function")["Properties"]["Environment"]["Variables"]


@pytest.mark.parametrize("kind", KINDS)
def test_sign_in_with_iam(stack: Stack, vpc: ec2.Vpc, kind: Kind) -> None:
    """One argument makes a user and a group, and one call lets a function in with everything that it needs."""
    cache = kind(stack, "Cache", vpc=vpc, authentication=Authentication.iam())
    cache.inject_environment(_function(stack, vpc))
    template = Template.from_stack(stack)
    (user_group,) = template.find_resources("AWS::ElastiCache::UserGroup")

    assert only(template, TYPE)["Properties"]["UserGroupIds"] == [{"Ref": user_group}]
    template.has_resource_properties(
        "AWS::IAM::Policy",
        {
            "PolicyDocument": {
                "Statement": Match.array_with(
                    [
                        Match.object_like(
                            {
                                "Action": "elasticache:Connect",
                                "Resource": Match.array_with([stack.resolve(cache.replication_group_arn)]),
                            }
                        )
                    ]
                )
            }
        },
    )


@pytest.mark.parametrize("kind", KINDS)
def test_what_an_application_is_told(stack: Stack, vpc: ec2.Vpc, kind: Kind) -> None:
    """The endpoint, the topology, the engine and TLS are those of the group."""
    cache = kind(stack, "Cache", vpc=vpc, engine_version=ValkeyVersion.VER_8_1, transit_encryption_enabled=False)
    cache.inject_environment(_function(stack, vpc))
    logical_id = stack.resolve(cache.replication_group_id)["Ref"]
    sharded = kind is ShardedReplicationGroup
    endpoint = "ConfigurationEndPoint" if sharded else "PrimaryEndPoint"
    variables = _variables(stack)

    assert variables["ELASTICACHE_KIT_ENDPOINT"] == {"Fn::GetAtt": [logical_id, f"{endpoint}.Address"]}
    assert variables["ELASTICACHE_KIT_TOPOLOGY"] == f"cluster-mode-{'enabled' if sharded else 'disabled'}"
    assert variables["ELASTICACHE_KIT_ENGINE_VERSION"] == "8.1"
    assert variables["ELASTICACHE_KIT_TLS"] == "false"
    assert ("ELASTICACHE_KIT_READER_ENDPOINT" in variables) is not sharded


@pytest.mark.parametrize("kind", KINDS)
def test_what_an_application_is_told_of_an_import(stack: Stack, vpc: ec2.Vpc, kind: Kind) -> None:
    """An import tells what it was told, and says nothing of the rest."""
    users = UserGroup.from_user_group_id(
        stack, "Users", "orders", users=[IamUser.from_user_id(stack, "User", "reader")]
    )
    cache = _imported(
        stack,
        kind,
        engine_version=RedisVersion.VER_7_1,
        transit_encryption_enabled=True,
        authentication=Authentication.user_group(users),
    )
    cache.inject_environment(_function(stack, vpc))
    variables = _variables(stack)

    assert variables["ELASTICACHE_KIT_ENDPOINT"] == "orders.example.com"
    assert variables["ELASTICACHE_KIT_ENGINE"] == "redis"
    assert variables["ELASTICACHE_KIT_USER"] == "reader"
    assert variables["ELASTICACHE_KIT_TLS"] == "true"
    assert "ELASTICACHE_KIT_READER_ENDPOINT" not in variables


def test_the_reader_endpoint_of_an_import(stack: Stack, vpc: ec2.Vpc) -> None:
    """Where the import was told where to read, the application is too."""
    cache = _imported(stack, ReplicationGroup, reader_endpoint_address="reader.example.com")
    cache.inject_environment(_function(stack, vpc))

    assert _variables(stack)["ELASTICACHE_KIT_READER_ENDPOINT"] == "reader.example.com"


@pytest.mark.parametrize("kind", KINDS)
def test_an_auth_token(stack: Stack, vpc: ec2.Vpc, kind: Kind) -> None:
    """The template has a reference to the secret, and a function that replaces the token in the cache."""
    kind(stack, "Cache", vpc=vpc, authentication=Authentication.auth_token())
    template = Template.from_stack(stack)

    assert "{{resolve:secretsmanager:" in str(only(template, TYPE)["Properties"]["AuthToken"])
    template.resource_count_is("AWS::SecretsManager::RotationSchedule", 1)


@pytest.mark.parametrize("kind", KINDS)
def test_an_auth_token_of_an_import(stack: Stack, vpc: ec2.Vpc, kind: Kind) -> None:
    """The secret that holds it is read by whoever uses the cache."""
    secret: Any = secretsmanager.Secret.from_secret_name_v2(stack, "Secret", "orders")
    cache = _imported(stack, kind, authentication=Authentication.auth_token(secret=secret))
    cache.inject_environment(_function(stack, vpc))

    assert _variables(stack)["ELASTICACHE_KIT_AUTH"] == "password"


def test_rules_about_users(stack: Stack, vpc: ec2.Vpc) -> None:
    """What the users need, the engine must have: both are known at synth."""
    with pytest.raises(ValidationError, match="user-iam-versions"):
        ReplicationGroup(
            stack, "Cache", vpc=vpc, engine_version=RedisVersion.VER_6_2, authentication=Authentication.iam()
        )
    with pytest.raises(ValidationError, match="rg-usergroup-needs-tls"):
        ReplicationGroup(stack, "Cache", vpc=vpc, transit_encryption_enabled=False, authentication=Authentication.iam())

    assert stack.node.try_find_child("Cache") is None


def test_nobody_has_to_sign_in(stack: Stack, vpc: ec2.Vpc) -> None:
    """Without the argument there is no user group and no token, and nothing to grant."""
    cache = ReplicationGroup(stack, "Cache", vpc=vpc)
    properties = only(Template.from_stack(stack), TYPE)["Properties"]

    assert not properties.keys() & {"UserGroupIds", "AuthToken"}
    with pytest.raises(ValidationError, match="the cache has no user group"):
        cache.grants.connect(_function(stack, vpc))
