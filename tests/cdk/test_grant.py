"""CacheGrants: one call grants the cache and the user, and sees that they belong together."""

from __future__ import annotations

from typing import Any, cast

import pytest
from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template

from elasticache_kit.cdk.authentication import Authentication
from elasticache_kit.cdk.iam_user import IamUser
from elasticache_kit.cdk.password_user import PasswordUser
from elasticache_kit.cdk.secret_rotation import Rotation
from elasticache_kit.cdk.user_group import UserGroup
from elasticache_kit.errors import ValidationError
from tests.cdk.sample_cache import ImportedSampleCache, SampleCache


@pytest.fixture
def role(stack: Stack) -> Any:
    """A role that has no permission."""
    return iam.Role(stack, "Role", assumed_by=cast("iam.IPrincipal", iam.AccountRootPrincipal()))


def _statements(stack: Stack) -> list[dict[str, Any]]:
    policies = dict(Template.from_stack(stack).find_resources("AWS::IAM::Policy")).values()
    return [statement for policy in policies for statement in policy["Properties"]["PolicyDocument"]["Statement"]]


def _arn(kind: str, name: object) -> dict[str, Any]:
    parts = ["arn:", {"Ref": "AWS::Partition"}, ":elasticache:", {"Ref": "AWS::Region"}, ":", {"Ref": "AWS::AccountId"}]
    last = [f":{kind}:{name}"] if isinstance(name, str) else [f":{kind}:", name]
    return {"Fn::Join": ["", [*parts, *last]]}


def test_the_only_iam_user(stack: Stack, role: Any) -> None:
    """Nothing has to be said where there is one user that signs in with IAM: both ARNs are granted."""
    cache = SampleCache(stack, "Cache", authentication=Authentication.iam())
    cache.grants.connect(role)
    (user,) = Template.from_stack(stack).find_resources("AWS::ElastiCache::User")

    assert _statements(stack) == [
        {
            "Action": "elasticache:Connect",
            "Effect": "Allow",
            "Resource": [
                _arn("replicationgroup", stack.resolve(cache.resource.ref)),
                {"Fn::GetAtt": [user, "Arn"]},
            ],
        }
    ]


def test_everything_imported(stack: Stack, role: Any) -> None:
    """Grants work on a cache, a group and a user that exist already."""
    user = IamUser.from_user_id(stack, "User", "reader")
    group = UserGroup.from_user_group_id(stack, "Users", "readers", users=[user])
    cache = ImportedSampleCache(stack, "Cache", authentication=Authentication.user_group(group))
    cache.grants.connect(role)

    assert _statements(stack)[0]["Resource"] == [_arn("replicationgroup", "orders"), _arn("user", "reader")]


def test_one_of_several(stack: Stack, role: Any) -> None:
    """With more than one user of IAM the one that is meant is granted, and no other."""
    users = [IamUser(stack, name, user_id=name.lower()) for name in ("Reader", "Writer")]
    group = UserGroup(stack, "Users", users=users)
    cache = SampleCache(stack, "Cache", authentication=Authentication.user_group(group))
    with pytest.raises(ValidationError, match=r"user is not given: several users .*: Stack/Reader, Stack/Writer"):
        cache.grants.connect(role)
    cache.grants.connect(role, user=users[1])

    (statement,) = _statements(stack)
    assert statement["Resource"][1] == stack.resolve(users[1].user_arn)


def test_a_user_that_is_imported_twice(stack: Stack, role: Any) -> None:
    """Two constructs of one id are one user."""
    member, same = (IamUser.from_user_id(stack, name, "reader") for name in ("Member", "Same"))
    group = UserGroup(stack, "Users", users=[member])
    cache = SampleCache(stack, "Cache", authentication=Authentication.user_group(group))

    assert cache.grants.connect(role, user=same).success


def test_a_user_of_another_group(stack: Stack, role: Any) -> None:
    """A permission that would not help anybody is refused."""
    cache = SampleCache(stack, "Cache", authentication=Authentication.iam())
    stranger = IamUser(stack, "Stranger")

    with pytest.raises(ValidationError) as error:
        cache.grants.connect(role, user=stranger)
    assert str(error.value).splitlines() == [
        "Stack/Cache: 1 problem",
        "  user = 'Stack/Stranger': it is not in the user group Stack/Cache/UserGroup",
        "    add it to the group, or take one of it   [cdk-user-of-cache]",
    ]


def test_a_user_that_was_added_later(stack: Stack, role: Any) -> None:
    """The users are those of the group at the time of the call."""
    group = UserGroup(stack, "Users", users=[IamUser(stack, "Reader")])
    cache = SampleCache(stack, "Cache", authentication=Authentication.user_group(group))
    writer = IamUser(stack, "Writer")
    group.add_user(writer)

    assert cache.grants.connect(role, user=writer).success


def test_a_group_of_whose_users_nobody_told(stack: Stack, role: Any) -> None:
    """Membership is checked where it is known; without a user there is nothing to grant."""
    group = UserGroup.from_user_group_id(stack, "Users", "readers")
    cache = ImportedSampleCache(stack, "Cache", authentication=Authentication.user_group(group))
    with pytest.raises(ValidationError, match="the users of the cache are not known"):
        cache.grants.connect(role)

    assert cache.grants.connect(role, user=IamUser.from_user_id(stack, "User", "reader")).success


def test_who_does_not_sign_in_with_iam(stack: Stack, role: Any) -> None:
    """A password needs no permission, and a cache without users or with a token has nobody to grant."""
    user = PasswordUser(stack, "User", rotation=Rotation.never())
    group = UserGroup(stack, "Users", users=[user])
    passwords = SampleCache(stack, "Passwords", authentication=Authentication.user_group(group))
    token = SampleCache(stack, "Token", authentication=Authentication.auth_token(rotation=Rotation.never()))
    nobody = SampleCache(stack, "Nobody")

    with pytest.raises(ValidationError, match="it signs in with password, not with iam"):
        passwords.grants.connect(role, user=user)
    with pytest.raises(ValidationError, match="the cache has no user that signs in with iam"):
        passwords.grants.connect(role)
    for cache in (token, nobody):
        with pytest.raises(ValidationError, match="the cache has no user group"):
            cache.grants.connect(role)


def test_a_wrong_type(stack: Stack) -> None:
    """A name has no principal, and is no user."""
    cache = SampleCache(stack, "Cache", authentication=Authentication.iam())
    wrong: Any = "orders"

    with pytest.raises(ValidationError, match=r"CacheGrants.connect: 2 problems\n  grantee = 'orders'"):
        cache.grants.connect(wrong, user=wrong)


def test_other_actions(stack: Stack, role: Any) -> None:
    """Operations of the API are granted on the cache alone."""
    cache = ImportedSampleCache(stack, "Cache")
    cache.grants.actions(role, "elasticache:DescribeReplicationGroups", "elasticache:TestFailover")

    (statement,) = _statements(stack)
    assert statement["Action"] == ["elasticache:DescribeReplicationGroups", "elasticache:TestFailover"]
    assert statement["Resource"] == _arn("replicationgroup", "orders")
