"""Rules of the AUTH token and of the user group."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elasticache_kit.model import quota
from elasticache_kit.model.access_string import FIRST_VERSIONS, masked, read
from elasticache_kit.model.engine import Engine, EngineVersion
from elasticache_kit.model.replication_group import effective
from elasticache_kit.model.rule import HIDDEN, Finding
from elasticache_kit.model.unknown import UndecidedError, known
from elasticache_kit.model.user import authentication_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from elasticache_kit.model.replication_group.spec import ReplicationGroupSpec
    from elasticache_kit.model.user import UserSpec

SHORTEST_TOKEN = 16
LONGEST_TOKEN = 128
_TOKEN = re.compile(r"[A-Za-z0-9!&#$^<>-]*")


def token_needs_tls(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-auth-needs-tls."""
    if _has_token(spec) and not effective.transit_encryption(spec):
        yield Finding(
            "transit_encryption_enabled",
            spec.transit_encryption_enabled,
            "an AUTH token needs TLS",
            "set transit_encryption_enabled=True",
        )


def token_format(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-auth-format."""
    token = known(spec.auth_token)
    if token is None:
        return
    if not SHORTEST_TOKEN <= len(token) <= LONGEST_TOKEN:
        yield Finding(
            "auth_token",
            HIDDEN,
            f"it has {len(token)} characters, and {SHORTEST_TOKEN} to {LONGEST_TOKEN} are allowed",
            "take a longer one" if len(token) < SHORTEST_TOKEN else "take a shorter one",
        )
    if not _TOKEN.fullmatch(token):
        yield Finding(
            "auth_token",
            HIDDEN,
            "it holds something else than ASCII letters, digits and ! & # $ ^ < > -",
            "take another one",
        )


def token_engine(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-auth-engine."""
    if _has_token(spec) and not (version := effective.version(spec)).supports("auth_token"):
        yield Finding(
            "auth_token", HIDDEN, f"it needs valkey, or redis from 4.0.10 on, not {version}", "take a newer version"
        )


def token_or_users(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-auth-xor-usergroup."""
    if _has_token(spec) and known(spec.user_group_ids):
        yield Finding(
            "user_group_ids",
            spec.user_group_ids,
            "there is an AUTH token too, and users sign in either way, not both",
            "leave out one of the two",
        )


def not_with_preferred(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-tls-preferred-no-auth."""
    if known(spec.transit_encryption_mode) == "preferred" and (_has_token(spec) or known(spec.user_group_ids)):
        yield Finding(
            "transit_encryption_mode",
            "preferred",
            "with an AUTH token or a user group all clients must speak TLS",
            "set transit_encryption_mode='required'",
        )


def users_need_tls(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-usergroup-needs-tls."""
    if known(spec.user_group_ids) and not effective.transit_encryption(spec):
        yield Finding(
            "transit_encryption_enabled",
            spec.transit_encryption_enabled,
            "a user group needs TLS",
            "set transit_encryption_enabled=True",
        )


def one_user_group(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-usergroup-one."""
    groups = known(spec.user_group_ids) or ()
    if len(groups) > quota.USER_GROUPS_PER_REPLICATION_GROUP:
        yield Finding(
            "user_group_ids",
            groups,
            f"a replication group has {quota.USER_GROUPS_PER_REPLICATION_GROUP} user group, not {len(groups)}",
            "put all users into one user group",
        )


def users_engine_version(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-usergroup-engine-version."""
    if known(spec.user_group_ids) and not (version := effective.version(spec)).supports("rbac"):
        yield Finding(
            "user_group_ids",
            spec.user_group_ids,
            f"user groups need valkey 7.2 or redis 6.0, not {version}",
            "take a newer engine_version",
        )


def users_engine(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """rg-usergroup-engine-match."""
    if not known(spec.user_group_ids):
        return
    if effective.engine(spec) is Engine.REDIS and known(spec.user_group_engine) == Engine.VALKEY:
        yield Finding(
            "user_group_ids",
            spec.user_group_ids,
            "a redis cache takes user groups of redis, and this one is of valkey",
            "make the user group with engine='redis', or the cache with engine='valkey'",
        )


def iam_versions(spec: ReplicationGroupSpec) -> Iterator[Finding]:
    """user-iam-versions."""
    for user in _users(spec):
        if _authentication_type(user) == "iam" and not (version := effective.version(spec)).supports("iam_auth"):
            yield Finding(
                "user_group_ids",
                spec.user_group_ids,
                f"IAM authentication needs valkey 7.2 or redis 7.0, not {version}",
                "take a newer engine_version, or users with passwords",
            )
            return


def _access_string(*needs: str) -> Callable[[ReplicationGroupSpec], Iterator[Finding]]:
    """Return the check that the engine version has what the access strings of the users need."""

    def check(spec: ReplicationGroupSpec) -> Iterator[Finding]:
        for user in _users(spec):
            if not isinstance(user.access_string, str):
                continue
            version = effective.version(spec)
            for need in sorted(read(user.access_string).needs.intersection(needs)):
                first = FIRST_VERSIONS[need].get(version.engine)
                if first is None or version < EngineVersion.of(version.engine, first):
                    has = " or ".join(f"{engine} {text}" for engine, text in FIRST_VERSIONS[need].items())
                    yield Finding(
                        "user_group_ids",
                        spec.user_group_ids,
                        f"the access string {masked(user.access_string)!r} needs {has} for its {need}, not {version}",
                        "take a newer engine_version, or rules that the version knows",
                    )

    return check


def _has_token(spec: ReplicationGroupSpec) -> bool:
    """Tell whether there is a token; one whose text is UNKNOWN is there."""
    return spec.auth_token is not None


def _users(spec: ReplicationGroupSpec) -> tuple[UserSpec, ...]:
    return (known(spec.user_group_users) or ()) if known(spec.user_group_ids) else ()


def _authentication_type(user: UserSpec) -> str | None:
    try:
        return authentication_type(user)
    except UndecidedError:
        return None


CHECKS = {
    "rg-auth-needs-tls": token_needs_tls,
    "rg-auth-format": token_format,
    "rg-auth-engine": token_engine,
    "rg-auth-xor-usergroup": token_or_users,
    "rg-tls-preferred-no-auth": not_with_preferred,
    "rg-usergroup-needs-tls": users_need_tls,
    "rg-usergroup-one": one_user_group,
    "rg-usergroup-engine-version": users_engine_version,
    "rg-usergroup-engine-match": users_engine,
    "user-iam-versions": iam_versions,
    "user-access-string-62": _access_string("channels"),
    "user-access-string-70": _access_string("key permissions", "selectors", "subcommands"),
    "user-access-string-db": _access_string("databases"),
}
