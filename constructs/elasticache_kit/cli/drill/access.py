"""How a drill that was asked for gets into its group: as the environment and the options say."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from elasticache_kit.drills.access import Access, tls_context
from elasticache_kit.errors import ConnectionFailedError

if TYPE_CHECKING:
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.session import Capability


def of(group: ReplicationGroup, capability: Capability | None, username: str | None) -> Access:
    """Return how to get into a group.

    Args:
        group: the group.
        capability: the local ElastiCache's record; None means AWS.
        username: the user to sign in as; the default user when omitted.

    Raises:
        ConnectionFailedError: the user needs a password, or the certificate authority cannot be read.
    """
    password = os.environ.get("ELASTICACHE_KIT_PASSWORD")
    if username and password is None:
        raise ConnectionFailedError(f"user {username!r} needs a password: set ELASTICACHE_KIT_PASSWORD")
    resolver = capability.resolver if capability is not None else None
    tls = tls_context(ca_file(capability)) if group.transit_encryption else None
    return Access(tls, username, password, resolver)


def ca_file(capability: Capability | None) -> str | None:
    """Return the certificate authority to trust: what the environment names, or that of a local ElastiCache."""
    local = capability.ca_file if capability is not None else None
    return os.environ.get("ELASTICACHE_KIT_CA_FILE") or local
