"""IamUser: a user that signs in with AWS credentials."""

from constructs import Construct

from elasticache_kit.cdk.access_string import AccessString
from elasticache_kit.cdk.argument import typed
from elasticache_kit.cdk.name import lower_case
from elasticache_kit.cdk.user import AuthenticationType, ImportedUser, IUser, OwnedUser
from elasticache_kit.model.engine import Engine
from elasticache_kit.model.user import AuthenticationModeSpec


class IamUser(OwnedUser):
    """Makes an AWS::ElastiCache::User that signs in with AWS credentials: no password to store or to rotate.

    Its name is its id, as ElastiCache asks. Whoever connects needs a permission: `cache.grants.connect(grantee)`.

    See https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html

    Args:
        scope: the construct that this one is part of.
        construct_id: its id in that scope.
        user_id: the id and the name, ASCII letters, digits and hyphens, made lower case. Default: one that is unique.
        engine: the engine; a Redis OSS cache takes only users of Redis OSS, a Valkey cache takes both. Default: Valkey.
        access_string: the rights. Default: AccessString.application(), all keys and all commands but the dangerous
            ones.

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
        engine: Engine = Engine.VALKEY,
        access_string: AccessString | str | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            user_id=user_id,
            user_name=None,
            engine=engine,
            access_string=access_string,
            mode=AuthenticationModeSpec(type="iam"),
        )
        self._build()

    @staticmethod
    @typed
    def from_user_id(scope: Construct, construct_id: str, user_id: str, *, engine: Engine | None = None) -> IUser:
        """Import a user that signs in with IAM.

        Args:
            scope: the construct that this one is part of.
            construct_id: its id in that scope.
            user_id: its id, which is its name too.
            engine: its engine. Default: unknown, and no rule that needs it speaks.
        """
        return ImportedUser(
            scope,
            construct_id,
            user_id=user_id,
            user_name=lower_case(user_id),
            engine=engine,
            authentication_type="iam",
        )

    @property
    def authentication_type(self) -> AuthenticationType:
        """How clients sign in as this user."""
        return "iam"
