"""Authentication: how clients sign in to a cache, as one argument of the cache."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from elasticache_kit.cdk.access_string import AccessString
from elasticache_kit.cdk.argument import at_synth, typed, violation
from elasticache_kit.cdk.iam_user import IamUser
from elasticache_kit.cdk.no_password_user import NoPasswordUser
from elasticache_kit.cdk.password import generated_secret
from elasticache_kit.cdk.secret_rotation import Rotation
from elasticache_kit.cdk.sign_in import SignIn
from elasticache_kit.cdk.user_group import IUserGroup, UserGroup
from elasticache_kit.errors import ValidationError
from elasticache_kit.model.engine import Engine, EngineVersion
from elasticache_kit.model.rule import Violation, describe
from elasticache_kit.model.unknown import UNKNOWN
from elasticache_kit.model.user import AuthenticationModeSpec, UserSpec

if TYPE_CHECKING:
    from elasticache_kit.cdk.user import IUser

# See "Modifying the AUTH token on an existing cluster", https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html
FIRST_ROTATED = {Engine.REDIS: EngineVersion.of(Engine.REDIS, "5.0.6")}


class Authentication(ABC):
    """How clients sign in to a cache. Nothing of it is made before the cache is.

    CloudFormation replaces a cache, and its data, when an AUTH token is added to it or exchanged for a user group; the
    API could do either in place.
    """

    @staticmethod
    @typed
    def iam(*, access_string: AccessString | str | None = None) -> "Authentication":
        """Sign in with AWS credentials, as one user that is made with the cache.

        The best choice where it can be had, with Valkey 7.2 or Redis OSS 7.0 and later: there is no password to store,
        to rotate or to lose. Whoever connects needs a permission: `cache.grants.connect(grantee)`.

        Args:
            access_string: the rights of the user. Default: AccessString.application(), all keys and all commands but
                the dangerous ones.
        """
        return _Iam(AccessString.application().text if access_string is None else str(access_string))

    @staticmethod
    @typed
    def user_group(user_group: IUserGroup) -> "Authentication":
        """Sign in as the users of a group, each with rights and a way to sign in of its own."""
        return _Users(user_group)

    @staticmethod
    @typed
    def auth_token(
        *,
        secret: secretsmanager.ISecret | None = None,
        kms_key: kms.IKey | None = None,
        rotation: Rotation | None = None,
    ) -> "Authentication":
        """Sign in with one AUTH token that all clients share, and may do everything with.

        Secrets Manager makes the token up (64 letters and digits) and replaces it: at any time the cache takes the
        current token and the one before (ROTATE), or the current one alone (SET) with
        `Rotation(keep_previous=False)`. The template holds a reference to the secret and no token. For replication
        groups only.

        See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html

        Args:
            secret: a secret that exists, JSON with a `password`: 16 to 128 letters, digits and ! & # $ ^ < > -.
                Default: one of its own.
            kms_key: the key that the secret of its own is encrypted with. Default: Secrets Manager's.
            rotation: how often the token is replaced. Default: every 30 days, and never where `secret` is given.
        """
        return _AuthToken(secret, kms_key, rotation)

    @abstractmethod
    def spec(self, path: str, engine: Engine) -> dict[str, Any]:
        """Return what the ReplicationGroupSpec of the cache at this path says of it."""

    @abstractmethod
    def bind(self, scope: Construct, engine: Engine) -> SignIn:
        """Make what it takes inside of a cache, before the resource of the cache is made."""

    @abstractmethod
    def existing(self, path: str) -> SignIn:
        """Return it for a cache that exists, for which nothing can be made any more.

        Raises:
            ValidationError: it does not say which users or which secret there are.
        """

    def contradictions(self, version: EngineVersion) -> Iterator[Violation]:  # noqa: ARG002 - most work with any
        """Yield what a replication group of this version does not take and the rulebook cannot see."""
        return iter(())

    def serverless_spec(self, path: str, engine: Engine) -> dict[str, Any]:
        """Return what the ServerlessCacheSpec of the cache at this path says of it."""
        spec = self.spec(path, engine)
        spec["user_group_id"] = spec.pop("user_group_ids")[0]
        return spec

    def serverless_contradictions(self) -> Iterator[Violation]:
        """Yield what a serverless cache does not take."""
        return iter(())


@dataclass(frozen=True, slots=True)
class _Users(Authentication):
    group: IUserGroup

    def spec(self, path: str, engine: Engine) -> dict[str, Any]:  # noqa: ARG002 - the group has an engine of its own
        return SignIn(user_group=self.group).spec()

    def bind(self, scope: Construct, engine: Engine) -> SignIn:  # noqa: ARG002 - everything is made already
        return SignIn(user_group=self.group)

    def existing(self, path: str) -> SignIn:  # noqa: ARG002 - it is about the group and no cache
        return SignIn(user_group=self.group)


@dataclass(frozen=True, slots=True)
class _Iam(Authentication):
    access_string: str

    def spec(self, path: str, engine: Engine) -> dict[str, Any]:
        user = UserSpec(
            user_id=UNKNOWN,
            user_name=UNKNOWN,
            engine=engine.value,
            access_string=at_synth(self.access_string),
            authentication_mode=AuthenticationModeSpec(type="iam"),
        )
        # The group has no id yet; its path stands in, so that the rules about users speak.
        return {
            "user_group_ids": (f"{path}/UserGroup",),
            "user_group_engine": engine.value,
            "user_group_users": (user,),
        }

    def bind(self, scope: Construct, engine: Engine) -> SignIn:
        users: list[IUser] = [IamUser(scope, "User", engine=engine, access_string=self.access_string)]
        if engine is Engine.REDIS:
            # A group of Redis OSS needs one of this name. Nobody signs in as this one.
            users.append(NoPasswordUser(scope, "DefaultUser", user_name="default"))
        return SignIn(user_group=UserGroup(scope, "UserGroup", engine=engine, users=users))

    def existing(self, path: str) -> SignIn:
        raise _of_import(
            path,
            "Authentication.iam()",
            "it makes a user and a user group, and this cache has its own already",
            "import them: Authentication.user_group(UserGroup.from_user_group_id(..., users=[...]))",
        )


@dataclass(frozen=True, slots=True)
class _AuthToken(Authentication):
    secret: secretsmanager.ISecret | None
    kms_key: kms.IKey | None
    rotation: Rotation | None

    def spec(self, path: str, engine: Engine) -> dict[str, Any]:  # noqa: ARG002 - one token for all engines
        return {"auth_token": UNKNOWN}

    def bind(self, scope: Construct, engine: Engine) -> SignIn:  # noqa: ARG002 - one token for all engines
        if self.secret is not None:
            return SignIn(secret=self.secret, rotation=self.rotation)
        secret = generated_secret(
            scope, "AuthToken", description=f"AUTH token of {scope.node.path}", content="{}", kms_key=self.kms_key
        )
        return SignIn(secret=secret, rotation=self.rotation or Rotation())

    def existing(self, path: str) -> SignIn:
        if self.secret is None:
            raise _of_import(
                path,
                "Authentication.auth_token()",
                "it makes up a token, and this cache has its own already",
                "name the secret that holds it: Authentication.auth_token(secret=...)",
            )
        return SignIn(secret=self.secret, rotation=self.rotation)

    def contradictions(self, version: EngineVersion) -> Iterator[Violation]:
        rotated = self.rotation.enabled if self.rotation is not None else self.secret is None
        if rotated and not version.deferred and version < FIRST_ROTATED.get(version.engine, version):
            yield violation(
                "cdk-auth-token-rotation",
                "authentication",
                "Authentication.auth_token()",
                f"ElastiCache replaces AUTH tokens from valkey 7.2 or redis 5.0.6 on, not of {version}",
                "take a newer engine_version, or rotation=Rotation.never()",
            )

    def serverless_contradictions(self) -> Iterator[Violation]:
        yield violation(
            "cdk-serverless-auth-token",
            "authentication",
            "Authentication.auth_token()",
            "a serverless cache takes no AUTH token",
            "take Authentication.iam() or Authentication.user_group(...)",
        )

    def serverless_spec(self, path: str, engine: Engine) -> dict[str, Any]:  # noqa: ARG002 - see serverless_contradictions
        return {}


def _of_import(path: str, value: str, message: str, remedy: str) -> ValidationError:
    """Return the error of a way to sign in that cannot be that of a cache which exists."""
    mistake = violation("cdk-authentication-of-import", "authentication", value, message, remedy)
    return ValidationError(describe(path, [mistake]))
