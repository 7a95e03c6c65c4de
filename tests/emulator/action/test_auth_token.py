"""AUTH tokens over the wire: set, rotated, left for users."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.wire import Create, available, code

FIRST, SECOND = "first-token-of-a-group", "second-token-of-a-group"


@pytest.fixture
def guarded(elasticache: Any, group: Create) -> Any:
    """A client of a region where `orders` takes an AUTH token."""
    group(AuthToken=FIRST)
    available(elasticache)
    return elasticache


def change(elasticache: Any, **request: Any) -> dict[str, Any]:
    """Change `orders` at once."""
    asked = {"ReplicationGroupId": "orders", "ApplyImmediately": True, **request}
    return elasticache.modify_replication_group(**asked)["ReplicationGroup"]


def test_a_token_is_told_and_not_shown(guarded: Any) -> None:
    """That there is one, and since when."""
    described = available(guarded)

    assert described["AuthTokenEnabled"] is True
    assert described["AuthTokenLastModifiedDate"]
    assert FIRST not in str(guarded.describe_replication_groups())


def test_a_token_is_rotated_in_and_then_set(guarded: Any) -> None:
    """The status of the token says which."""
    rotating = change(guarded, AuthToken=SECOND, AuthTokenUpdateStrategy="ROTATE")
    available(guarded)
    setting = change(guarded, AuthToken=SECOND, AuthTokenUpdateStrategy="SET")

    assert rotating["PendingModifiedValues"]["AuthTokenStatus"] == "ROTATING"
    assert setting["PendingModifiedValues"]["AuthTokenStatus"] == "SETTING"
    assert available(guarded)["PendingModifiedValues"] == {}


@pytest.mark.parametrize(
    "asked",
    [
        {"AuthToken": SECOND, "AuthTokenUpdateStrategy": "SET"},
        {"AuthTokenUpdateStrategy": "ROTATE"},
        {"AuthTokenUpdateStrategy": "DELETE"},
        {"AuthToken": "short", "AuthTokenUpdateStrategy": "ROTATE"},
    ],
)
def test_a_strategy_that_does_not_fit_is_refused(guarded: Any, asked: dict[str, str]) -> None:
    """SET without ROTATE, a strategy without a token, DELETE without users, a token that is no token."""
    with pytest.raises(ClientError) as caught:
        change(guarded, **asked)

    assert code(caught).startswith("InvalidParameter")
    assert available(guarded)["AuthTokenEnabled"] is True


def test_a_token_gives_way_to_users(guarded: Any) -> None:
    """DELETE goes together with the user group that takes over."""
    guarded.create_user_group(UserGroupId="team", Engine="redis", UserIds=["default"])

    change(guarded, AuthTokenUpdateStrategy="DELETE", UserGroupIdsToAdd=["team"])

    described = available(guarded)
    assert (described["AuthTokenEnabled"], described["UserGroupIds"]) == (False, ["team"])
