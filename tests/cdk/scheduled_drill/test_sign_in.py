"""How a scheduled drill signs in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

import pytest
from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk.assertions import Template

from elasticache_kit.cdk import Authentication, IamUser, PasswordUser, ReplicationGroup
from elasticache_kit.cdk.user_group import UserGroup
from tests.cdk.drilled import egress_vpc, made, refusal, signed_in, text

if TYPE_CHECKING:
    from elasticache_kit.cdk.user import IUser


@pytest.fixture
def vpc(stack: Stack) -> ec2.Vpc:
    """Isolated, private and public subnets."""
    return egress_vpc(stack)


def cache_of(stack: Stack, vpc: ec2.Vpc, *users: IUser) -> ReplicationGroup:
    """A group of two nodes with these users."""
    authentication = Authentication.user_group(UserGroup(stack, "Users", users=list(users)))
    return ReplicationGroup(stack, "Signed", vpc=vpc, num_cache_clusters=2, authentication=authentication)


def test_an_auth_token_is_read_by_codebuild(stack: Stack, vpc: ec2.Vpc) -> None:
    """From its secret, into no template and no log."""
    secret = cast("secretsmanager.ISecret", secretsmanager.Secret(stack, "Token"))
    cache = ReplicationGroup(
        stack, "Signed", vpc=vpc, num_cache_clusters=2, authentication=Authentication.auth_token(secret=secret)
    )
    made(vpc, cache)
    found = signed_in(stack)

    assert found.keys() == {"ELASTICACHE_KIT_PASSWORD"}
    assert found["ELASTICACHE_KIT_PASSWORD"]["Type"] == "SECRETS_MANAGER"
    assert "secretsmanager:GetSecretValue" in json.dumps(Template.from_stack(stack).find_resources("AWS::IAM::Policy"))


def test_a_user_with_a_password_signs_in(stack: Stack, vpc: ec2.Vpc) -> None:
    """By name."""
    made(vpc, cache_of(stack, vpc, PasswordUser(stack, "User", user_name="drills")))

    assert signed_in(stack)["ELASTICACHE_KIT_USER"]["Value"] == "drills"


def test_a_cache_with_iam_alone_is_connected_to(stack: Stack, vpc: ec2.Vpc) -> None:
    """By the user of the cache, which the role may connect as; no secret is read."""
    cache = ReplicationGroup(stack, "Iam", vpc=vpc, num_cache_clusters=2, authentication=Authentication.iam())
    made(vpc, cache)
    template = Template.from_stack(stack)
    (user,) = template.find_resources("AWS::ElastiCache::User", {"Properties": {"AuthenticationMode": {"Type": "iam"}}})
    policies = template.find_resources("AWS::IAM::Policy")
    (connect,) = [
        statement
        for policy in policies.values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement["Action"] == "elasticache:Connect"
    ]

    assert signed_in(stack).keys() == {"ELASTICACHE_KIT_IAM_USER"}
    told = signed_in(stack)["ELASTICACHE_KIT_IAM_USER"]
    named = template.find_resources("AWS::ElastiCache::User")[user]["Properties"]["UserName"]
    assert (told["Type"], told["Value"]) == ("PLAINTEXT", named)
    assert text(connect["Resource"][0]).startswith("replicationgroup:")
    assert connect["Resource"][1] == {"Fn::GetAtt": [user, "Arn"]}
    assert "GetSecretValue" not in json.dumps(policies)


def test_a_user_with_a_password_goes_before_one_with_iam(stack: Stack, vpc: ec2.Vpc) -> None:
    """Where nobody says which."""
    password, iam = PasswordUser(stack, "Drills", user_name="drills"), IamUser(stack, "App", user_id="app")
    made(vpc, cache_of(stack, vpc, password, iam))

    assert signed_in(stack)["ELASTICACHE_KIT_USER"]["Value"] == "drills"


def test_users_that_nobody_knows_are_refused(stack: Stack, vpc: ec2.Vpc) -> None:
    """Unless somebody says which."""
    users = UserGroup.from_user_group_id(stack, "Users", "users")
    cache = ReplicationGroup(
        stack, "Signed", vpc=vpc, num_cache_clusters=2, authentication=Authentication.user_group(users)
    )
    message = refusal(vpc, cache)

    assert "a drill signs in with a password or with IAM: the users of the cache are not known" in message
    assert "say which one, or give users where the user group is imported   [cdk-drill-user]" in message
    made(vpc, cache, user=IamUser.from_user_id(stack, "User", "drills"))
    assert signed_in(stack)["ELASTICACHE_KIT_IAM_USER"]["Value"] == "drills"


def test_of_several_users_with_iam_one_is_to_be_named(stack: Stack, vpc: ec2.Vpc) -> None:
    """None of them is any better than another."""
    users = [IamUser(stack, name, user_id=name.lower()) for name in ("Drills", "App")]
    cache = cache_of(stack, vpc, *users)

    assert "several users of the cache sign in with iam or password: Stack/Drills, Stack/App" in refusal(vpc, cache)
    made(vpc, cache, user=users[0])
    assert signed_in(stack)["ELASTICACHE_KIT_IAM_USER"]["Value"] == "drills"
