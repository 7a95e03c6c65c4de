"""How a drill that was asked for gets into its group: as the environment and the options say."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from elasticache_kit.drills.access import Access, tls_context
from elasticache_kit.drills.iam_user import IamUser
from elasticache_kit.errors import ConnectionFailedError
from elasticache_kit.ops import secret

if TYPE_CHECKING:
    from elasticache_kit.drills.record import Record
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.session import Capability, Session


def of(
    api: Session,
    group: ReplicationGroup,
    username: str | None,
    secret_name: str | None = None,
    iam_user: str | None = None,
) -> Access:
    """Return how to get into a group.

    Args:
        api: where it is.
        group: the group.
        username: the user to sign in as; the default user when omitted.
        secret_name: the secret that holds the password; that of the environment is taken when omitted.
        iam_user: the user to sign in as with IAM tokens, in place of the two before; none when omitted.

    Raises:
        ConnectionFailedError: the user needs a password, the certificate authority or the secret cannot be read, or
            there are no credentials to sign tokens with.
        NotFoundError: there is no such secret.
        ValidationError: that is no id of a user.
        MissingToolError: what makes tokens is not installed.
    """
    capability = api.capability
    resolver = capability.resolver if capability is not None else None
    tls = tls_context(ca_file(capability)) if group.transit_encryption else None
    if iam_user is not None:
        tokens = IamUser(api, iam_user, group.replication_group_id)
        # As ElastiCache keeps it, and as it stands in the token.
        return Access(tls, iam_user.lower(), None, resolver, tokens)
    password = secret.password(api, secret_name) if secret_name else os.environ.get("ELASTICACHE_KIT_PASSWORD")
    if username and password is None:
        raise ConnectionFailedError(
            f"user {username!r} needs a password: set ELASTICACHE_KIT_PASSWORD, or --secret; a user with IAM is named "
            "by --iam-user"
        )
    return Access(tls, username, password, resolver)


def noted(access: Access, secret_name: str | None) -> Mapping[str, str]:
    """Return what a record has to tell of how a drill gets in, for whoever puts back what it left."""
    if access.tokens is not None:
        return {"iam_user": access.username or ""}
    told = {"username": access.username, "secret": secret_name}
    return {name: value for name, value in told.items() if secret_name and value}


def of_record(api: Session, group: ReplicationGroup, kept: Record) -> Access:
    """Return how to get into a group that a drill has left something in, as that drill did.

    Raises:
        ConnectionFailedError: as for `of`.
        NotFoundError: as for `of`.
        MissingToolError: as for `of`.
    """
    told = {name: value for change in kept.changes for name, value in change.what.items()}
    username = told.get("username") or os.environ.get("ELASTICACHE_KIT_USER")
    return of(api, group, username, told.get("secret"), told.get("iam_user"))


def ca_file(capability: Capability | None) -> str | None:
    """Return the certificate authority to trust: what the environment names, or that of a local ElastiCache."""
    local = capability.ca_file if capability is not None else None
    return os.environ.get("ELASTICACHE_KIT_CA_FILE") or local
