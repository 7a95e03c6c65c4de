"""How a scheduled drill signs in: with the AUTH token or the password that CodeBuild reads, or with IAM tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_codebuild as codebuild

from elasticache_kit.cdk.argument import violation
from elasticache_kit.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aws_cdk import aws_iam as iam

    from elasticache_kit.cdk.reference import ReplicationGroupReference
    from elasticache_kit.cdk.user import IUser
    from elasticache_kit.model.rule import Violation

_WAYS = ("iam", "password")


def mistakes(cache: ReplicationGroupReference, user: IUser | None) -> Iterator[Violation]:
    """Yield why a drill could not sign in to a cache."""
    if cache.sign_in.is_open:
        if user is not None:
            message = "the cache asks nobody to sign in"
            yield violation("cdk-drill-user", "user", user.node.path, message, "leave it out")
        return
    if user is None and cache.sign_in.secret is not None:
        return
    try:
        member = _member(cache, user)
    except ValidationError as error:
        # Its first line tells of how many problems; there is one, with its remedy on a line of its own.
        _, why, remedy = (line.strip() for line in str(error).splitlines())
        message = f"a drill signs in with a password or with IAM: {why.partition(': ')[2]}"
        yield violation(
            "cdk-drill-user", "user", None if user is None else user.node.path, message, remedy.partition("   [")[0]
        )
        return
    if member.user_name is None or (member.authentication_type == "password" and member.secret is None):
        message = "the name or the secret of this user is not known"
        remedy = "give user_name and secret where it is imported"
        yield violation("cdk-drill-user", "user", member.node.path, message, remedy)


def sign_in(
    cache: ReplicationGroupReference, user: IUser | None, grantee: iam.Role
) -> Mapping[str, codebuild.BuildEnvironmentVariable]:
    """Return the variables that a drill signs in with, and let its role read the password or connect with IAM.

    CodeBuild reads a password itself, and masks it in its log.
    """
    if cache.sign_in.is_open:
        return {}
    secret, name = cache.sign_in.secret, None
    if user is not None or secret is None:
        member = _member(cache, user)
        secret, name = member.secret, member.user_name
        if member.authentication_type == "iam":
            cache.grants.connect(grantee, user=member)
            return {"ELASTICACHE_KIT_IAM_USER": codebuild.BuildEnvironmentVariable(value=name)}
    if secret is None:
        return {}
    secret.grant_read(grantee)
    password = codebuild.BuildEnvironmentVariable(
        type=codebuild.BuildEnvironmentVariableType.SECRETS_MANAGER, value=f"{secret.secret_arn}:password"
    )
    named = {"ELASTICACHE_KIT_USER": codebuild.BuildEnvironmentVariable(value=name)} if name else {}
    return {"ELASTICACHE_KIT_PASSWORD": password, **named}


def _member(cache: ReplicationGroupReference, user: IUser | None) -> IUser:
    """Return whom a drill signs in as; where nobody says, a user with a password goes before one with IAM.

    Raises:
        ValidationError: there is no such user, or there are several.
    """
    path, members = cache.node.path, cache.sign_in
    if user is not None:
        return members.member(path, user, types=_WAYS)
    known = members.user_group.users if members.user_group is not None else None
    with_password = any(member.authentication_type == "password" for member in known or ())
    return members.member(path, None, types=("password",) if with_password else _WAYS)
