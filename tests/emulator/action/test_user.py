"""Users over the wire."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.wire import Client, code, until

PASSWORD = "a-password-of-16+"  # noqa: S105 - no secret: it guards nothing


@pytest.fixture
def api(client: Client) -> Any:
    """A boto3 client of a region without anything in it."""
    return client("elasticache")


def make(api: Any, user_id: str = "app", **request: Any) -> dict[str, Any]:
    """Create a user of valkey with one password; arguments override or add, None takes away."""
    defaults: dict[str, Any] = {
        "UserId": user_id,
        "UserName": user_id,
        "Engine": "valkey",
        "AccessString": "on ~app:* -@all +@read",
        "AuthenticationMode": {"Type": "password", "Passwords": [PASSWORD]},
    }
    return api.create_user(**{name: value for name, value in {**defaults, **request}.items() if value is not None})


def active(api: Any, user_id: str = "app") -> dict[str, Any]:
    """Wait until a user is active and describe it."""
    return until(lambda: api.describe_users(UserId=user_id)["Users"][0], lambda seen: seen["Status"] == "active")


def test_a_user_shows_everything_but_its_password(api: Any) -> None:
    """How it signs in, how many passwords, and from which version on."""
    made = make(api)

    assert made["Authentication"] == {"Type": "password", "PasswordCount": 1}
    assert (made["Status"], made["MinimumEngineVersion"]) == ("active", "7.2")
    assert made["ARN"].endswith(":user:app")
    assert PASSWORD not in str(api.describe_users())


def test_every_account_has_the_user_default(api: Any) -> None:
    """It may do everything without a password, and nobody changes or deletes it."""
    default = api.describe_users(UserId="default")["Users"][0]

    assert (default["AccessString"], default["Authentication"]["Type"]) == ("on ~* +@all", "no-password")
    with pytest.raises(ClientError, match="belongs to every account"):
        api.delete_user(UserId="default")
    with pytest.raises(ClientError, match="belongs to every account"):
        api.modify_user(UserId="default", AccessString="off")


def test_ids_are_folded_and_used_once(api: Any) -> None:
    """An id that differs in case is the same id."""
    assert make(api, "App", UserName="app")["UserId"] == "app"

    with pytest.raises(api.exceptions.UserAlreadyExistsFault):
        make(api, "APP", UserName="app")


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ({"AuthenticationMode": {"Type": "iam"}, "Passwords": [PASSWORD]}, {"Type": "iam"}),
        (
            {"AuthenticationMode": None, "Passwords": [PASSWORD], "NoPasswordRequired": True, "Engine": "redis"},
            {"Type": "no-password"},
        ),
    ],
)
def test_of_two_ways_to_sign_in_one_is_kept(api: Any, asked: dict[str, Any], kept: dict[str, Any]) -> None:
    """No source says that AWS refuses them, so the rulebook warns; the one that it judges by is taken."""
    assert make(api, **asked)["Authentication"] == kept


@pytest.mark.parametrize(
    ("asked", "expected", "sentence"),
    [
        ({"AuthenticationMode": None}, "InvalidParameterValue", "not in the allowed list"),
        (
            {"AuthenticationMode": {"Type": "iam"}, "UserName": "other"},
            "InvalidParameterCombination",
            "User Id and User name must be same",
        ),
        (
            {"AuthenticationMode": {"Type": "password", "Passwords": ["short"]}},
            "InvalidParameterValue",
            "between 16-128 characters",
        ),
        ({"AuthenticationMode": {"Type": "no-password-required"}}, "InvalidParameterValue", "IAM or a password"),
    ],
)
def test_aws_answers_in_its_own_words(api: Any, asked: dict[str, Any], expected: str, sentence: str) -> None:
    """The rulebook judges; what it refuses is not made."""
    with pytest.raises(ClientError, match=sentence) as caught:
        make(api, **asked)

    assert code(caught) == expected
    with pytest.raises(api.exceptions.UserNotFoundFault):
        api.describe_users(UserId="app")


def test_a_change_is_seen_when_it_is_done(api: Any) -> None:
    """The answer says modifying; afterwards rights and passwords are the new ones."""
    make(api)

    answered = api.modify_user(UserId="app", AppendAccessString="+@write", Passwords=[PASSWORD, PASSWORD + "2"])

    assert answered["Status"] == "modifying"
    changed = active(api)
    assert changed["AccessString"] == "on ~app:* -@all +@read +@write"
    assert changed["Authentication"]["PasswordCount"] == 2


def test_the_way_to_sign_in_stays_where_it_is_not_said(api: Any) -> None:
    """New rights leave the password alone."""
    make(api)

    api.modify_user(UserId="app", AccessString="on ~* +@all")

    assert active(api)["Authentication"] == {"Type": "password", "PasswordCount": 1}


def test_filters(api: Any) -> None:
    """By engine, and by a property; a property that nobody has is refused."""
    make(api)
    make(api, "old", Engine="redis")

    assert {user["UserId"] for user in api.describe_users(Engine="redis")["Users"]} == {"default", "old"}
    filtered = api.describe_users(Filters=[{"Name": "user-id", "Values": ["app", "none"]}])["Users"]
    assert [user["UserId"] for user in filtered] == ["app"]
    with pytest.raises(ClientError, match="Filter colour"):
        api.describe_users(Filters=[{"Name": "colour", "Values": ["red"]}])


def test_a_deleted_user_leaves_its_groups(api: Any) -> None:
    """It is gone from the groups as well, which stay."""
    make(api)
    make(api, "other")
    api.create_user_group(UserGroupId="team", Engine="valkey", UserIds=["app", "other"])

    assert api.delete_user(UserId="app")["Status"] == "deleting"

    until(lambda: len(api.describe_users()["Users"]), lambda count: count == 3)
    assert api.describe_user_groups(UserGroupId="team")["UserGroups"][0]["UserIds"] == ["other"]


def test_the_default_of_a_group_stays(api: Any) -> None:
    """A group of redis without a user called default could not be."""
    make(api, "mine", UserName="default", Engine="redis")
    api.create_user_group(UserGroupId="team", Engine="redis", UserIds=["mine"])

    with pytest.raises(ClientError) as caught:
        api.delete_user(UserId="mine")

    assert code(caught) == "DefaultUserAssociatedToUserGroup"


def test_users_come_in_pages(api: Any) -> None:
    """boto3's paginator sees every user once."""
    for number in range(23):
        make(api, f"u{number:02}")

    pages = list(api.get_paginator("describe_users").paginate(PaginationConfig={"PageSize": 20}))

    assert [len(page["Users"]) for page in pages] == [20, 5]
