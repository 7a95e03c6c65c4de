"""How a drill that was asked for gets into its group: as the environment and the options say."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from elasticache_kit.drills.access import Access, tls_context
from elasticache_kit.errors import ConnectionFailedError
from elasticache_kit.ops import secret

if TYPE_CHECKING:
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.session import Capability, Session


def of(api: Session, group: ReplicationGroup, username: str | None, secret_name: str | None = None) -> Access:
    """Return how to get into a group.

    Args:
        api: where it is.
        group: the group.
        username: the user to sign in as; the default user when omitted.
        secret_name: the secret that holds the password; that of the environment is taken when omitted.

    Raises:
        ConnectionFailedError: the user needs a password, or the certificate authority or the secret cannot be read.
        NotFoundError: there is no such secret.
    """
    capability = api.capability
    password = secret.password(api, secret_name) if secret_name else os.environ.get("ELASTICACHE_KIT_PASSWORD")
    if username and password is None:
        raise ConnectionFailedError(f"user {username!r} needs a password: set ELASTICACHE_KIT_PASSWORD, or --secret")
    resolver = capability.resolver if capability is not None else None
    tls = tls_context(ca_file(capability)) if group.transit_encryption else None
    return Access(tls, username, password, resolver)


def noted(username: str | None, secret_name: str | None) -> Mapping[str, str]:
    """Return what a record has to tell of how a drill gets in, for whoever puts back what it left."""
    told = {"username": username, "secret": secret_name}
    return {name: value for name, value in told.items() if secret_name and value}


def ca_file(capability: Capability | None) -> str | None:
    """Return the certificate authority to trust: what the environment names, or that of a local ElastiCache."""
    local = capability.ca_file if capability is not None else None
    return os.environ.get("ELASTICACHE_KIT_CA_FILE") or local
