"""NoPasswordUser: a user that anybody may sign in as, good for the user `default` turned off."""

from constructs import Construct

from elasticache_kit.cdk.access_string import AccessString
from elasticache_kit.cdk.argument import typed
from elasticache_kit.cdk.user import AuthenticationType, ImportedUser, IUser, OwnedUser
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.user import AuthenticationModeSpec


class NoPasswordUser(OwnedUser):
    """Makes an AWS::ElastiCache::User that anybody may sign in as. ElastiCache takes such users for Redis OSS only.

    What it is good for: the user `default` that a user group of Redis OSS must have, turned off.

        NoPasswordUser(self, "DefaultUser", user_name="default")

    Args:
        scope: the construct that this one is part of.
        construct_id: its id in that scope.
        user_name: the name that clients sign in with.
        user_id: the id, ASCII letters, digits and hyphens, made lower case. Default: one that is unique.
        access_string: the rights. Default: AccessString.off(), nobody signs in.

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
        user_name: str,
        user_id: str | None = None,
        access_string: AccessString | str | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            user_id=user_id,
            user_name=user_name,
            engine=Engine.REDIS,
            access_string=AccessString.off() if access_string is None else access_string,
            mode=AuthenticationModeSpec(type="no-password-required"),
        )
        self._build()

    @staticmethod
    @typed
    def from_user_attributes(
        scope: Construct, construct_id: str, *, user_id: str, user_name: str | None = None
    ) -> IUser:
        """Import a user without a password.

        Args:
            scope: the construct that this one is part of.
            construct_id: its id in that scope.
            user_id: its id; `default` is the one that every account has, who may do everything.
            user_name: the name that clients sign in with. Default: unknown.
        """
        return ImportedUser(
            scope,
            construct_id,
            user_id=user_id,
            user_name=user_name,
            engine=Engine.REDIS,
            authentication_type="no-password-required",
        )

    @property
    def authentication_type(self) -> AuthenticationType:
        """How clients sign in as this user."""
        return "no-password-required"
