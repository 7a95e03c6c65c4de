"""IAM tokens: what a user of a cache signs in with, signed with the credentials of a session.

A token is good for 15 minutes, for one user at one cache.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from elasticache_kit.errors import ConnectionFailedError, MissingToolError, ValidationError
from elasticache_kit.ops.session import reaching

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session


def signer(session: Session, replication_group_id: str, user: str) -> Callable[[], str]:
    """Return what signs a new token each time that it is called, with AWS's own developer-toolkit-elasticache.

    Credentials are read anew each time, so that those of a role may expire meanwhile; what is returned raises
    ConnectionFailedError where there are none.

    Args:
        session: whose credentials and Region.
        replication_group_id: the group that tokens are good for.
        user: the user's id, which of a user with IAM is its name, too.

    Raises:
        ValidationError: that is no id of a user or of a group.
        MissingToolError: the toolkit is not installed.
        ConnectionFailedError: the credentials cannot be read.
    """
    try:
        from developer_toolkit_elasticache import ElastiCacheIAMAuthTokenProvider  # noqa: PLC0415 - where it is needed
        from developer_toolkit_elasticache.errors import ToolkitInputError  # noqa: PLC0415 - see above
    except ImportError as error:
        name = "developer-toolkit-elasticache"
        raise MissingToolError(
            name, ["`import` in this Python, because of a user with IAM"], ["pip install 'elasticache-kit[ops]'"]
        ) from error
    with reaching():
        # Of its profile, where one was named.
        credentials = session.factory.get_credentials() if session.factory is not None else None
    try:
        provider = ElastiCacheIAMAuthTokenProvider(
            user_id=user, region=session.region, replication_group_id=replication_group_id, credentials=credentials
        )
    except ToolkitInputError as error:
        raise ValidationError(
            f"no IAM token can be made for user {user!r} at {replication_group_id!r}: {error}"
        ) from error

    def token() -> str:
        try:
            with reaching():
                return provider.get_token()
        except ToolkitInputError as error:
            raise ConnectionFailedError(f"no IAM token can be made for user {user!r}: {error}") from error

    return token
