"""Users and user groups, on the emulator and with --aws on AWS: there they cost nothing, and each is removed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

PATIENCE_SECONDS, POLL_SECONDS = 600, 0.5


def settled(describe: Callable[[], Any], wanted: str) -> Any:
    """Wait until something has a status, and return it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (found := describe())["Status"] != wanted:
        assert time.monotonic() < deadline, f"it never became {wanted}: {found}"
        time.sleep(POLL_SECONDS)
    return found


def user_of(elasticache: Any, user_id: str) -> Any:
    """Wait for a user to be active."""
    return settled(lambda: elasticache.describe_users(UserId=user_id)["Users"][0], "active")


def group_of(elasticache: Any, group_id: str) -> Any:
    """Wait for a user group to be active."""
    return settled(lambda: elasticache.describe_user_groups(UserGroupId=group_id)["UserGroups"][0], "active")


def gone(describe: Callable[[], Any], missing: type[Exception]) -> None:
    """Wait until something is not found any more."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            describe()
        except missing:
            return
        time.sleep(POLL_SECONDS)
    raise AssertionError("it is still there")


@pytest.fixture
def user(elasticache: Any, name: str) -> Iterator[str]:
    """The id of a user who signs in with a password."""
    elasticache.create_user(
        UserId=name, UserName=name, Engine="valkey", AccessString="on ~app:* +@read", Passwords=["p" * 16]
    )
    user_of(elasticache, name)
    yield name
    user_of(elasticache, name)
    elasticache.delete_user(UserId=name)
    gone(lambda: elasticache.describe_users(UserId=name), elasticache.exceptions.UserNotFoundFault)


@pytest.fixture
def group(elasticache: Any, user: str) -> Iterator[str]:
    """The id of a user group with that user."""
    group_id = f"{user}-g"
    elasticache.create_user_group(UserGroupId=group_id, Engine="valkey", UserIds=[user])
    group_of(elasticache, group_id)
    yield group_id
    group_of(elasticache, group_id)
    elasticache.delete_user_group(UserGroupId=group_id)
    gone(
        lambda: elasticache.describe_user_groups(UserGroupId=group_id),
        elasticache.exceptions.UserGroupNotFoundFault,
    )


def test_users_and_groups_name_each_other(elasticache: Any, user: str, group: str) -> None:
    """And no password is told to anybody."""
    found = user_of(elasticache, user)

    assert found["UserGroupIds"] == [group]
    assert group_of(elasticache, group)["UserIds"] == [user]
    assert (found["Authentication"]["Type"], found["Authentication"]["PasswordCount"]) == ("password", 1)
    assert "p" * 16 not in str(found)


def test_rights_are_changed(elasticache: Any, user: str) -> None:
    """Replaced whole, then added to."""
    elasticache.modify_user(UserId=user, AccessString="on ~app:* -@all +get")
    replaced = user_of(elasticache, user)["AccessString"]
    elasticache.modify_user(UserId=user, AppendAccessString="+set")

    assert "+get" in replaced
    assert "+@read" not in replaced
    assert user_of(elasticache, user)["AccessString"] == f"{replaced} +set"


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
