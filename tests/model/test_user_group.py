"""User groups, beyond the one spec on each side of every rule."""

from __future__ import annotations

from dataclasses import replace

from elasticache_kit.model.unknown import UNKNOWN
from elasticache_kit.model.user import UserSpec
from elasticache_kit.model.user_group import UserGroupSpec, check
from tests.model.case.user import USER
from tests.model.case.user_group import DEFAULT, REDIS, USER_GROUP, members

IMPORTED = replace(DEFAULT, user_id="imported")


def problems(spec: UserGroupSpec) -> list[str]:
    """Return the rules that a user group breaks."""
    return [violation.rule_id for violation in check(spec)]


def test_the_user_default_of_aws_is_known_by_its_id() -> None:
    """It is of redis, needs no password, and is called default."""
    assert problems(members(REDIS, DEFAULT)) == []
    assert problems(members(USER_GROUP, DEFAULT)) == ["group-members-valkey"]
    assert problems(members(REDIS, DEFAULT, replace(USER, engine="redis", user_name="default"))) == [
        "group-unique-names"
    ]


def test_imported_users_are_not_judged() -> None:
    """One of them may be called default, and two may have different names."""
    assert problems(members(REDIS, IMPORTED)) == []
    assert problems(members(USER_GROUP, IMPORTED, replace(IMPORTED, user_id="another"))) == []


def test_a_group_of_redis_without_users_lacks_the_default_user() -> None:
    """Nothing is made up for it."""
    assert problems(members(REDIS)) == ["group-default-redis"]


def test_a_group_whose_users_nobody_knows_is_not_judged() -> None:
    """Ids say nothing about users."""
    assert problems(replace(REDIS, users=None)) == []
    assert problems(replace(REDIS, users=UNKNOWN)) == []


def test_every_wrong_user_is_named() -> None:
    """The value is the id of the user."""
    others = [replace(USER, user_id=name, user_name=name) for name in ("bert", "carl")]
    found = check(members(REDIS, DEFAULT, *others))

    assert [(violation.rule_id, violation.value) for violation in found] == [
        ("group-members-redis", "bert"),
        ("group-members-redis", "carl"),
    ]


def test_aws_answers_with_a_code_where_the_default_user_is_missing() -> None:
    """The emulator answers so too."""
    (found,) = check(members(REDIS, UserSpec(user_id="bert", user_name="bert", engine="redis")))

    assert found.aws_code == "DefaultUserRequired"
    assert found.aws_message == "User group needs to contain a user with the user name default."
