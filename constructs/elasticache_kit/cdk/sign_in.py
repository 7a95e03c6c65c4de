"""SignIn: how clients sign in to one cache, once everything that it takes is made or known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_cdk import aws_iam as iam

from elasticache_kit.cdk.acknowledgement import acknowledge_users
from elasticache_kit.cdk.argument import violation
from elasticache_kit.cdk.password import password_reference
from elasticache_kit.cdk.secret_rotation import Rotation, SecretRotation
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.rule import describe
from elasticache_kit.model.unknown import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from aws_cdk import aws_ec2 as ec2
    from aws_cdk.aws_elasticache import CfnReplicationGroup
    from aws_cdk.aws_secretsmanager import ISecret
    from constructs import Construct

    from elasticache_kit.cdk.endpoint import Endpoint
    from elasticache_kit.cdk.user import AuthenticationType, IUser
    from elasticache_kit.cdk.user_group import IUserGroup


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """How clients sign in to a cache: as users of a group, or with an AUTH token; nobody has to where both are None.

    Args:
        user_group: the users.
        secret: the secret whose `password` is the AUTH token.
        rotation: how often the token is replaced. Default: never.
    """

    user_group: IUserGroup | None = None
    secret: ISecret | None = None
    rotation: Rotation | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody has to sign in."""
        return self.user_group is None and self.secret is None

    @property
    def user_group_id(self) -> str | None:
        """The id of the user group, for a serverless cache."""
        return None if self.user_group is None else self.user_group.user_group_id

    def spec(self) -> dict[str, Any]:
        """Return what the ReplicationGroupSpec of a cache says of it."""
        if self.user_group is None:
            return {} if self.secret is None else {"auth_token": UNKNOWN}
        known = self.user_group.spec
        known_id = known.user_group_id
        return {
            # Its path stands in for an id that only a deployment knows.
            "user_group_ids": (self.user_group.node.path if known_id is UNKNOWN else known_id,),
            "user_group_engine": known.engine,
            "user_group_users": known.users,
        }

    def properties(self) -> dict[str, Any]:
        """Return what a CfnReplicationGroup says of it."""
        if self.user_group is not None:
            return {"user_group_ids": [self.user_group.user_group_id]}
        return {} if self.secret is None else {"auth_token": password_reference(self.secret)}

    def acknowledge(self, resource: CfnReplicationGroup) -> None:
        """Answer cdk-nag, whose rule on authentication knows AUTH tokens only."""
        if self.user_group is not None:
            acknowledge_users(resource)

    def rotate(
        self,
        scope: Construct,
        *,
        replication_group_id: str,
        replication_group_arn: str,
        endpoint: Callable[[], Endpoint],
        connections: ec2.Connections,
    ) -> None:
        """Make the function that replaces the AUTH token, where there is one that is to be replaced.

        The endpoint is asked for only where the function signs in; an import may not know it.
        """
        if self.secret is None or self.rotation is None or not self.rotation.enabled:
            return
        target = {"REPLICATION_GROUP_ID": replication_group_id}
        if self.rotation.vpc is not None:
            where = endpoint()
            target |= {"ENDPOINT": where.address, "PORT": where.port_text}
        SecretRotation(
            scope,
            "AuthTokenRotation",
            secret=self.secret,
            rotation=self.rotation,
            target=target,
            statements=[
                iam.PolicyStatement(
                    actions=["elasticache:DescribeReplicationGroups", "elasticache:ModifyReplicationGroup"],
                    resources=[replication_group_arn],
                )
            ],
            client_of=connections,
        )

    def member(self, path: str, user: IUser | None, *, types: Collection[AuthenticationType]) -> IUser:
        """Return the user to sign in as: the one asked for, else the only one that signs in in one of these ways.

        Raises:
            ValidationError: there is no such user, there are several, or the one asked for is not in the user group.
        """
        group, ways = self.user_group, " or ".join(sorted(types))
        members = None if group is None else group.users
        if user is None:
            candidates = [member for member in members or () if member.authentication_type in types]
            if len(candidates) == 1:
                return candidates[0]
            message, remedy = _why_not_one(group, candidates, ways)
        elif group is None:
            message, remedy = "the cache has no user group", "leave user out, or give the cache a user group"
        elif user.authentication_type not in types:
            message, remedy = f"it signs in with {user.authentication_type}, not with {ways}", "take another user"
        elif members is not None and not any(_same(user, member) for member in members):
            message, remedy = f"it is not in the user group {group.node.path}", "add it to the group, or take one of it"
        else:
            return user
        mistake = violation("cdk-user-of-cache", "user", None if user is None else user.node.path, message, remedy)
        raise ValidationError(describe(path, [mistake]))


def _why_not_one(group: IUserGroup | None, candidates: list[IUser], ways: str) -> tuple[str, str]:
    if group is None:
        return "the cache has no user group", "give it one, with Authentication.iam() for example"
    if group.users is None:
        return "the users of the cache are not known", "say which one, or give users where the user group is imported"
    if not candidates:
        return f"the cache has no user that signs in with {ways}", "add one to its user group"
    paths = ", ".join(user.node.path for user in candidates)
    return f"several users of the cache sign in with {ways}: {paths}", "say which one"


def _same(one: IUser, other: IUser) -> bool:
    """Tell whether two constructs are one user: the same construct, or the same id."""
    return one is other or one.user_id == other.user_id or _known_id(one) == _known_id(other) is not None


def _known_id(user: IUser) -> str | None:
    known = user.spec.user_id
    return known if isinstance(known, str) else None
