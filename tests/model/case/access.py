"""Who may use a replication group: of each rule one that breaks it, and one that keeps to it by a hair."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from elasticache_kit.model.unknown import UNKNOWN
from tests.model.case.replication_group import GROUP, OLD, REDIS
from tests.model.case.user import IAM, USER

if TYPE_CHECKING:
    from elasticache_kit.model.replication_group import ReplicationGroupSpec
    from elasticache_kit.model.user import UserSpec

TOKEN = "a-Token-of-16-ch"  # noqa: S105 # it opens nothing
WITH_TOKEN = replace(GROUP, auth_token=TOKEN)
WITH_USERS = replace(GROUP, user_group_ids=("people",))


def users(version: str, *found: UserSpec, engine: str = "redis") -> ReplicationGroupSpec:
    """Return a group with a user group of some users."""
    return replace(REDIS, engine=engine, engine_version=version, user_group_ids=("people",), user_group_users=found)


def rights(text: str) -> UserSpec:
    """Return a user with an access string."""
    return replace(USER, access_string=text)


CASES: dict[str, tuple[ReplicationGroupSpec, ReplicationGroupSpec]] = {
    "rg-auth-needs-tls": (
        replace(GROUP, auth_token=UNKNOWN, transit_encryption_enabled=False),
        replace(GROUP, auth_token=UNKNOWN),
    ),
    "rg-auth-format": (replace(GROUP, auth_token=TOKEN[:15]), WITH_TOKEN),
    "rg-auth-engine": (
        replace(OLD, transit_encryption_enabled=True, engine_version="4.0.9", auth_token=TOKEN),
        replace(OLD, transit_encryption_enabled=True, engine_version="4.0.10", auth_token=TOKEN),
    ),
    "rg-auth-xor-usergroup": (replace(WITH_TOKEN, user_group_ids=("people",)), WITH_TOKEN),
    "rg-tls-preferred-no-auth": (
        replace(WITH_TOKEN, transit_encryption_mode="preferred"),
        replace(WITH_TOKEN, transit_encryption_mode="required"),
    ),
    "rg-usergroup-needs-tls": (replace(WITH_USERS, transit_encryption_enabled=False), WITH_USERS),
    "rg-usergroup-one": (replace(GROUP, user_group_ids=("people", UNKNOWN)), WITH_USERS),
    "rg-usergroup-engine-version": (users("5.0.6"), users("6.0")),
    "rg-usergroup-engine-match": (
        replace(users("7.1"), user_group_engine="valkey"),
        replace(users("9.0", engine="valkey"), user_group_engine="redis"),
    ),
    "user-iam-versions": (users("6.2", IAM), users("7.0", IAM)),
    "user-access-string-62": (users("6.0", rights("on &news")), users("6.2", rights("on &news"))),
    "user-access-string-70": (users("6.2", rights("on (%R~a +get)")), users("7.0", rights("on (%R~a +get)"))),
    "user-access-string-db": (
        users("9.0", rights("on db=0"), engine="valkey"),
        users("9.1", rights("on db=0"), engine="valkey"),
    ),
}
