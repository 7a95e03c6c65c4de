"""A user of a replication group who signs in with IAM tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.ops import iam_token

if TYPE_CHECKING:
    from elasticache_kit.ops.session import Session


class IamUser:
    """Signs tokens for a user at a group, with the credentials of a session.

    Args:
        session: whose credentials.
        name: the user's name, which is its id, too.
        replication_group_id: the group that the tokens are good for.

    Raises:
        ValidationError: that is no id of a user.
        MissingToolError: what makes tokens is not installed.
        ConnectionFailedError: there are no credentials.
    """

    def __init__(self, session: Session, name: str, replication_group_id: str) -> None:
        self._session = session
        self._name = name
        self._token = iam_token.signer(session, replication_group_id, name)

    def sign(self) -> str:
        """Return a token that was signed now.

        Raises:
            ConnectionFailedError: there are no credentials to sign with.
        """
        return self._token()

    def at(self, replication_group_id: str) -> IamUser:
        """Return what signs for the same user at another group."""
        return IamUser(self._session, self._name, replication_group_id)
