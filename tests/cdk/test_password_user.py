"""PasswordUser: its password is made up, kept in a secret, replaced, and never in the template."""

from __future__ import annotations

import json
from typing import Any, cast

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk.assertions import Match, Template

from elasticache_kit.cdk.password_user import PasswordUser
from elasticache_kit.cdk.secret_rotation import Rotation

SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - a type, not a password
SCHEDULE = "AWS::SecretsManager::RotationSchedule"


def test_the_password_is_a_reference(stack: Stack) -> None:
    """CloudFormation reads the password from the secret when it makes the user."""
    user = PasswordUser(stack, "User")
    template = Template.from_stack(stack)
    (secret,) = template.find_resources(SECRET)

    reference = ["", ["{{resolve:secretsmanager:", {"Ref": secret}, ":SecretString:password::}}"]]
    template.has_resource_properties(
        "AWS::ElastiCache::User", {"AuthenticationMode": {"Type": "password", "Passwords": [{"Fn::Join": reference}]}}
    )
    assert stack.resolve(user.secret.secret_arn) == {"Ref": secret}


def test_the_password_is_legal(stack: Stack) -> None:
    """64 letters and digits are allowed as a password, and nothing has to be escaped."""
    PasswordUser(stack, "User", user_id="orders", rotation=Rotation.never())
    (secret,) = dict(Template.from_stack(stack).find_resources(SECRET)).values()
    generated = secret["Properties"]["GenerateSecretString"]

    assert generated["PasswordLength"] == 64
    assert generated["ExcludePunctuation"] is True
    assert generated["GenerateStringKey"] == "password"
    assert generated["SecretStringTemplate"]["Fn::Join"][1][0].startswith('{"username":"orders","user_arn":"arn:')


def test_the_password_is_rotated(stack: Stack) -> None:
    """A function may change this user and this secret and no other; the first rotation waits for its day."""
    PasswordUser(stack, "User", user_id="orders")
    template = Template.from_stack(stack)
    (user,) = template.find_resources("AWS::ElastiCache::User")

    template.has_resource_properties(
        SCHEDULE, {"RotationRules": {"ScheduleExpression": "rate(30 days)"}, "RotateImmediatelyOnUpdate": False}
    )
    template.has_resource_properties(
        "AWS::Lambda::Function",
        {
            "Handler": "index.handler",
            "Runtime": "python3.14",
            "Timeout": 900,
            "Environment": {"Variables": {"USER_ID": {"Ref": user}, "KEEP_PREVIOUS": "true"}},
        },
    )
    template.has_resource_properties(
        "AWS::IAM::Policy",
        {
            "PolicyDocument": {
                "Statement": Match.array_with(
                    [
                        {
                            "Action": ["elasticache:DescribeUsers", "elasticache:ModifyUser"],
                            "Effect": "Allow",
                            "Resource": {"Fn::GetAtt": [user, "Arn"]},
                        }
                    ]
                )
            }
        },
    )


def test_a_rotation_of_ones_own(stack: Stack) -> None:
    """Days and the end of the previous password are as asked for."""
    PasswordUser(stack, "User", rotation=Rotation(automatically_after_days=7, keep_previous=False))
    template = Template.from_stack(stack)

    template.has_resource_properties(SCHEDULE, {"RotationRules": {"ScheduleExpression": "rate(7 days)"}})
    template.has_resource_properties(
        "AWS::Lambda::Function", {"Environment": {"Variables": Match.object_like({"KEEP_PREVIOUS": "false"})}}
    )


def test_no_rotation(stack: Stack) -> None:
    """Without a rotation there is no function and no schedule."""
    PasswordUser(stack, "User", rotation=Rotation.never())
    template = Template.from_stack(stack)

    template.resource_count_is(SCHEDULE, 0)
    template.resource_count_is("AWS::Lambda::Function", 0)


def test_a_secret_that_exists(stack: Stack) -> None:
    """Whoever keeps the password themselves keeps it: no secret is made, and none is rotated."""
    given = secretsmanager.Secret.from_secret_name_v2(stack, "Given", "orders")
    user = PasswordUser(stack, "User", secret=given)
    template = Template.from_stack(stack)

    template.resource_count_is(SECRET, 0)
    template.resource_count_is(SCHEDULE, 0)
    assert user.secret.secret_name == "orders"  # noqa: S105 - a name, not a password
    assert ":secret:orders:SecretString:password::}}" in json.dumps(template.to_json())


def test_a_key_of_ones_own(stack: Stack) -> None:
    """The secret is encrypted with the key that was given."""
    key = cast("kms.IKey", kms.Key(stack, "Key"))
    PasswordUser(stack, "User", kms_key=key, rotation=Rotation.never())

    Template.from_stack(stack).has_resource_properties(SECRET, {"KmsKeyId": Match.any_value()})


def test_an_imported_user_has_its_secret(stack: Stack) -> None:
    """A grantee reads the secret of an imported user as it does that of one made here."""
    user = PasswordUser.from_user_attributes(
        stack,
        "User",
        user_id="orders",
        secret=secretsmanager.Secret.from_secret_name_v2(stack, "Given", "orders"),
    )
    role: Any = iam.Role(stack, "Role", assumed_by=cast("Any", iam.AccountRootPrincipal()))
    assert user.secret is not None
    user.secret.grant_read(role)

    Template.from_stack(stack).has_resource_properties(
        "AWS::IAM::Policy",
        {
            "PolicyDocument": {
                "Statement": [Match.object_like({"Action": Match.array_with(["secretsmanager:GetSecretValue"])})]
            }
        },
    )
