"""Rules of who reaches a serverless cache: networks, users, the public endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.model.access_string import masked, read
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.rule import Finding
from elasticache_kit.model.serverless_cache.identity import engine_of, is_major_version, number
from elasticache_kit.model.unknown import UndecidedError, known
from elasticache_kit.model.user import authentication_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elasticache_kit.model.serverless_cache.spec import ServerlessCacheSpec

CONNECTION_TYPES = ("vpc", "public")
NETWORK_TYPES = ("ipv4", "ipv6", "dual_stack")
# A user group that AWS has made for public caches, whose one user signs in with IAM.
IAM_USER_GROUP = "default.iam-user-group"
_FIRST_PUBLIC = (9,)
_FIRST_WITH_DATABASE_RULES = (9,)
_SUBNETS = (2, 3)


def connection_values(spec: ServerlessCacheSpec) -> Iterator[Finding]:
    """sl-connection-values."""
    value = known(spec.connection_type)
    if value is not None and value not in CONNECTION_TYPES:
        yield Finding("connection_type", value, f"it is one of {', '.join(CONNECTION_TYPES)}", "take one of them")


def network_type(spec: ServerlessCacheSpec) -> Iterator[Finding]:
    """sl-network-type."""
    value = known(spec.network_type)
    if value is not None and value not in NETWORK_TYPES:
        yield Finding("network_type", value, f"it is one of {', '.join(NETWORK_TYPES)}", "take one of them")


def public_engine(spec: ServerlessCacheSpec) -> Iterator[Finding]:
    """sl-public-engine."""
    if not _is_public(spec):
        return
    name, version = engine_of(spec), known(spec.major_engine_version)
    if name is not Engine.VALKEY:
        yield Finding("engine", name, "a public endpoint needs valkey 9 or newer", "take engine='valkey'")
    elif version is not None and is_major_version(name, version) and number(version) < _FIRST_PUBLIC:
        yield Finding(
            "major_engine_version",
            version,
            "a public endpoint needs valkey 9 or newer",
            "take major_engine_version='9'",
        )


def public_users(spec: ServerlessCacheSpec) -> Iterator[Finding]:
    """sl-public-iam-only."""
    if not _is_public(spec):
        return
    group = known(spec.user_group_id)
    if group is None:
        yield Finding(
            "user_group_id",
            None,
            "a public endpoint needs a user group whose users sign in with IAM",
            f"name one, for example {IAM_USER_GROUP!r}",
        )
        return
    for user in known(spec.user_group_users) or ():
        try:
            way = authentication_type(user)
        except UndecidedError:
            continue
        if way != "iam":
            yield Finding(
                "user_group_id",
                group,
                f"the user {user.user_id!r} does not sign in with IAM, as all users of a public endpoint do",
                "let it sign in with IAM, or leave it out of the user group",
            )


def public_network(spec: ServerlessCacheSpec) -> Iterator[Finding]:
    """sl-public-no-vpc."""
    if not _is_public(spec):
        return
    for name, value in (("subnet_ids", spec.subnet_ids), ("security_group_ids", spec.security_group_ids)):
        if isinstance(value, tuple) and value:
            yield Finding(name, value, "a public endpoint is outside of any VPC", "leave it out")


def subnets(spec: ServerlessCacheSpec) -> Iterator[Finding]:
    """sl-subnets-vpc."""
    given = known(spec.subnet_ids)
    if not given:
        return
    least, most = _SUBNETS
    if not least <= len(given) <= most:
        yield Finding(
            "subnet_ids", given, f"a serverless cache is in {least} or {most} subnets, not {len(given)}", "take 2 or 3"
        )
    zones = known(spec.subnet_zones)
    if zones is not None and len(set(zones)) < len(zones):
        yield Finding(
            "subnet_ids", given, "several of them are in one Availability Zone", "take one subnet in each zone"
        )


def security_group(spec: ServerlessCacheSpec) -> Iterator[Finding]:
    """sl-sg."""
    if not _is_public(spec) and not known(spec.security_group_ids):
        yield Finding(
            "security_group_ids",
            spec.security_group_ids,
            "the cache is in the default security group of the VPC, which all that has no other shares",
            "name a security group",
        )


def users_engine(spec: ServerlessCacheSpec) -> Iterator[Finding]:
    """sl-usergroup-engines."""
    if known(spec.user_group_id) is not None and engine_of(spec) is Engine.MEMCACHED:
        yield Finding("user_group_id", spec.user_group_id, "memcached has no users", "leave it out")


def users_of_redis(spec: ServerlessCacheSpec) -> Iterator[Finding]:
    """sl-usergroup-redis."""
    if known(spec.user_group_id) is None or engine_of(spec) is not Engine.REDIS:
        return
    if known(spec.user_group_engine) == Engine.VALKEY:
        yield Finding(
            "user_group_id",
            spec.user_group_id,
            "a redis cache takes user groups of redis, and this one is of valkey",
            "make the user group with engine='redis', or the cache with engine='valkey'",
        )


def access_string_databases(spec: ServerlessCacheSpec) -> Iterator[Finding]:
    """sl-access-string-db."""
    name, version = engine_of(spec), known(spec.major_engine_version)
    if version is None or not is_major_version(name, version) or known(spec.user_group_id) is None:
        return
    if name is Engine.VALKEY and number(version) >= _FIRST_WITH_DATABASE_RULES:
        return
    for user in known(spec.user_group_users) or ():
        if isinstance(user.access_string, str) and "databases" in read(user.access_string).needs:
            yield Finding(
                "user_group_id",
                spec.user_group_id,
                f"the access string {masked(user.access_string)!r} needs valkey 9.1 for its databases",
                "take engine='valkey' with major_engine_version='9', or rules without databases",
            )


def _is_public(spec: ServerlessCacheSpec) -> bool:
    return known(spec.connection_type) == "public"


CHECKS = {
    "sl-connection-values": connection_values,
    "sl-network-type": network_type,
    "sl-public-engine": public_engine,
    "sl-public-iam-only": public_users,
    "sl-public-no-vpc": public_network,
    "sl-subnets-vpc": subnets,
    "sl-sg": security_group,
    "sl-usergroup-engines": users_engine,
    "sl-usergroup-redis": users_of_redis,
    "sl-access-string-db": access_string_databases,
}
