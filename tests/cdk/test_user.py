"""Users, whatever they sign in with: what they have in common, owned and imported."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Stack, Token
from aws_cdk.assertions import Template

from elasticache_kit.cdk.access_string import AccessString
from elasticache_kit.cdk.iam_user import IamUser
from elasticache_kit.cdk.no_password_user import NoPasswordUser
from elasticache_kit.cdk.password_user import PasswordUser
from elasticache_kit.cdk.secret_rotation import Rotation
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.engine import Engine

if TYPE_CHECKING:
    from elasticache_kit.cdk.user import IUser

TYPE = "AWS::ElastiCache::User"


def _properties(stack: Stack) -> dict[str, Any]:
    (resource,) = dict(Template.from_stack(stack).find_resources(TYPE)).values()
    return resource["Properties"]


def test_iam_user(stack: Stack) -> None:
    """It is called like its unique id, as IAM wants it, and may do what an application needs."""
    user = IamUser(stack, "User")
    properties = _properties(stack)

    assert re.fullmatch(r"[a-z][a-z0-9-]{0,39}", properties["UserId"])
    assert properties["UserName"] == properties["UserId"] == user.user_name
    assert properties["AuthenticationMode"] == {"Type": "iam"}
    assert properties["Engine"] == "valkey"
    assert properties["AccessString"] == "on ~* &* +@all -@dangerous +info"


def test_ids_that_are_made_up_differ(stack: Stack) -> None:
    """Two users of one stack never share an id."""
    users = [IamUser(stack, name) for name in ("Orders", "Carts")]

    assert len({user.user_name for user in users}) == 2


def test_everything_given(stack: Stack) -> None:
    """What is given arrives, the id in lower case as CloudFormation takes it."""
    user = PasswordUser(
        stack,
        "User",
        user_id="Orders",
        user_name="orders-service",
        engine=Engine.REDIS,
        access_string=AccessString.build().keys("orders:*").allow("@read"),
        rotation=Rotation.never(),
    )
    properties = _properties(stack)

    assert properties["UserId"] == "orders"
    assert properties["UserName"] == "orders-service" == user.user_name
    assert properties["Engine"] == "redis"
    assert properties["AccessString"] == "on ~orders:* +@read"


def test_no_password_user(stack: Stack) -> None:
    """Nobody signs in as one, unless it is said; it is of Redis OSS, the only engine that has such users."""
    NoPasswordUser(stack, "User", user_name="default")
    properties = _properties(stack)

    assert properties["UserName"] == "default"
    assert properties["AuthenticationMode"] == {"Type": "no-password-required"}
    assert properties["AccessString"] == "off -@all"
    assert properties["Engine"] == "redis"


REFUSED: list[tuple[Callable[[Stack], object], list[str]]] = [
    (
        lambda stack: IamUser(stack, "User", user_id="1 user", access_string="garbage !!"),
        ["user_id = '1 user'", "access_string = 'garbage !!'"],
    ),
    (lambda stack: IamUser(stack, "User", user_id="default"), ["user_id = 'default'"]),
    (lambda stack: PasswordUser(stack, "User", engine=Engine.MEMCACHED), ["engine = 'memcached'"]),
    (lambda stack: NoPasswordUser(stack, "User", user_name="u", access_string="on >pw"), ["access_string"]),
]


@pytest.mark.parametrize(("make", "mistakes"), REFUSED)
def test_what_elasticache_would_refuse(stack: Stack, make: Callable[[Stack], object], mistakes: list[str]) -> None:
    """Every mistake is in one message that begins with the path, and nothing is made."""
    with pytest.raises(ValidationError) as error:
        make(stack)

    assert str(error.value).startswith("Stack/User: ")
    assert all(mistake in str(error.value) for mistake in mistakes)
    assert stack.node.try_find_child("User") is None


def test_a_wrong_type(stack: Stack) -> None:
    """A list of rules is no access string, and an engine is no text."""
    wrong: Any = {"access_string": ["on"], "engine": "valkey"}
    with pytest.raises(ValidationError, match="Stack/User: 2 problems"):
        IamUser(stack, "User", **wrong)


def test_values_that_only_a_deployment_knows(stack: Stack) -> None:
    """Tokens pass through as they are."""
    token = Token.as_string({"Ref": "Name"})
    PasswordUser(stack, "User", user_id=token, access_string=token, rotation=Rotation.never())
    properties = _properties(stack)

    assert properties["UserId"] == properties["UserName"] == properties["AccessString"] == {"Ref": "Name"}


IMPORTED: list[tuple[Callable[[Stack], IUser], str, str | None]] = [
    (lambda stack: IamUser.from_user_id(stack, "User", "Orders"), "iam", "orders"),
    (lambda stack: PasswordUser.from_user_attributes(stack, "User", user_id="Orders"), "password", None),
    (
        lambda stack: NoPasswordUser.from_user_attributes(stack, "User", user_id="orders", user_name="default"),
        "no-password-required",
        "default",
    ),
]


@pytest.mark.parametrize(("imported", "authentication_type", "user_name"), IMPORTED)
def test_imported(
    stack: Stack, imported: Callable[[Stack], IUser], authentication_type: str, user_name: str | None
) -> None:
    """An imported user has what was told of it, an ARN, and no resource."""
    user = imported(stack)

    assert user.user_id == "orders"
    assert user.user_name == user_name
    assert user.authentication_type == authentication_type
    assert user.secret is None
    assert stack.resolve(user.user_arn) == {
        "Fn::Join": [
            "",
            [
                "arn:",
                {"Ref": "AWS::Partition"},
                ":elasticache:",
                {"Ref": "AWS::Region"},
                ":",
                {"Ref": "AWS::AccountId"},
                ":user:orders",
            ],
        ]
    }
    assert not Template.from_stack(stack).find_resources(TYPE)
