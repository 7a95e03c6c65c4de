"""UserGroup: the users that a cache lets in, owned and imported."""

from __future__ import annotations

import re
from typing import Any

import pytest
from aws_cdk import Stack, Token
from aws_cdk import aws_ec2 as ec2
from aws_cdk.assertions import Template

from elasticache_kit.cdk.authentication import Authentication
from elasticache_kit.cdk.engine_version import RedisVersion
from elasticache_kit.cdk.iam_user import IamUser
from elasticache_kit.cdk.no_password_user import NoPasswordUser
from elasticache_kit.cdk.password_user import PasswordUser
from elasticache_kit.cdk.replication_group import ReplicationGroup
from elasticache_kit.cdk.secret_rotation import Rotation
from elasticache_kit.cdk.serverless.cache import ServerlessCache
from elasticache_kit.cdk.user_group import UserGroup
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.engine import Engine

TYPE = "AWS::ElastiCache::UserGroup"


def _properties(stack: Stack) -> dict[str, Any]:
    (resource,) = dict(Template.from_stack(stack).find_resources(TYPE)).values()
    return resource["Properties"]


def test_a_group(stack: Stack) -> None:
    """It refers to its users, so that they are made first, and has a unique id."""
    users = [IamUser(stack, "Orders"), PasswordUser(stack, "Carts", rotation=Rotation.never())]
    group = UserGroup(stack, "Users", users=users)
    properties = _properties(stack)

    assert properties["Engine"] == "valkey"
    assert properties["UserIds"] == [stack.resolve(user.user_id) for user in users]
    assert all("Ref" in user for user in properties["UserIds"])
    assert re.fullmatch(r"[a-z][a-z0-9-]{0,39}", properties["UserGroupId"])
    assert group.users == tuple(users)


def test_a_group_of_redis(stack: Stack) -> None:
    """A group of Redis OSS has a user called default, which may be one that nobody signs in as."""
    default = NoPasswordUser(stack, "Default", user_name="default")
    user = IamUser(stack, "Orders", engine=Engine.REDIS)
    UserGroup(stack, "Users", engine=Engine.REDIS, users=[default, user], user_group_id="Orders")

    assert _properties(stack)["Engine"] == "redis"
    assert _properties(stack)["UserGroupId"] == "orders"


def test_a_group_of_redis_without_a_default_user(stack: Stack) -> None:
    """ElastiCache would refuse it."""
    user = IamUser(stack, "Orders", engine=Engine.REDIS)
    with pytest.raises(ValidationError, match=r"Stack/Users: 1 problem\n.*needs a user with the name default"):
        UserGroup(stack, "Users", engine=Engine.REDIS, users=[user])
    assert stack.node.try_find_child("Users") is None


def test_users_of_the_wrong_kind(stack: Stack) -> None:
    """A Valkey user in a group of Redis OSS, and a user without a password in one of Valkey, are named."""
    with pytest.raises(ValidationError, match=r"user_ids = 'stack-orders-\w+': this user is of valkey"):
        UserGroup(stack, "Redis", engine=Engine.REDIS, users=[IamUser(stack, "Orders")])
    with pytest.raises(ValidationError, match=r"user_ids = 'stack-nobody-\w+': this user signs in without a password"):
        UserGroup(stack, "Valkey", users=[NoPasswordUser(stack, "Nobody", user_name="default")])


def test_two_users_of_one_name(stack: Stack) -> None:
    """Names that are known and the same are refused."""
    users = [
        PasswordUser(stack, name, user_name="orders", rotation=Rotation.never()) for name in ("Orders", "OrdersToo")
    ]
    with pytest.raises(ValidationError, match="2 users of the group have this user_name"):
        UserGroup(stack, "Users", users=users)


def test_users_whose_names_nobody_knows(stack: Stack) -> None:
    """Two imports without a name, and two names that only a deployment knows, are not taken for one."""
    token = Token.as_string({"Ref": "Name"})
    users = [
        PasswordUser.from_user_attributes(stack, "A", user_id="a"),
        PasswordUser.from_user_attributes(stack, "B", user_id="b"),
        PasswordUser.from_user_attributes(stack, "C", user_id="c", user_name=token),
        PasswordUser.from_user_attributes(stack, "D", user_id="d", user_name=token),
    ]
    UserGroup(stack, "Users", users=users)

    assert _properties(stack)["UserIds"] == ["a", "b", "c", "d"]


def test_the_default_user_of_the_account(stack: Stack) -> None:
    """The import of the user that every account has makes a group of Redis OSS complete."""
    users = [
        NoPasswordUser.from_user_attributes(stack, "Default", user_id="default"),
        IamUser.from_user_id(stack, "Orders", "orders"),
    ]
    UserGroup(stack, "Users", engine=Engine.REDIS, users=users)

    assert _properties(stack)["UserIds"] == ["default", "orders"]


def test_a_user_more(stack: Stack) -> None:
    """A user is added to a group, unless the group would not be taken with it."""
    group = UserGroup(stack, "Users", users=[IamUser(stack, "Orders", user_id="orders")])
    group.add_user(IamUser(stack, "Carts"))
    with pytest.raises(ValidationError, match="Stack/Users: 1 problem"):
        group.add_user(PasswordUser(stack, "Twin", user_name="orders", rotation=Rotation.never()))

    assert len(_properties(stack)["UserIds"]) == 2
    assert group.users is not None
    assert len(group.users) == 2


def test_a_wrong_type(stack: Stack) -> None:
    """An id is no user, and what it takes instead is said."""
    users: Any = ["orders"]
    with pytest.raises(ValidationError, match=r"users = .*must be a list of IUser, not a list with a str"):
        UserGroup(stack, "Users", users=users)


def test_imported(stack: Stack) -> None:
    """An imported group has its id and its ARN, knows what it is told, and has no resource."""
    user = IamUser.from_user_id(stack, "Orders", "orders")
    bare = UserGroup.from_user_group_id(stack, "Bare", "Orders")
    told = UserGroup.from_user_group_id(stack, "Told", "orders", engine=Engine.VALKEY, users=[user])

    assert bare.user_group_id == "orders"
    assert (bare.engine, bare.users) == (None, None)
    assert (told.engine, told.users) == (Engine.VALKEY, (user,))
    assert stack.resolve(bare.user_group_arn)["Fn::Join"][1][-1] == ":usergroup:orders"
    assert not Template.from_stack(stack).find_resources(TYPE)


def test_the_group_of_aws(stack: Stack) -> None:
    """AWS's own group of IAM users needs no name to be remembered."""
    assert UserGroup.from_default_iam_user_group(stack, "Users").user_group_id == "default.iam-user-group"


def test_a_cache_has_a_say_in_who_is_added(stack: Stack, vpc: ec2.Vpc) -> None:
    """Valkey 7.2 and later know IAM, Redis OSS 6.2 does not: its error comes with the user, under its own path."""
    default = NoPasswordUser(stack, "Default", user_name="default")
    users = UserGroup(stack, "Users", engine=Engine.REDIS, users=[default])
    for name, version in (("Old", RedisVersion.VER_6_2), ("New", RedisVersion.VER_7_1)):
        ReplicationGroup(stack, name, vpc=vpc, engine_version=version, authentication=Authentication.user_group(users))

    with pytest.raises(ValidationError, match=r"^Stack/Old: 1 problem") as caught:
        users.add_user(IamUser(stack, "Orders", engine=Engine.REDIS))
    assert "user-iam-versions" in str(caught.value)
    assert "Stack/New" not in str(caught.value)
    assert users.users == (default,)


def test_a_public_cache_takes_iam_users_alone(stack: Stack) -> None:
    """A user with a password is refused where it is added, one of IAM is not."""
    users = UserGroup(stack, "Users", users=[IamUser(stack, "Orders")])
    ServerlessCache(stack, "Cache", connection_type="public", user_group=users)

    users.add_user(IamUser(stack, "Carts"))
    with pytest.raises(ValidationError, match=r"Stack/Cache: 1 problem\n(.*\n)*.*sl-public-iam-only"):
        users.add_user(PasswordUser(stack, "Reports", rotation=Rotation.never()))
    assert len(users.users or ()) == 2
