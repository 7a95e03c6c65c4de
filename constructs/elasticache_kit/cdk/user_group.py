"""UserGroup: the users that a cache lets in."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from aws_cdk import ArnFormat, Resource, Stack
from aws_cdk import aws_elasticache as elasticache
from constructs import Construct

from elasticache_kit.cdk.argument import at_synth, construct_path, typed, warn
from elasticache_kit.cdk.user import IUser, folded, made_up_id
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.rule import Violation, refuse
from elasticache_kit.model.unknown import UNKNOWN
from elasticache_kit.model.user_group import UserGroupSpec, check

# AWS's own group of IAM users, see "Public endpoints" of serverless caches.
DEFAULT_IAM_USER_GROUP = "default.iam-user-group"


class IUserGroup(Resource, ABC):
    """A user group, made here or imported."""

    @property
    @abstractmethod
    def user_group_id(self) -> str:
        """The id, which a cache refers to."""

    @property
    @abstractmethod
    def engine(self) -> Engine | None:
        """Its engine; None where the group is imported and nobody told."""

    @property
    @abstractmethod
    def users(self) -> tuple[IUser, ...] | None:
        """Its users; None where the group is imported and nobody told."""

    @property
    def user_group_arn(self) -> str:
        """Its ARN."""
        return Stack.of(self).format_arn(
            service="elasticache",
            resource="usergroup",
            resource_name=self.user_group_id,
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )


class UserGroup(IUserGroup):
    """Makes an AWS::ElastiCache::UserGroup: the users that a cache lets in. A cache takes one.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html

    Args:
        scope: the construct that this one is part of.
        construct_id: its id in that scope.
        users: the users, 1 to 100, each with a name of its own. A group of Redis OSS needs one called `default`:
            NoPasswordUser(self, "DefaultUser", user_name="default") is one that nobody signs in as.
        engine: the engine; a Redis OSS cache takes only groups of Redis OSS, a Valkey cache takes both. Default:
            Valkey.
        user_group_id: the id, ASCII letters, digits and hyphens, made lower case. Default: one that is unique.

    Raises:
        ValidationError: an argument has the wrong type, or ElastiCache would refuse the group; the message lists every
            mistake.
    """

    @typed
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        users: Sequence[IUser],
        engine: Engine = Engine.VALKEY,
        user_group_id: str | None = None,
    ) -> None:
        given_id = None if user_group_id is None else folded(user_group_id)
        warnings = _check(construct_path(scope, construct_id), given_id, engine, users)

        super().__init__(scope, construct_id)
        self._given_id = given_id
        self._engine = engine
        self._users = tuple(users)
        self._resource = elasticache.CfnUserGroup(
            self,
            "Resource",
            user_group_id=made_up_id(self) if given_id is None else given_id,
            engine=engine.value,
            user_ids=[user.user_id for user in users],
        )
        warn(self, warnings)

    @staticmethod
    @typed
    def from_user_group_id(
        scope: Construct,
        construct_id: str,
        user_group_id: str,
        *,
        engine: Engine | None = None,
        users: Sequence[IUser] | None = None,
    ) -> IUserGroup:
        """Import a user group that exists.

        Args:
            scope: the construct that this one is part of.
            construct_id: its id in that scope.
            user_group_id: its id.
            engine: its engine. Default: unknown, and no rule that needs it speaks.
            users: its users. Default: unknown, and nothing checks that a user is one of them.
        """
        return _ImportedUserGroup(scope, construct_id, user_group_id, engine, users)

    @staticmethod
    @typed
    def from_default_iam_user_group(scope: Construct, construct_id: str) -> IUserGroup:
        """Import AWS's own group of IAM users, which a serverless cache with a public endpoint may have."""
        return _ImportedUserGroup(scope, construct_id, DEFAULT_IAM_USER_GROUP, Engine.VALKEY, None)

    @typed
    def add_user(self, user: IUser) -> None:
        """Add a user.

        Raises:
            ValidationError: ElastiCache would refuse the group with this user.
        """
        users = (*self._users, user)
        warnings = _check(self.node.path, self._given_id, self._engine, users)
        self._users = users
        self._resource.user_ids = [member.user_id for member in users]
        warn(self, warnings)

    @property
    def user_group_id(self) -> str:
        """The id, which a cache refers to."""
        return self._resource.ref

    @property
    def user_group_arn(self) -> str:
        """Its ARN."""
        return self._resource.attr_arn

    @property
    def engine(self) -> Engine | None:
        """Its engine."""
        return self._engine

    @property
    def users(self) -> tuple[IUser, ...] | None:
        """Its users."""
        return self._users


class _ImportedUserGroup(IUserGroup):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        user_group_id: str,
        engine: Engine | None,
        users: Sequence[IUser] | None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._user_group_id = folded(user_group_id)
        self._engine = engine
        self._users = None if users is None else tuple(users)

    @property
    def user_group_id(self) -> str:
        return self._user_group_id

    @property
    def engine(self) -> Engine | None:
        return self._engine

    @property
    def users(self) -> tuple[IUser, ...] | None:
        return self._users


def _check(path: str, user_group_id: str | None, engine: Engine, users: Sequence[IUser]) -> tuple[Violation, ...]:
    """Ask the rulebook about a group, and return what it only warns of."""
    specs = tuple(user.spec for user in users)
    ids = tuple(UNKNOWN if spec.user_id is None else spec.user_id for spec in specs)
    return refuse(
        path,
        check(
            UserGroupSpec(
                user_group_id=UNKNOWN if user_group_id is None else at_synth(user_group_id),
                engine=engine.value,
                user_ids=ids,
                users=specs,
            )
        ),
    )
