"""The credential of a drill: whose password it is, and the plan that replaces it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elasticache_kit.errors import RefusedError
from elasticache_kit.ops import auth_token, secret, user_password

if TYPE_CHECKING:
    from elasticache_kit.ops.inventory import ReplicationGroup
    from elasticache_kit.ops.plan import Plan
    from elasticache_kit.ops.session import Session


def plan(
    session: Session,
    group: ReplicationGroup,
    name: str,
    username: str | None,
    *,
    pause_seconds: float = 0.0,
    timeout_seconds: float = auth_token.TIMEOUT_SECONDS,
) -> Plan:
    """Plan the rotation of what clients of a group sign in with, by the same plans as the command `rotate`.

    Args:
        session: where.
        group: the group.
        name: the secret that holds it.
        username: the user whose password it is; the AUTH token of the group when None.
        pause_seconds: how long both work after the secret has the new one; no longer than needed when omitted.
        timeout_seconds: how long to wait for each change; an hour when omitted.

    Raises:
        RefusedError: it cannot be; the message has every reason.
        NotFoundError: there is no such secret or user.
        ConnectionFailedError: the API cannot be reached.
    """
    found = secret.observe(session, name)
    if username is not None:
        user = user_password.named(session, group.user_group_ids, username)
        return user_password.plan(user, found, pause_seconds=pause_seconds, timeout_seconds=timeout_seconds)
    if group.user_group_ids:
        raise RefusedError(
            f"rotation of the password in the secret {name}",
            [f"the clients of {group.replication_group_id} sign in as users: say whose it is with --username"],
        )
    return auth_token.plan(group, found, pause_seconds=pause_seconds, timeout_seconds=timeout_seconds)
