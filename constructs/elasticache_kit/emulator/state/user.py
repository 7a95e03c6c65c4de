"""Users and user groups."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

# What every account has: `default` may do everything without a password, the others are of the service, for public
# serverless caches.
BUILT_IN_USERS = ("default", "default.iam-user")
BUILT_IN_USER_GROUP = "default.iam-user-group"


@dataclass(slots=True)
class User:
    """A user: who signs in to a cache, how, and with which rights.

    Args:
        user_id: its id, in lower case.
        user_name: what it signs in as.
        arn: its ARN.
        engine: `valkey` or `redis`.
        access_string: its rights, in the language of ACL SETUSER.
        authentication_type: `password`, `no-password` or `iam`.
        password_hashes: SHA-256 of each password in hexadecimal, which is what ACL SETUSER takes after a `#`.
        status: `active`, `modifying` or `deleting`.
    """

    user_id: str
    user_name: str
    arn: str
    engine: str
    access_string: str
    authentication_type: str
    password_hashes: tuple[str, ...] = field(default=(), repr=False)
    status: str = "active"


@dataclass(slots=True)
class UserGroup:
    """A user group: the users that a cache lets in.

    Args:
        user_group_id: its id, in lower case.
        arn: its ARN.
        engine: `valkey` or `redis`.
        user_ids: its members.
        adding: the users that a change which goes on adds.
        removing: the users that it takes away.
        status: `creating`, `active`, `modifying` or `deleting`.
    """

    user_group_id: str
    arn: str
    engine: str
    user_ids: list[str]
    adding: tuple[str, ...] = ()
    removing: tuple[str, ...] = ()
    status: str = "creating"


def built_in(arn: Callable[[str, str], str]) -> tuple[tuple[User, ...], UserGroup]:
    """Return the users and the user group that every account has.

    Args:
        arn: makes an ARN of a kind and a name.
    """
    default, iam = BUILT_IN_USERS
    users = (
        User(default, default, arn("user", default), "redis", "on ~* +@all", "no-password"),
        User(iam, iam, arn("user", iam), "valkey", "on ~* +@all", "iam"),
    )
    group = UserGroup(BUILT_IN_USER_GROUP, arn("usergroup", BUILT_IN_USER_GROUP), "valkey", [iam], status="active")
    return users, group
