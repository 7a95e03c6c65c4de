"""Users and user groups, on the emulator and with --aws on AWS: there they cost nothing, and each is removed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.contract.conftest import Place


def user_of(place: Place, user_id: str) -> Any:
    """Wait for a user to be active."""
    api = place.client("elasticache")
    return place.until(lambda: api.describe_users(UserId=user_id)["Users"][0], lambda seen: seen["Status"] == "active")


def group_of(place: Place, group_id: str) -> Any:
    """Wait for a user group to be active."""
    api = place.client("elasticache")
    return place.until(
        lambda: api.describe_user_groups(UserGroupId=group_id)["UserGroups"][0], lambda seen: seen["Status"] == "active"
    )


@pytest.fixture
def user(place: Place, elasticache: Any, name: str) -> Iterator[str]:
    """The id of a user who signs in with a password."""
    elasticache.create_user(
        UserId=name, UserName=name, Engine="valkey", AccessString="on ~app:* +@read", Passwords=["p" * 16]
    )
    user_of(place, name)
    yield name
    user_of(place, name)
    elasticache.delete_user(UserId=name)
    place.gone(lambda: elasticache.describe_users(UserId=name), elasticache.exceptions.UserNotFoundFault)


@pytest.fixture
def group(place: Place, elasticache: Any, user: str) -> Iterator[str]:
    """The id of a user group with that user."""
    group_id = f"{user}-g"
    elasticache.create_user_group(UserGroupId=group_id, Engine="valkey", UserIds=[user])
    group_of(place, group_id)
    yield group_id
    group_of(place, group_id)
    elasticache.delete_user_group(UserGroupId=group_id)
    place.gone(
        lambda: elasticache.describe_user_groups(UserGroupId=group_id),
        elasticache.exceptions.UserGroupNotFoundFault,
    )


def test_users_and_groups_name_each_other(place: Place, user: str, group: str) -> None:
    """And no password is told to anybody."""
    found = user_of(place, user)

    assert found["UserGroupIds"] == [group]
    assert group_of(place, group)["UserIds"] == [user]
    assert (found["Authentication"]["Type"], found["Authentication"]["PasswordCount"]) == ("password", 1)
    assert "p" * 16 not in str(found)


def test_users_are_found_in_any_case_and_by_filter(place: Place, elasticache: Any, user: str, group: str) -> None:
    """By id, by engine and by who is in no group of theirs; the ARNs say what each is."""
    by_id = [{"Name": "user-id", "Values": [user]}]
    (found,) = elasticache.describe_users(UserId=user.upper())["Users"]
    (listed,) = elasticache.describe_users(Filters=by_id)["Users"]
    (team,) = elasticache.describe_user_groups(UserGroupId=group.upper())["UserGroups"]

    assert found["UserId"] == listed["UserId"] == user
    assert found["ARN"].split(":")[5:] == ["user", user]
    assert team["ARN"].split(":")[5:] == ["usergroup", group]
    assert user_of(place, user)["Engine"] == "valkey"
    assert user not in [item["UserId"] for item in elasticache.describe_users(Engine="redis")["Users"]]


def test_members_come_and_go(place: Place, elasticache: Any, user: str, group: str, name: str) -> None:
    """A second user joins and leaves; whoever is not there is named with boto3's class of error."""
    other = f"{name}-2"
    elasticache.create_user(UserId=other, UserName=other, Engine="valkey", AccessString="off", Passwords=["q" * 16])
    user_of(place, other)
    elasticache.modify_user_group(UserGroupId=group, UserIdsToAdd=[other])
    joined = group_of(place, group)["UserIds"]
    elasticache.modify_user_group(UserGroupId=group, UserIdsToRemove=[other])
    left = group_of(place, group)["UserIds"]
    user_of(place, other)
    elasticache.delete_user(UserId=other)
    place.gone(lambda: elasticache.describe_users(UserId=other), elasticache.exceptions.UserNotFoundFault)

    assert (set(joined), left) == ({user, other}, [user])
    with pytest.raises(elasticache.exceptions.UserNotFoundFault):
        elasticache.modify_user_group(UserGroupId=group, UserIdsToAdd=[other])
    with pytest.raises(elasticache.exceptions.UserGroupNotFoundFault):
        elasticache.modify_user_group(UserGroupId=f"{group}-2", UserIdsToAdd=[user])


def test_rights_are_changed(place: Place, elasticache: Any, user: str) -> None:
    """Replaced whole, then added to."""
    elasticache.modify_user(UserId=user, AccessString="on ~app:* -@all +get")
    replaced = user_of(place, user)["AccessString"]
    elasticache.modify_user(UserId=user, AppendAccessString="+set")

    assert "+get" in replaced
    assert "+@read" not in replaced
    assert user_of(place, user)["AccessString"] == f"{replaced} +set"


def test_an_id_is_there_once(elasticache: Any, user: str) -> None:
    """A second one is refused, in any case of letters."""
    with pytest.raises(elasticache.exceptions.UserAlreadyExistsFault):
        elasticache.create_user(
            UserId=user.upper(), UserName="other", Engine="valkey", AccessString="on", Passwords=["p" * 16]
        )


def test_a_group_of_nobody_there(elasticache: Any, name: str) -> None:
    """Its users have to exist."""
    with pytest.raises(elasticache.exceptions.UserNotFoundFault):
        elasticache.create_user_group(UserGroupId=f"{name}-g", Engine="valkey", UserIds=[name])
