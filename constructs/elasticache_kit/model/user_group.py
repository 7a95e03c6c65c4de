"""User groups: the users that a cache lets in.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elasticache_kit.model import identifier, quota
from elasticache_kit.model.rule import Finding, Rule, Violation, apply, join
from elasticache_kit.model.unknown import UndecidedError, Unknown, known
from elasticache_kit.model.user import DEFAULT, ENGINES, UserSpec, authentication_type, is_default

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class UserGroupSpec:
    """A user group; None is a property that is omitted, UNKNOWN one that only a deployment knows.

    The fields are the properties of AWS::ElastiCache::UserGroup in snake_case, and this, which is none:

    Args:
        users: the users whose ids `user_ids` lists, in any order; None where nothing is known of them.
    """

    user_group_id: str | Unknown | None = None
    engine: str | Unknown | None = None
    user_ids: tuple[str | Unknown, ...] | Unknown | None = None

    users: tuple[UserSpec, ...] | Unknown | None = None


def check(spec: UserGroupSpec) -> tuple[Violation, ...]:
    """Return everything that ElastiCache refuses or warns of in a user group, errors first."""
    return apply(RULES, spec)


def _required(spec: UserGroupSpec) -> Iterator[Finding]:
    for name in ("user_group_id", "engine", "user_ids"):
        if getattr(spec, name) is None:
            yield Finding(name, None, "every user group has it", f"give {name}")


def _user_group_id(spec: UserGroupSpec) -> Iterator[Finding]:
    name = known(spec.user_group_id)
    for problem in identifier.user_group_id(name) if name is not None else ():
        yield Finding(
            "user_group_id",
            name,
            f"the id {problem}",
            "take up to 40 ASCII letters, digits and hyphens, a letter first",
        )


def _engine(spec: UserGroupSpec) -> Iterator[Finding]:
    engine = known(spec.engine)
    if engine is not None and engine not in ENGINES:
        yield Finding("engine", engine, "a user group is of valkey or redis, in lower case", "take one of them")


def _default_user(spec: UserGroupSpec) -> Iterator[Finding]:
    if known(spec.engine) != "redis" or (users := known(spec.users)) is None:
        return
    names = [_name(user) for user in users]
    if DEFAULT not in names and not any(isinstance(name, Unknown) for name in names):
        yield Finding(
            "user_ids",
            spec.user_ids,
            "a user group of redis needs a user with the name default",
            "add one with user_name='default' that can do nothing, or the user with the id default",
        )


def _members_of_redis(spec: UserGroupSpec) -> Iterator[Finding]:
    if known(spec.engine) != "redis":
        return
    for user in known(spec.users) or ():
        if user.engine == "valkey":
            yield Finding(
                "user_ids",
                user.user_id,
                "this user is of valkey, and a user group of redis takes users of redis",
                "make the user group with engine='valkey', or the user with engine='redis'",
            )


def _members_of_valkey(spec: UserGroupSpec) -> Iterator[Finding]:
    if known(spec.engine) != "valkey":
        return
    for user in known(spec.users) or ():
        try:
            way = "no-password-required" if is_default(user) else authentication_type(user)
        except UndecidedError:
            continue
        if way == "no-password-required":
            yield Finding(
                "user_ids",
                user.user_id,
                "this user signs in without a password, and a user group of valkey takes no such user",
                "leave it out, or let it sign in with IAM or a password",
            )


def _unique_names(spec: UserGroupSpec) -> Iterator[Finding]:
    names = [name for user in known(spec.users) or () if isinstance(name := _name(user), str)]
    for name, times in Counter(names).items():
        if times > 1:
            yield Finding("user_ids", name, f"{times} users of the group have this user_name", "keep one of them")


def _size(spec: UserGroupSpec) -> Iterator[Finding]:
    users = known(spec.user_ids) or ()
    if len(users) > quota.USERS_PER_GROUP:
        yield Finding(
            "user_ids",
            users,
            f"{len(users)} users are above the default quota of {quota.USERS_PER_GROUP} in a user group",
            "take fewer, or ask AWS to raise the quota",
        )


def _name(user: UserSpec) -> str | Unknown | None:
    return DEFAULT if is_default(user) else user.user_name


RULES: tuple[Rule[UserGroupSpec], ...] = join(
    "user_group",
    {
        "group-required": _required,
        "usergroup-id": _user_group_id,
        "group-engine": _engine,
        "group-default-redis": _default_user,
        "group-members-redis": _members_of_redis,
        "group-members-valkey": _members_of_valkey,
        "group-unique-names": _unique_names,
        "group-size": _size,
    },
)
