"""User groups over the wire, and the replication groups that name them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.wire import Create, available, code, until

PASSWORD = "a-password-of-16+"  # noqa: S105 - no secret: it guards nothing


@pytest.fixture
def team(elasticache: Any) -> Any:
    """A client of a region with the users `app` and `ops` of valkey, and the group `team` of the first."""
    for user_id in ("app", "ops"):
        elasticache.create_user(
            UserId=user_id, UserName=user_id, Engine="valkey", AccessString="on ~* +@all", Passwords=[PASSWORD]
        )
    elasticache.create_user_group(UserGroupId="team", Engine="valkey", UserIds=["app"])
    active(elasticache)
    return elasticache


def active(elasticache: Any, group: str = "team") -> dict[str, Any]:
    """Wait until a user group is active and describe it."""
    return until(
        lambda: elasticache.describe_user_groups(UserGroupId=group)["UserGroups"][0],
        lambda seen: seen["Status"] == "active",
    )


def test_a_new_group_is_creating_and_then_active(elasticache: Any) -> None:
    """The answer says creating, with the members."""
    made = elasticache.create_user_group(UserGroupId="Team", Engine="redis", UserIds=["default"])

    assert (made["UserGroupId"], made["Status"], made["UserIds"]) == ("team", "creating", ["default"])
    assert active(elasticache)["MinimumEngineVersion"] == "6.0"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"Engine": "redis", "UserIds": ["nobody"]}, "UserNotFound"),
        ({"Engine": "redis"}, "DefaultUserRequired"),
        ({"Engine": "valkey", "UserIds": ["default"]}, "InvalidParameterValue"),
        ({"Engine": "redis", "UserIds": ["default", "app"]}, "InvalidParameterValue"),
        ({"Engine": "valkey", "UserIds": ["app", "APP"]}, "InvalidParameterValue"),
        ({"Engine": "valkey", "UserIds": ["app"], "UserGroupId": "TEAM"}, "UserGroupAlreadyExists"),
    ],
)
def test_members_that_do_not_fit_are_refused(team: Any, asked: dict[str, Any], expected: str) -> None:
    """Unknown, missing, without a password, of the wrong engine, twice, taken: AWS's codes."""
    with pytest.raises(ClientError) as caught:
        team.create_user_group(**{"UserGroupId": "other", **asked})

    assert code(caught) == expected


def test_two_users_of_one_name_do_not_share_a_group(team: Any) -> None:
    """Nobody could tell who signs in."""
    team.create_user(UserId="app2", UserName="app", Engine="valkey", AccessString="on ~* +@all", Passwords=[PASSWORD])

    with pytest.raises(ClientError) as caught:
        team.modify_user_group(UserGroupId="team", UserIdsToAdd=["app2"])

    assert code(caught) == "DuplicateUserName"


def test_a_change_shows_what_goes_on(team: Any) -> None:
    """Pending while it is modified, the new members afterwards."""
    changing = team.modify_user_group(UserGroupId="team", UserIdsToAdd=["ops"], UserIdsToRemove=["app"])

    assert changing["PendingChanges"] == {"UserIdsToRemove": ["app"], "UserIdsToAdd": ["ops"]}
    changed = active(team)
    assert (changed["UserIds"], changed["PendingChanges"]) == (["ops"], {})
    assert team.describe_users(UserId="app")["Users"][0]["UserGroupIds"] == []


@pytest.mark.parametrize("change", [{"UserIdsToAdd": ["app"]}, {"UserIdsToRemove": ["ops"]}, {}])
def test_a_change_that_changes_nothing_is_refused(team: Any, change: dict[str, Any]) -> None:
    """A member that is there, one that is not, or nothing at all."""
    with pytest.raises(ClientError) as caught:
        team.modify_user_group(UserGroupId="team", **change)

    assert code(caught).startswith("InvalidParameter")


def test_a_replication_group_names_its_users(team: Any, group: Create) -> None:
    """Both sides show each other, and the group of users stays while it is used."""
    group(UserGroupIds=["TEAM"])

    assert available(team)["UserGroupIds"] == ["team"]
    assert active(team)["ReplicationGroups"] == ["orders"]
    with pytest.raises(ClientError, match="still attached to orders") as caught:
        team.delete_user_group(UserGroupId="team")
    assert code(caught) == "InvalidUserGroupState"


def test_users_come_and_go_with_a_change(team: Any, group: Create) -> None:
    """What goes on is shown in PendingModifiedValues."""
    group()
    available(team)

    added = team.modify_replication_group(
        ReplicationGroupId="orders", UserGroupIdsToAdd=["team"], ApplyImmediately=True
    )["ReplicationGroup"]

    assert added["PendingModifiedValues"]["UserGroups"]["UserGroupIdsToAdd"] == ["team"]
    assert available(team)["UserGroupIds"] == ["team"]
    team.modify_replication_group(ReplicationGroupId="orders", RemoveUserGroups=True, ApplyImmediately=True)
    assert available(team)["UserGroupIds"] == []
    team.delete_user_group(UserGroupId="team")
    until(lambda: len(team.describe_user_groups()["UserGroups"]), lambda count: count == 1)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"UserGroupIds": ["none"]}, "UserGroupNotFound"),
        ({"UserGroupIds": ["team"], "TransitEncryptionEnabled": False}, "InvalidParameterCombination"),
        ({"UserGroupIds": ["team"], "Engine": "redis", "EngineVersion": "7.1"}, "InvalidParameterCombination"),
    ],
)
def test_a_group_that_does_not_fit_is_refused(team: Any, group: Create, asked: dict[str, Any], expected: str) -> None:
    """Unknown, without TLS, of valkey on redis."""
    del team
    with pytest.raises(ClientError) as caught:
        group(**asked)

    assert code(caught) in (expected, "InvalidParameterValue")
