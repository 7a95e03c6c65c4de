"""A user of a cache as the rest of an app sees it, and what all kinds of users have in common.

See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html
"""

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Literal

from aws_cdk import ArnFormat, Resource, Stack
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from elasticache_kit.cdk.access_string import AccessString
from elasticache_kit.cdk.argument import at_synth, construct_path, warn
from elasticache_kit.cdk.name import lower_case, unique_name
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.identifier import LONGEST_USER_ID
from elasticache_kit.model.rule import refuse
from elasticache_kit.model.unknown import UNKNOWN
from elasticache_kit.model.user import AuthenticationModeSpec, UserSpec, check

AuthenticationType = Literal["iam", "password", "no-password-required"]


class IUser(Resource, ABC):
    """A user of a cache, made here or imported."""

    @property
    @abstractmethod
    def user_id(self) -> str:
        """The id, which a user group refers to."""

    @property
    @abstractmethod
    def user_name(self) -> str | None:
        """The name that clients sign in with; None where the user is imported and nobody told."""

    @property
    @abstractmethod
    def authentication_type(self) -> AuthenticationType:
        """How clients sign in as this user."""

    @property
    @abstractmethod
    def spec(self) -> UserSpec:
        """The user as the rulebook sees it, UNKNOWN where only a deployment knows."""

    @property
    def user_arn(self) -> str:
        """The ARN, which IAM policies name."""
        return user_arn(self, self.user_id)

    @property
    def secret(self) -> secretsmanager.ISecret | None:
        """The secret whose `password` clients sign in with; None where there is none or nobody told."""
        return None


class OwnedUser(IUser):
    """A user that is made here, up to the way to sign in."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        user_id: str | None,
        user_name: str | None,
        engine: Engine,
        access_string: AccessString | str | None,
        mode: AuthenticationModeSpec,
    ) -> None:
        path = construct_path(scope, construct_id)
        given_id = lower_case(user_id)
        known_id = UNKNOWN if given_id is None else at_synth(given_id)
        text = str(AccessString.application() if access_string is None else access_string)
        spec = UserSpec(
            user_id=known_id,
            user_name=known_id if user_name is None else at_synth(user_name),
            engine=engine.value,
            access_string=at_synth(text),
            authentication_mode=mode,
        )
        warnings = refuse(path, check(spec))

        super().__init__(scope, construct_id)
        self._user_id = unique_name(self, LONGEST_USER_ID) if given_id is None else given_id
        self._user_name = self._user_id if user_name is None else user_name
        self._engine = engine
        self._access_string = text
        self._spec = replace(spec, user_id=at_synth(self._user_id), user_name=at_synth(self._user_name))
        warn(self, warnings)

    def _build(self, passwords: list[str] | None = None) -> None:
        # A mapping, because CDK hands on the names of its own AuthenticationModeProperty in lower case.
        mode: dict[str, object] = {"Type": self.authentication_type}
        if passwords is not None:
            mode["Passwords"] = passwords
        self._resource = elasticache.CfnUser(
            self,
            "Resource",
            user_id=self._user_id,
            user_name=self._user_name,
            engine=self._engine.value,
            access_string=self._access_string,
            authentication_mode=mode,
        )

    @property
    def user_id(self) -> str:
        """The id, which a user group refers to."""
        return self._resource.ref

    @property
    def user_name(self) -> str:
        """The name that clients sign in with."""
        return self._user_name

    @property
    def user_arn(self) -> str:
        """The ARN, which IAM policies name."""
        return self._resource.attr_arn

    @property
    def spec(self) -> UserSpec:
        """The user as the rulebook sees it."""
        return self._spec


class ImportedUser(IUser):
    """A user that exists: what is told of it, and nothing else."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        user_id: str,
        user_name: str | None,
        engine: Engine | None,
        authentication_type: AuthenticationType,
        secret: secretsmanager.ISecret | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._user_id = lower_case(user_id)
        self._user_name = user_name
        self._engine = engine
        self._authentication_type: AuthenticationType = authentication_type
        self._secret = secret

    @property
    def user_id(self) -> str:
        """The id that was told."""
        return self._user_id

    @property
    def user_name(self) -> str | None:
        """The name, if the import told."""
        return self._user_name

    @property
    def authentication_type(self) -> AuthenticationType:
        """How clients sign in, as the import told."""
        return self._authentication_type

    @property
    def secret(self) -> secretsmanager.ISecret | None:
        """The secret, if the import told."""
        return self._secret

    @property
    def spec(self) -> UserSpec:
        """The user as the rulebook sees it: UNKNOWN what nobody told."""
        passwords = (UNKNOWN,) if self._authentication_type == "password" else None
        return UserSpec(
            user_id=at_synth(self._user_id),
            user_name=UNKNOWN if self._user_name is None else at_synth(self._user_name),
            engine=UNKNOWN if self._engine is None else self._engine.value,
            access_string=UNKNOWN,
            authentication_mode=AuthenticationModeSpec(type=self._authentication_type, passwords=passwords),
        )


def user_arn(scope: Construct, user_id: str) -> str:
    """Return the ARN of a user in the account and Region of a construct."""
    return Stack.of(scope).format_arn(
        service="elasticache", resource="user", resource_name=user_id, arn_format=ArnFormat.COLON_RESOURCE_NAME
    )
