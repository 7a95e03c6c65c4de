"""User groups: of each rule one that breaks it, and one that keeps to it by a hair."""

from __future__ import annotations

from dataclasses import replace

from elasticache_kit.model.unknown import UNKNOWN
from elasticache_kit.model.user import UserSpec
from elasticache_kit.model.user_group import UserGroupSpec
from tests.model.case.user import OPEN, USER

DEFAULT = UserSpec(
    user_id="default",
    user_name=UNKNOWN,
    engine=UNKNOWN,
    access_string=UNKNOWN,
    authentication_mode=UNKNOWN,
    passwords=UNKNOWN,
    no_password_required=UNKNOWN,
)
USER_GROUP = UserGroupSpec(user_group_id="people", engine="valkey", user_ids=("anna",), users=(USER,))
REDIS = replace(USER_GROUP, engine="redis")


def members(group: UserGroupSpec, *users: UserSpec) -> UserGroupSpec:
    """Return a user group with some users."""
    return replace(group, user_ids=tuple(str(user.user_id) for user in users), users=users)


CASES: dict[str, tuple[UserGroupSpec, UserGroupSpec]] = {
    "group-required": (replace(USER_GROUP, user_ids=None), replace(USER_GROUP, user_ids=())),
    "usergroup-id": (replace(USER_GROUP, user_group_id="p" * 41), replace(USER_GROUP, user_group_id="p" * 40)),
    "group-engine": (replace(USER_GROUP, engine="memcached"), USER_GROUP),
    "group-default-redis": (members(REDIS, replace(USER, engine="redis")), members(REDIS, DEFAULT)),
    "group-members-redis": (
        members(REDIS, DEFAULT, USER),
        members(REDIS, DEFAULT, replace(USER, engine="redis")),
    ),
    "group-members-valkey": (
        members(USER_GROUP, replace(OPEN, engine="redis")),
        members(USER_GROUP, replace(USER, engine="redis")),
    ),
    "group-unique-names": (
        members(USER_GROUP, USER, replace(USER, user_id="bert")),
        members(USER_GROUP, USER, replace(USER, user_id="bert", user_name="bert")),
    ),
    "group-size": (
        replace(USER_GROUP, user_ids=("anna",) * 101, users=None),
        replace(USER_GROUP, user_ids=("anna",) * 100, users=None),
    ),
}
