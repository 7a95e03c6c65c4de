"""UserGroup: the users that a cache lets in."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from aws_cdk import ArnFormat, Resource, Stack
from aws_cdk import aws_elasticache as elasticache
from aws_cdk.interfaces.aws_elasticache import UserGroupReference
from constructs import Construct

from elasticache_kit.cdk.argument import at_synth, construct_path, typed, warn
from elasticache_kit.cdk.name import lower_case, unique_name
from elasticache_kit.cdk.user import IUser
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.identifier import LONGEST_USER_ID
from elasticache_kit.model.rule import Violation, describe, refuse
from elasticache_kit.model.unknown import UNKNOWN, Unknown
from elasticache_kit.model.user import UserSpec
from elasticache_kit.model.user_group import UserGroupSpec, check

# What a cache that has a group says of other users of it.
Judge = Callable[[tuple[UserSpec, ...] | Unknown | None], Iterable[Violation]]

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
    @abstractmethod
    def spec(self) -> UserGroupSpec:
        """The group as the rulebook sees it, UNKNOWN where only a deployment knows."""

    @property
    def user_group_ref(self) -> UserGroupReference:
        """The group as other constructs of the CDK refer to it."""
        return UserGroupReference(user_group_id=self.user_group_id, user_group_arn=self.user_group_arn)

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
        given_id = lower_case(user_group_id)
        spec = _spec(given_id, engine, users)
        warnings = refuse(construct_path(scope, construct_id), check(spec))

        super().__init__(scope, construct_id)
        known_id = unique_name(self, LONGEST_USER_ID) if given_id is None else given_id
        self._spec = replace(spec, user_group_id=at_synth(known_id))
        self._engine = engine
        self._users = tuple(users)
        self._caches: dict[str, Judge] = {}
        self._resource = elasticache.CfnUserGroup(
            self,
            "Resource",
            user_group_id=known_id,
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
            ValidationError: ElastiCache would refuse the group with this user, or a cache that has the group already.
        """
        users = (*self._users, user)
        spec = replace(_spec(None, self._engine, users), user_group_id=self._spec.user_group_id)
        found = {self.node.path: check(spec)}
        found |= {path: tuple(judge(spec.users)) for path, judge in self._caches.items()}
        _refuse_all(found)
        warnings = found[self.node.path]
        self._spec = spec
        self._users = users
        self._resource.user_ids = [member.user_id for member in users]
        warn(self, warnings)

    def admit(self, path: str, judge: Judge) -> None:
        """Note a cache that has this group: it has a say in who is added.

        Args:
            path: the path of the cache.
            judge: what the rulebook says of the cache with other users in the group.
        """
        self._caches[path] = judge

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

    @property
    def spec(self) -> UserGroupSpec:
        """The group as the rulebook sees it."""
        return self._spec


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
        self._user_group_id = lower_case(user_group_id)
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

    @property
    def spec(self) -> UserGroupSpec:
        return _spec(self._user_group_id, self._engine, self._users)


def _spec(user_group_id: str | None, engine: Engine | None, users: Sequence[IUser] | None) -> UserGroupSpec:
    """Describe a group to the rulebook."""
    specs = UNKNOWN if users is None else tuple(user.spec for user in users)
    return UserGroupSpec(
        user_group_id=UNKNOWN if user_group_id is None else at_synth(user_group_id),
        engine=UNKNOWN if engine is None else engine.value,
        user_ids=UNKNOWN if users is None else tuple(at_synth(_known_id(user)) for user in users),
        users=specs,
    )


def _refuse_all(found: Mapping[str, tuple[Violation, ...]]) -> None:
    """Raise one error with all that has errors, each under its path."""
    refused = {path: items for path, items in found.items() if any(item.level == "error" for item in items)}
    if refused:
        raise ValidationError("\n".join(describe(path, items) for path, items in refused.items()))


def _known_id(user: IUser) -> str:
    """Return the id as text where it is known at synth, else as a token."""
    known = user.spec.user_id
    return known if isinstance(known, str) else user.user_id
