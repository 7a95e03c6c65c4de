"""PasswordUser: a user with a password that Secrets Manager makes up, keeps and replaces."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from elasticache_kit.cdk.access_string import AccessString
from elasticache_kit.cdk.argument import typed
from elasticache_kit.cdk.password import generated_secret, password_reference
from elasticache_kit.cdk.secret_rotation import Rotation, SecretRotation
from elasticache_kit.cdk.user import AuthenticationType, ImportedUser, IUser, OwnedUser, user_arn
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.unknown import UNKNOWN
from elasticache_kit.model.user import AuthenticationModeSpec


class PasswordUser(OwnedUser):
    """Makes an AWS::ElastiCache::User with a password that Secrets Manager makes up, keeps and replaces.

    The secret is JSON: `username`, `password`, `user_arn`. The template holds a reference to it and no password. Let a
    client read it: `user.secret.grant_read(grantee)`, or `cache.inject_environment(function)` which does that too.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/User-Secrets-Manager.html

    Args:
        scope: the construct that this one is part of.
        construct_id: its id in that scope.
        user_id: the id, ASCII letters, digits and hyphens, made lower case. Default: one that is unique.
        user_name: the name that clients sign in with. Default: the id.
        engine: the engine; a Redis OSS cache takes only users of Redis OSS, a Valkey cache takes both. Default: Valkey.
        access_string: the rights. Default: AccessString.application(), all keys and all commands but the dangerous
            ones.
        secret: a secret that exists, JSON with a `password` of 16 to 128 characters. Default: one of its own.
        kms_key: the key that the secret of its own is encrypted with. Default: Secrets Manager's.
        rotation: how often the password is replaced. Default: every 30 days, and never where `secret` is given.

    Raises:
        ValidationError: an argument has the wrong type, or ElastiCache would refuse the user; the message lists every
            mistake.
    """

    @typed
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        user_id: str | None = None,
        user_name: str | None = None,
        engine: Engine = Engine.VALKEY,
        access_string: AccessString | str | None = None,
        secret: secretsmanager.ISecret | None = None,
        kms_key: kms.IKey | None = None,
        rotation: Rotation | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            user_id=user_id,
            user_name=user_name,
            engine=engine,
            access_string=access_string,
            mode=AuthenticationModeSpec(type="password", passwords=(UNKNOWN,)),
        )
        # The secret names the user by text, not by reference: the user refers to the secret already.
        names = {"username": self.user_name, "user_arn": user_arn(self, self._user_id)}
        self._secret = secret or generated_secret(
            self,
            "Secret",
            description=f"Password of the ElastiCache user {self.user_name}",
            content=Stack.of(self).to_json_string(names),
            kms_key=kms_key,
        )
        self._build([password_reference(self._secret)])
        wanted = rotation or (Rotation() if secret is None else Rotation.never())
        if wanted.enabled:
            SecretRotation(
                self,
                "Rotation",
                secret=self._secret,
                rotation=wanted,
                target={"USER_ID": self.user_id},
                statements=[
                    iam.PolicyStatement(
                        actions=["elasticache:DescribeUsers", "elasticache:ModifyUser"], resources=[self.user_arn]
                    )
                ],
            )

    @staticmethod
    @typed
    def from_user_attributes(
        scope: Construct,
        construct_id: str,
        *,
        user_id: str,
        user_name: str | None = None,
        engine: Engine | None = None,
        secret: secretsmanager.ISecret | None = None,
    ) -> IUser:
        """Import a user with a password.

        Args:
            scope: the construct that this one is part of.
            construct_id: its id in that scope.
            user_id: its id.
            user_name: the name that clients sign in with. Default: unknown.
            engine: its engine. Default: unknown, and no rule that needs it speaks.
            secret: the secret whose `password` it has. Default: unknown, and clients have to find it by themselves.
        """
        return ImportedUser(
            scope,
            construct_id,
            user_id=user_id,
            user_name=user_name,
            engine=engine,
            authentication_type="password",
            secret=secret,
        )

    @property
    def authentication_type(self) -> AuthenticationType:
        """How clients sign in as this user."""
        return "password"

    @property
    def secret(self) -> secretsmanager.ISecret:
        """The secret whose `password` clients sign in with."""
        return self._secret
